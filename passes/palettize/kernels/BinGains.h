// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What values in bins may gain over their means: see BinnedKMeans.cpp.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_BINGAINS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_BINGAINS_H

#include "PenalizedPartition.h"

namespace optrun::palettize {

/// For the means \p m of bins, each with weight W and width h, and a given u > 0:
/// 2 W h^2 + min (h W d + (h W)^2 / (2 u w)), w being the weight of some of the points around m,
/// and d their mean distance from it. 0 where the width is.
class BinGains {
public:
  explicit BinGains(const Points &points);

  std::vector<double> of(llvm::ArrayRef<double> widths, double share) const;

private:
  /// Neighbouring points.
  struct Block {
    double weight, mean;
  };
  double gainOf(size_t point, double width, double share) const;

  /// Blocks of one point, of two, of four, ...
  std::vector<std::vector<Block>> levels;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_BINGAINS_H
