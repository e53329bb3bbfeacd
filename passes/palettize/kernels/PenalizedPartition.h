// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Partitions of sorted points into cells of neighbours, of any number, that minimize the sum over
/// cells of the weighted squared distance to the cell's mean plus a penalty for each cell.
///
/// A cell's cost is Monge: for a <= b <= c <= d, cost(a, c) + cost(b, d) <= cost(a, d) + cost(b,
/// c). So the best start of the last cell never moves back as points are added, and a start that
/// has become better than an earlier one stays so. (A. Grønlund et al., "Fast exact k-means,
/// k-medians and Bregman divergence clustering in 1D", 2017.)

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_PENALIZEDPARTITION_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_PENALIZEDPARTITION_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace optrun::palettize {

/// Points in ascending order.
struct Points {
  std::vector<double> places;  ///< distinct
  std::vector<double> weights; ///< positive

  size_t size() const { return places.size(); }
};

/// For each number of points from the first on: what their best partition costs, penalties
/// included, and where its last cell begins. Of equally good starts the first counts.
struct PartitionTable {
  std::vector<double> costs;
  std::vector<uint32_t> lastStarts;

  /// For partitions of \p points points.
  void reset(size_t points);
};

/// Sums over the first i points of weight, weight * place and weight * place^2, each rounded once;
/// places are from an origin among them, to lose less to cancellation.
class PrefixSums {
public:
  void assign(const Points &from);

  /// Fills \p table in O(n log n) steps.
  void partition(double penalty, PartitionTable &table) const;

  /// The cost of a cell, from \p begin to before \p end.
  double cost(size_t begin, size_t end) const {
    const double moment = first[end] - first[begin];
    return (second[end] - second[begin]) - moment * moment / (weight[end] - weight[begin]);
  }

  /// By how much rounding may make the cost of a partition of partition() worse than that of the
  /// best one with as many cells, at most: an absolute bound, whatever that number.
  double errorBound() const { return bound; }

  size_t size() const { return points; }

  // As many as there are points and one more; then some that may be read and do not matter.
  std::vector<double> weight, first, second;
  double origin = 0;

private:
  double boundErrors(const Points &from, double largestFirst, bool firstsAreExact,
                     bool weightsAreExact) const;

  size_t points = 0;
  double bound = 0;
};

/// The same for points that prefix sums are too coarse for: huge outliers, weights of very
/// different size. A cell is two halves that meet at a point of a fixed grid; their weight, mean
/// from that point, and cost are sums of numbers >= 0, so that nothing cancels: a cost is right to
/// some units in the last place for each point. Slower, and 24 n log2(n) bytes.
class CellHalves {
public:
  void assign(const Points &from);

  /// Fills \p table in O(n log n) steps.
  void partition(double penalty, PartitionTable &table) const;

  /// The cost of a cell, from \p begin to before \p end.
  double cost(size_t begin, size_t end) const;

  double errorBound() const { return 0; }

private:
  struct Half {
    double weight = 0, offset = 0, cost = 0; ///< offset: of the mean, >= 0
  };
  struct GrowingHalf;
  void extendFrom(const Points &from, size_t middle, size_t length, Half *level);

  size_t points = 0;
  std::vector<std::vector<Half>> levels; ///< where a cell's first and last index differ first
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_PENALIZEDPARTITION_H
