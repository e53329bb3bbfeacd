// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a border between two points costs.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_BORDERCOSTS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_BORDERCOSTS_H

#include "PenalizedPartition.h"

namespace optrun::palettize {

/// For each place before a point, and after the last one: what the best partition costs that has a
/// border there, penalties included.
struct BorderCosts {
  std::vector<double> costs;
  double errorBound = 0; ///< by which the costs may be wrong

  /// Right to at least \p tolerance, beside 1e-11 of themselves.
  BorderCosts(const Points &points, double penalty, double tolerance);
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_BORDERCOSTS_H
