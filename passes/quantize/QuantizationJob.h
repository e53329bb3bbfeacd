// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What is made of one weight.

#ifndef OPTRUN_PASSES_QUANTIZE_QUANTIZATIONJOB_H
#define OPTRUN_PASSES_QUANTIZE_QUANTIZATIONJOB_H

#include "Panel.h"
#include "kernels/BlockQuantizer.h"

#include "optrun/IR/Tensor.h"

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
  /// Empty, or for each column how much errors in it matter: see quantizeRows().
  llvm::ArrayRef<float> importance;

  uint64_t blocks() const { return isPerTensor ? 1 : (layout.columns + blockSize - 1) / blockSize; }
  /// Of a row with its padding.
  uint64_t paddedColumns() const { return blocks() * blockSize; }
  /// What is stored.
  uint64_t storedBytes() const;

  PanelFormat codeFormat() const;
  /// Of blocks, one for each column; not per tensor.
  PanelFormat scaleFormat() const;
  PanelFormat zeroPointFormat() const;
};

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_QUANTIZATIONJOB_H
