// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checks what the planner relies on.

#include "optrun/Planning/Workload.h"

#include "CostLimit.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

namespace optrun::planning {
namespace {

llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

} // namespace

llvm::Error checkWorkload(const Workload &workload) {
  constexpr uint64_t most = std::numeric_limits<uint64_t>::max();
  // Positions before and after units are counted in 31 bits.
  if (workload.units.size() >= std::numeric_limits<int32_t>::max())
    return failure("there are too many units to plan");
  const size_t weights = workload.weightBytes.size(), values = workload.values.size();
  for (size_t value = 0; value < values; ++value)
    if (workload.values[value].producer >= workload.units.size())
      return failure("value " + llvm::Twine(value) + " is produced by unit " +
                     llvm::Twine(workload.values[value].producer) + ", but there are " +
                     llvm::Twine(workload.units.size()) + " units");

  uint64_t memory = 0, activation = 0, uses = 0, flops = 0, traffic = 0;
  for (uint64_t bytes : workload.weightBytes)
    memory = llvm::SaturatingAdd(memory, bytes);
  for (size_t number = 0; number < workload.units.size(); ++number) {
    const Unit &unit = workload.units[number];
    for (uint32_t weight : unit.weights)
      if (weight >= weights)
        return failure("'" + unit.name + "' uses weight " + llvm::Twine(weight) +
                       ", but there are " + llvm::Twine(weights));
    for (uint32_t value : unit.inputs) {
      if (value >= values)
        return failure("'" + unit.name + "' uses value " + llvm::Twine(value) + ", but there are " +
                       llvm::Twine(values));
      const Value &input = workload.values[value];
      if (input.producer > number)
        return failure("'" + unit.name + "' uses a result of '" +
                       workload.units[input.producer].name +
                       "', which comes later; units must be in topological order");
      uses = llvm::SaturatingAdd(uses, input.bytes);
    }
    memory = llvm::SaturatingAdd(memory, unit.cacheBytes);
    activation = std::max(activation, unit.activationBytes);
    flops = llvm::SaturatingAdd(flops, unit.flops);
    traffic = llvm::SaturatingAdd(traffic, unit.trafficBytes);
  }
  if (llvm::SaturatingAdd(memory, activation) == most)
    return failure("the weights, caches and activations add up to more than 64 bits can count");
  if (uses >= CostLimit)
    return failure("the values that units use add up to more than 61 bits can count");
  if (flops == most || traffic == most)
    return failure("the FLOPs or the memory traffic add up to more than 64 bits can count");
  return llvm::Error::success();
}

} // namespace optrun::planning
