// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Quantizes weights tile by tile, from where they are stored to the spool.

#ifndef OPTRUN_PASSES_QUANTIZE_WEIGHTQUANTIZER_H
#define OPTRUN_PASSES_QUANTIZE_WEIGHTQUANTIZER_H

#include "PanelWriter.h"
#include "kernels/BlockQuantizer.h"

#include "optrun/Pass/PassContext.h"

namespace optrun::quantize {

/// How one weight is quantized, and how the result is stored.
struct QuantizationJob {
  ir::TensorRef tensor;
  MatrixLayout layout;
  Grid grid;
  uint64_t blockSize = 0;   ///< along the columns; one block is a row: per channel
  bool isPerTensor = false; ///< one scale for everything, by Method::Rtn; blockSize does not count
  Order order = Order::Rows;
  Coding coding = Coding::Unsigned;
  bool keepsZeroPoints = false; ///< whether they are stored
  /// Empty, or for each column how much errors in it matter: see quantizeRow().
  llvm::ArrayRef<float> importance;

  uint64_t blocks() const { return isPerTensor ? 1 : (layout.columns + blockSize - 1) / blockSize; }
  /// Of a row with its padding.
  uint64_t paddedColumns() const { return blocks() * blockSize; }
  /// What is stored.
  uint64_t storedBytes() const;
};

/// Sources in the spool: codes [rows, columns], scales and zero points [rows, blocks], each in the
/// job's order, those of one scale for everything with one element. Padded rows: codes have
/// paddedColumns(), zero points begin with a byte in each row. Scales have Grid::scaleType.
struct QuantizedWeight {
  ir::TensorSourceRef codes, scales, zeroPoints; ///< zeroPoints is null when they are not kept
  BlockErrors errors;
};

/// Runs all jobs, in parallel over their tiles. Results do not depend on the number of threads.
/// Memory: tiles within the budget.
llvm::Expected<std::vector<QuantizedWeight>> quantizeWeights(llvm::ArrayRef<QuantizationJob> jobs,
                                                             PassContext &context);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_WEIGHTQUANTIZER_H
