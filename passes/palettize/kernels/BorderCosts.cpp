// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The best partitions of all points before a border, and of all after it.

#include "BorderCosts.h"

#include <algorithm>

namespace optrun::palettize {
namespace {

Points mirrored(const Points &points) {
  Points result = points;
  std::reverse(result.places.begin(), result.places.end());
  std::reverse(result.weights.begin(), result.weights.end());
  for (double &place : result.places)
    place = -place;
  return result;
}

/// Adds, for each number of points from the first on, what their best partition costs.
template <typename Costs>
void addCosts(const Costs &costs, double penalty, PartitionTable &table,
              llvm::MutableArrayRef<double> sums) {
  table.reset(sums.size() - 1);
  costs.partition(penalty, table);
  for (size_t i = 0; i != sums.size(); ++i)
    sums[i] += table.costs[i];
}

/// By the costs of cells that \p Costs has.
template <typename Costs>
double costsOfBorders(const Points &points, double penalty, std::vector<double> &sums) {
  Costs cells;
  PartitionTable table;
  sums.assign(points.size() + 1, 0);
  cells.assign(mirrored(points));
  double errorBound = cells.errorBound();
  addCosts(cells, penalty, table, sums);
  std::reverse(sums.begin(), sums.end());
  cells.assign(points);
  errorBound += cells.errorBound();
  addCosts(cells, penalty, table, sums);
  return errorBound;
}

} // namespace

BorderCosts::BorderCosts(const Points &points, double penalty, double tolerance) {
  errorBound = costsOfBorders<PrefixSums>(points, penalty, costs);
  if (!(errorBound <= tolerance))
    errorBound = costsOfBorders<CellHalves>(points, penalty, costs);
}

} // namespace optrun::palettize
