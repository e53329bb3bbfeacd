// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which constants groups of nodes need: modules that are added up, units that are divided.

#ifndef OPTRUN_ANALYSIS_PAYLOADUSES_H
#define OPTRUN_ANALYSIS_PAYLOADUSES_H

#include "optrun/Analysis/Dataflow.h"
#include "optrun/IR/Package.h"

namespace optrun {

/// A node of no row: it folds constants, and what it is made of belongs to the rows of its users.
inline constexpr uint32_t NoRow = ~0u;

/// Payloads are numbered: tensors that share a source or a range of a file are one payload, as in
/// ir::weightBytes.
struct PayloadUses {
  std::vector<uint64_t> bytes; // of each payload, as stored
  /// Parameters in each: the elements of weights (isWeight()) and quantized biases, unpacked where
  /// an operator takes several in a byte; 0 for scales, zero points and everything else.
  std::vector<uint64_t> params;
  /// For each row, the payloads that its nodes use, directly, through nodes that fold constants, in
  /// nested graphs and in functions that they call; each once.
  std::vector<std::vector<uint32_t>> ofRow;
  std::vector<uint32_t> unused; // by no row
};

/// \p rowOf: the row of each node, below \p rows, or NoRow.
PayloadUses findPayloadUses(const ir::Component &component, const Dataflow &flow,
                            llvm::ArrayRef<uint32_t> rowOf, uint32_t rows);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_PAYLOADUSES_H
