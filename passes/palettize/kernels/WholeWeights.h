// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Importance as whole numbers: their sums are the same in any order.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_WHOLEWEIGHTS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_WHOLEWEIGHTS_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace optrun::palettize {

/// Sums of 2^65 weights and of 2^49 weights times 16 bits.
__extension__ using WholeSum = unsigned __int128;

/// Weights in multiples of a unit: 2^-62 of the power of two below the largest, rounded. Exact for
/// floats down to 2^-38 of the largest.
struct WholeWeights {
  std::vector<uint64_t> values; ///< below 2^63
  double unit = 1;

  /// \p importance: see isWeight(); what is none is 0.
  explicit WholeWeights(llvm::ArrayRef<float> importance);
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_WHOLEWEIGHTS_H
