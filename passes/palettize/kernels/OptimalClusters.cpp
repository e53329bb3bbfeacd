// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Method::Optimal: the search for the penalty that makes the wanted number of cells best.

#include "Clusters.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace optrun::palettize {
namespace {

/// Of errors that prefix sums may make, what is small beside the error itself.
constexpr double Negligible = 8e-10;

/// Guesses of the penalty before each has to be where two known partitions cost the same, which
/// cannot fail and may be slow.
constexpr unsigned MostGuesses = 12;

constexpr double Infinity = std::numeric_limits<double>::infinity();

} // namespace

/// The best partition for a penalty, read from the last cell to the first.
template <typename Costs>
void KMeans::partition(const Costs &costs, double penalty, Partition &out) {
  ++passCount;
  costs.partition(penalty, table);
  out.starts.clear();
  out.cost = 0;
  out.penalty = penalty;
  for (size_t end = points.size(); end != 0; end = out.starts.back()) {
    out.starts.push_back(table.lastStarts[end]);
    out.cost += costs.cost(out.starts.back(), end);
  }
  std::reverse(out.starts.begin(), out.starts.end());
}

/// Into `trial`, \p count cells from `fewer` and `more`, which cost the same. A cell of `fewer`
/// holds one of `more` such that the cells of `more` before it, a cell from where that begins to
/// where the one of `fewer` ends, and the cells of `fewer` after it are \p count together. By the
/// Monge property that is no worse.
void KMeans::splice(size_t count) {
  const size_t offset = count - fewer.size();
  const auto endOf = [&](const Partition &of, size_t cell) {
    return cell + 1 < of.size() ? of.starts[cell + 1] : points.size();
  };
  size_t cell = 0;
  while (endOf(more, cell + offset) > endOf(fewer, cell))
    ++cell;
  trial.starts.assign(more.starts.begin(), more.starts.begin() + cell + offset + 1);
  trial.starts.insert(trial.starts.end(), fewer.starts.begin() + cell + 1, fewer.starts.end());
  trial.penalty = savingPerCell();
}

/// By how much one more cell lowers the cost, were the points many and their density smooth:
/// (integral of the density's cube root)^3 / (6 count^3) (P. Panter and W. Dite, "Quantization
/// distortion in pulse-count modulation with nonuniform spacing of levels", 1951).
double KMeans::estimatePenalty(size_t count) const {
  const size_t pieces = std::min<size_t>(points.size() - 1, 256);
  double integral = 0;
  for (size_t piece = 0, begin = 0; piece != pieces; ++piece) {
    const size_t end = (piece + 1) * (points.size() - 1) / pieces;
    const double length = points.places[end] - points.places[begin];
    integral += std::cbrt((sums.weight[end] - sums.weight[begin]) * length * length);
    begin = end;
  }
  const double ratio = integral / static_cast<double>(count);
  // Cells of few random points cost less: measured.
  const double perCell = static_cast<double>(points.size()) / static_cast<double>(count);
  return ratio * ratio * ratio / 6 * (perCell / (perCell + 3.5));
}

/// Whether sums of costs and penalties told costs apart. The cost of a number of cells is at least
/// what one more would save; so a penalty that is larger than the cost leads to the same number.
bool KMeans::isResolved(const Partition &partition) {
  const double count = static_cast<double>(partition.size());
  return partition.penalty <= 4 * partition.cost ||
         partition.penalty * count * count * 0x1p-53 <= Negligible / 16 * partition.cost;
}

/// Where the costs of `fewer` and `more`, with penalties, are the same.
double KMeans::savingPerCell() const {
  return (fewer.cost - more.cost) / static_cast<double>(more.size() - fewer.size());
}

/// A penalty between those of `fewer` and `more`, as near to that for \p count cells as may be told
/// from them, one of which is \p last.
double KMeans::guessPenalty(size_t count, const Partition &last) const {
  const auto logarithm = [count](const Partition &of) {
    return std::log(static_cast<double>(of.size()) / static_cast<double>(count));
  };
  if (fewer.penalty == Infinity || more.penalty == 0)
    return last.penalty * std::exp(3 * logarithm(last));
  const double along = logarithm(fewer) / (logarithm(fewer) - logarithm(more));
  return fewer.penalty * std::pow(more.penalty / fewer.penalty, along);
}

/// Leaves a best partition into \p count cells in `trial`. False, with none, when \p costs are too
/// coarse to tell.
template <typename Costs> bool KMeans::search(const Costs &costs, size_t count) {
  fewer.starts.assign(1, 0);
  fewer.penalty = Infinity;
  fewer.cost = costs.cost(0, points.size());
  more.starts.resize(points.size());
  std::iota(more.starts.begin(), more.starts.end(), 0);
  more.penalty = more.cost = 0;
  double penalty = estimatePenalty(count);
  bool isGuess = true;
  for (unsigned pass = 1;; ++pass) {
    partition(costs, penalty, trial);
    const bool isCoarse = !(costs.errorBound() <= Negligible * trial.cost);
    if (isCoarse && trial.size() <= count)
      return false;
    if (!isCoarse && !isResolved(trial)) {
      penalty = 2 * trial.cost;
      continue;
    }
    if (trial.size() == count)
      return true;
    const double saving = savingPerCell();
    const auto totalOf = [saving](const Partition &of) {
      return of.cost + saving * static_cast<double>(of.size());
    };
    // Below the line between the two, or the best are on it. So the line falls: there is an end.
    if (!isGuess && !(totalOf(trial) < totalOf(fewer) * (1 - 0x1p-42))) {
      splice(count);
      return true;
    }
    Partition &side = trial.size() < count ? fewer : more;
    std::swap(side, trial);
    isGuess = pass < MostGuesses;
    penalty = isGuess ? guessPenalty(count, side) : savingPerCell();
  }
}

void KMeans::findOptimum(size_t count) {
  table.reset(points.size());
  sums.assign(points);
  if (search(sums, count)) {
    starts = trial.starts;
    measure();
    if (sums.errorBound() <= Negligible * clusters.squaredError)
      return;
  }
  halves.assign(points);
  search(halves, count);
  starts = trial.starts;
  measure();
}

} // namespace optrun::palettize
