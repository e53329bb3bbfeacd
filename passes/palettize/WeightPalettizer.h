// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Palettizes weights tile by tile, from where they are stored to the spool.

#ifndef OPTRUN_PASSES_PALETTIZE_WEIGHTPALETTIZER_H
#define OPTRUN_PASSES_PALETTIZE_WEIGHTPALETTIZER_H

#include "kernels/GroupPalettizer.h"

#include "optrun/Compression/Weights.h"
#include "optrun/Pass/PassContext.h"

namespace optrun::palettize {

/// How one weight is palettized.
struct PalettizationJob {
  ir::TensorRef tensor;
  MatrixLayout layout;
  PaletteSettings settings;
  /// Rows that share a table, > 0; layout.allRows() for one table. Rows of all matrices are counted
  /// through; the last group may have fewer.
  uint64_t rowsPerGroup = 1;
  /// Empty, or for each column how much squared errors in it count.
  llvm::ArrayRef<float> importance;

  uint64_t groupRows() const { return std::min(rowsPerGroup, layout.allRows()); }
  uint64_t groups() const;
  /// What is stored.
  uint64_t storedBytes() const;
};

/// Sources in the spool.
struct PalettizedWeight {
  ir::TensorSourceRef indices;   ///< [all rows, columns], packed by packCodes() as one stream
  ir::TensorSourceRef lut;       ///< [groups, 2^bits] of LutFormat::type, or of int8
  ir::TensorSourceRef lutScales; ///< [groups] of LutFormat::type; null unless LutFormat::int8
  ir::TensorSourceRef rowScales; ///< [all rows] of LutFormat::type; null unless scaleRows
  PaletteErrors errors;
  /// By how much, at most, the weighted squared error before tables are rounded is above the least
  /// one, as a part of it and beyond KMeans' 1e-9. 0 but for huge groups of floats and of scaled
  /// rows, and 2e-10 at most unless these are too hard for BinnedKMeans.
  double excess = 0;
};

/// Runs all jobs, in parallel over their tiles. Results do not depend on the number of threads.
/// Memory: tiles within the budget.
llvm::Expected<std::vector<PalettizedWeight>>
palettizeWeights(llvm::ArrayRef<PalettizationJob> jobs, PassContext &context);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_WEIGHTPALETTIZER_H
