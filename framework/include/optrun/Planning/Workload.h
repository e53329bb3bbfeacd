// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a planner divides: units of work in order, what they hold, and the values between them.
/// Nothing here knows of ONNX.

#ifndef OPTRUN_PLANNING_WORKLOAD_H
#define OPTRUN_PLANNING_WORKLOAD_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace optrun::planning {

/// What is not divided: a leaf module, say.
struct Unit {
  std::string name; // for messages
  /// Numbers of the weights that it uses. Repeats do not count.
  llvm::SmallVector<uint32_t, 2> weights;
  /// Numbers of the values that it uses. Those of its own and repeats do not count.
  llvm::SmallVector<uint32_t, 2> inputs;
  /// What stays in memory between runs beside the weights: the KV cache.
  uint64_t cacheBytes = 0;
  /// The most bytes that live while the unit runs: its inputs, outputs and scratch.
  uint64_t activationBytes = 0;
  uint64_t flops = 0;
  /// Bytes that the unit reads and writes when it runs, weights included.
  uint64_t trafficBytes = 0;
  /// A cut just before this unit falls between layers.
  bool startsLayer = false;
};

/// A result of a unit.
struct Value {
  uint64_t bytes = 0;
  uint32_t producer = 0; // number of the unit
};

/// Units in topological order. What every component gets from outside (the model's inputs) and what
/// each computes for itself (a mask that is recomputed) is no value here.
struct Workload {
  std::vector<Unit> units;
  std::vector<uint64_t> weightBytes; // of each weight; tied weights are one weight
  std::vector<Value> values;
};

/// An error when a number points nowhere, a unit uses a value that a later one produces, or sums
/// cannot be counted: memory in 64 bits, values over all of their uses in 61.
llvm::Error checkWorkload(const Workload &workload);

} // namespace optrun::planning

#endif // OPTRUN_PLANNING_WORKLOAD_H
