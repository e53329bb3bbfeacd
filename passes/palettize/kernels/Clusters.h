// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Weighted k-means of numbers: pure functions of the values, with the same result on every
/// processor.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_CLUSTERS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_CLUSTERS_H

#include "PenalizedPartition.h"
#include "WeightedValues.h"

namespace optrun::palettize {

/// How the centres are found.
enum class Method {
  Optimal, ///< of all choices the one with the least weighted squared error
  Lloyd,   ///< from a good guess, each to the mean of the values nearest to it, until none moves
  Uniform, ///< evenly spaced from the least to the largest value
};

struct Clusters {
  std::vector<double> centers; ///< ascending
  double squaredError = 0;     ///< weighted; with equal weights for all, of one each
};

/// Clusters the values of positive weight (all of them, equally weighted, where none is) into
/// \p count (> 0) clusters, or as many as there are distinct values. Keeps its memory from call to
/// call; results do not depend on earlier calls.
///
/// Method::Optimal is by Lagrangian search: for a penalty per cell, the best partition into any
/// number of cells takes O(n log n) steps, and that number falls with the penalty. Costs are convex
/// in the number, so each number is reached, if only by splicing two equally good partitions with
/// fewer and with more cells (A. Aggarwal, B. Schieber, T. Tokuyama, "Finding a minimum-weight
/// k-link path in graphs with the concave Monge property and applications", 1994). Its error is at
/// most 1e-9 of itself above the least.
class KMeans {
public:
  /// Stays valid until the next call.
  const Clusters &cluster(Method method, const WeightedValues &values, size_t count);

  /// The same for points.
  const Clusters &cluster(Method method, Points given, size_t count);

  /// About how many bytes are taken for so many values, at most.
  static uint64_t memory(uint64_t values);

  /// Penalized partitions that the last call took.
  unsigned passes() const { return passCount; }

  /// A penalty for which the last result of Method::Optimal is a best partition.
  double penalty() const { return trial.penalty; }

private:
  struct Partition {
    double penalty, cost; ///< the cost is without penalties
    std::vector<uint32_t> starts;

    size_t size() const { return starts.size(); }
  };

  void assignPoints(const WeightedValues &values);
  const Clusters &clusterPoints(Method method, size_t count);
  template <typename Costs> bool search(const Costs &costs, size_t count);
  template <typename Costs> void partition(const Costs &costs, double penalty, Partition &out);
  void splice(size_t count);
  static bool isResolved(const Partition &partition);
  double estimatePenalty(size_t count) const;
  double savingPerCell() const;
  double guessPenalty(size_t count, const Partition &last) const;
  void findOptimum(size_t count);
  double centersBehind(size_t point) const;
  void guessCells(size_t count);
  void iterateLloyd(size_t count);
  void measure();
  void spaceEvenly(size_t count);
  size_t endOfCell(size_t cell) const;

  Points points;
  PrefixSums sums;
  CellHalves halves;
  PartitionTable table;
  Partition fewer, more, trial;
  std::vector<uint32_t> starts; ///< of each cell
  Clusters clusters;
  unsigned passCount = 0;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_CLUSTERS_H
