// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What clustering the means of bins tells about the values.
///
/// Let f(C) be the squared error of the values with centres C, f'(C) that of the means of bins, V
/// what the values have around the means; W a bin's weight, h its width, m its mean, D how far m is
/// from the nearest centre. Values of a bin choose no worse than m does: f(C) <= f'(C) + V. They
/// choose better only in the at most count - 1 bins where two centres meet, and there by no more
/// than W (2 h D + h^2), because |x - c|^2 - |x - c'|^2 <= 4 |x - m| max(D, |x - m|), and |x - m|
/// is h / 2 in the mean, at most.
///
/// Where D > h, no centre is within D of m, so that f'(C) contains
/// E = sum of w (D - |x - m|)^2 over the means x within D of m, and the parts of two such bins have
/// nothing in common. For any part of them with weight w at a mean distance d, E >= w (D - d)^2.
/// Hence for any u > 0
///
///   2 h W D <= u E + min (2 h W d + (h W)^2 / (u w)),
///
/// and f(C) >= f'(C) + V - u f'(C) - G, G being the sum of the count - 1 largest of 3 W h^2 + that
/// minimum. So the centres found, with error f', are at most u f' + G above the best ones; and the
/// best ones have at most (f' + G) / (1 - u) by the means of bins. Bins that cannot hold a border
/// of such centres, by the Lagrangian bound on all partitions with that border, are never divided.

#include "BinnedKMeans.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

namespace optrun::palettize {
namespace {

/// Of costs with penalties, what rounding may change.
constexpr double Rounding = 1e-11;

/// For each number of points, from the first on, the least cost with a penalty for each cell.
std::vector<double> leastCosts(const Points &points, double penalty) {
  CellHalves halves;
  PartitionTable table;
  halves.assign(points);
  table.reset(points.size());
  halves.partition(penalty, table);
  table.costs.resize(points.size() + 1);
  return std::move(table.costs);
}

Points mirrored(const Points &points) {
  Points result = points;
  std::reverse(result.places.begin(), result.places.end());
  std::reverse(result.weights.begin(), result.weights.end());
  for (double &place : result.places)
    place = -place;
  return result;
}

} // namespace

/// Bins of positive weight as points at their means.
void BinnedKMeans::collapse(const BinSums &sums) {
  points = {};
  binOf.clear();
  for (size_t bin = 0; bin != valueBins.size(); ++bin) {
    const bool isOpen = valueBins[bin].isOpen;
    const double weight = isOpen ? sums.weight(bin) : known[bin].weight;
    if (weight == 0)
      continue;
    points.places.push_back(isOpen ? sums.mean(bin) : known[bin].mean);
    points.weights.push_back(weight);
    binOf.push_back(static_cast<uint32_t>(bin));
  }
}

/// h of a point's bin: 0 where it is not divided.
double BinnedKMeans::widthOf(size_t point) const {
  const ValueBins::Bin &bin = valueBins[binOf[point]];
  return bin.isOpen ? bin.width() : 0;
}

/// Sums over the points from each on to one side, as many as there are; all terms are positive.
class BinnedKMeans::SideSums {
public:
  SideSums(const Points &from, int direction)
      : places(from.places), step(direction), weights(from.weights), moments(from.size()) {}

  /// Twice as many points.
  void grow() {
    const auto size = static_cast<ptrdiff_t>(weights.size());
    const ptrdiff_t shift = step * length;
    for (ptrdiff_t i = step > 0 ? 0 : size - 1; i + shift >= 0 && i + shift < size; i += step) {
      moments[i] +=
          moments[i + shift] + weights[i + shift] * std::abs(places[i + shift] - places[i]);
      weights[i] += weights[i + shift];
    }
    length *= 2;
  }

  llvm::ArrayRef<double> places;
  ptrdiff_t step, length = 1;
  std::vector<double> weights, moments; ///< moments: of distances from the point
};

/// For each point what is summed up in G, for a given u.
std::vector<double> BinnedKMeans::gainsOf(double share) const {
  const size_t size = points.size();
  std::vector<double> gains(size, std::numeric_limits<double>::infinity());
  SideSums left(points, -1), right(points, 1);
  for (size_t length = 1; length <= size; length *= 2) {
    for (size_t i = 0; i != size; ++i) {
      const double product = widthOf(i) * points.weights[i];
      const double weight = left.weights[i] + right.weights[i] - points.weights[i];
      const double moment = left.moments[i] + right.moments[i];
      gains[i] = std::min(gains[i], product * (2 * moment + product / share) / weight);
    }
    left.grow();
    right.grow();
  }
  for (size_t i = 0; i != size; ++i)
    gains[i] += 3 * points.weights[i] * widthOf(i) * widthOf(i);
  return gains;
}

double BinnedKMeans::sumOfLargest(std::vector<double> gains) const {
  const size_t most = std::min(count - 1, gains.size());
  std::nth_element(gains.begin(), gains.begin() + most, gains.end(), std::greater<>());
  return std::accumulate(gains.begin(), gains.begin() + most, 0.0);
}

/// Chooses u: smaller ones, while they make u f' + G less.
double BinnedKMeans::boundGain() {
  const double error = clusters->squaredError;
  double least = std::numeric_limits<double>::infinity();
  for (double next = share;; next /= 4) {
    std::vector<double> candidate = gainsOf(next);
    const double sum = sumOfLargest(candidate), gain = next * error + sum;
    if (!(gain < least))
      return least;
    least = gain;
    share = next;
    gainSum = sum;
    gains = std::move(candidate);
  }
}

/// Whether a partition that costs no more than \p most may have a border before each point, and
/// after the last.
std::vector<bool> BinnedKMeans::possibleBorders(double most) const {
  const double penalty = kMeans.penalty();
  const std::vector<double> before = leastCosts(points, penalty);
  const std::vector<double> after = leastCosts(mirrored(points), penalty);
  const double limit =
      most + penalty * static_cast<double>(count) + Rounding * (before.back() + most);
  std::vector<bool> borders(points.size() + 1);
  for (size_t i = 0; i != borders.size(); ++i)
    borders[i] = before[i] + after[points.size() - i] <= limit;
  return borders;
}

/// So that gains are about the same everywhere: cutting a bin in two makes them an eighth.
std::vector<uint8_t> BinnedKMeans::chooseCuts(const std::vector<bool> &borders) const {
  std::vector<uint8_t> cuts(valueBins.size(), ValueBins::Closed);
  const auto cutOf = [&](size_t point, int level) {
    const int most = std::countr_zero(valueBins[binOf[point]].size);
    return gains[point] == 0
               ? 0
               : std::clamp((level + std::ilogb(gains[point])) / 3, 0, std::min(most, mostCuts()));
  };
  const auto isOpen = [&](size_t point) {
    return valueBins[binOf[point]].isOpen && (borders[point] || borders[point + 1]);
  };
  const auto fits = [&](int level) {
    uint64_t total = 0;
    for (size_t point = 0; point != points.size(); ++point)
      total += isOpen(point) ? uint64_t(1) << cutOf(point, level) : 0;
    return total <= MostBins;
  };
  int low = -2000, high = 2000; // beyond all exponents
  while (low + 1 < high) {
    const int middle = std::midpoint(low, high);
    (fits(middle) ? low : high) = middle;
  }
  for (size_t point = 0; point != points.size(); ++point)
    if (isOpen(point))
      cuts[binOf[point]] = static_cast<uint8_t>(cutOf(point, low));
  return cuts;
}

/// Cuts bins beside possible borders, and joins the points between.
void BinnedKMeans::refine(const std::vector<bool> &borders) {
  ValueBins next = valueBins.refined(chooseCuts(borders));
  known.assign(next.size(), {});
  for (size_t point = 0, bin = 0; point != points.size(); ++point) {
    while (next[bin].last() < valueBins[binOf[point]].first)
      ++bin;
    if (next[bin].isOpen)
      continue;
    Known &sum = known[bin];
    sum.weight += points.weights[point];
    sum.mean += (points.places[point] - sum.mean) * (points.weights[point] / sum.weight);
  }
  valueBins = std::move(next);
}

/// So that many bins are cut in few sweeps; but the two of Method::Uniform at once.
int BinnedKMeans::mostCuts() const { return method == Method::Optimal ? 8 : 16; }

uint64_t BinnedKMeans::memory() {
  // Costs of all partitions are found as costs of the best one.
  return 2 * KMeans::memory(MostBins + MostBins / 2);
}

bool BinnedKMeans::takeOptimal() {
  const double gain = boundGain(), error = clusters->squaredError;
  bound = gain == 0      ? 0
          : gain < error ? gain / (error - gain)
                         : std::numeric_limits<double>::infinity();
  if (bound <= NegligibleExcess || sweepCount == mostSweeps(method))
    return false;
  refine(possibleBorders((error + gainSum) / (1 - share)));
  return true;
}

bool BinnedKMeans::take(const BinSums &sums) {
  collapse(sums);
  clusters = &kMeans.cluster(method, points, count);
  ++sweepCount;
  if (points.size() == 0)
    return false;
  if (method == Method::Optimal)
    return takeOptimal();
  if (sweepCount == mostSweeps(method))
    return false;
  // Lloyd: all bins; uniform: those of the least and the largest value.
  std::vector<bool> borders(points.size() + 1, method == Method::Lloyd);
  borders.front() = borders.back() = true;
  gains = gainsOf(share);
  refine(borders);
  return true;
}

} // namespace optrun::palettize
