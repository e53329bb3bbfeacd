// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Weights cut into tiles that are read, quantized and written by themselves.

#ifndef OPTRUN_PASSES_QUANTIZE_TILING_H
#define OPTRUN_PASSES_QUANTIZE_TILING_H

#include "PanelWriter.h"

namespace optrun::quantize {

struct Tiling {
  std::vector<WeightTile> tiles; ///< in the order of storage
  bool inWholeColumns = false;   ///< PanelFormat::inWholeColumns
};

/// Tiles of \p layout for a tensor in the given order, codes of \p perByte in a byte.
/// \p blockSize: columns that stay together; all of them, if they are one block. Codes of turned
/// rows wait in memory for each other: a sixteenth of \p memoryBudget or less.
Tiling tile(const MatrixLayout &layout, Order order, uint64_t blockSize, uint64_t perByte,
            uint64_t memoryBudget);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_TILING_H
