// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What clustering the means of bins tells about the values.
///
/// Let f(C) be the squared error of the values with centres C, f'(C) that of the means of bins, V
/// what the values have around the means; W a bin's weight, h its width, m its mean, D how far m is
/// from the nearest centre. Values of a bin choose no worse than m does: f(C) <= f'(C) + V. They
/// choose better only where two centres meet within the bin, and then those on that side of m, by
/// no more than W (h D + h^2): |x - c|^2 - |x - c'|^2 <= 4 |x - m| max(D, |x - m|), and on either
/// side |x - m| adds up to W h / 4 at most, as it has the same sum on both. Centres meet in
/// count - 1 places, so that there are as many such sides; a bin may have two.
///
/// Where D > h, no centre is within D of m, so that f'(C) contains
/// E = sum of w (D - |x - m|)^2 over the means x within D of m, and the parts of two such bins have
/// nothing in common. For any part of them with weight w at a mean distance d, E >= w (D - d)^2.
/// Hence for any u > 0
///
///   h W D <= u E / 2 + min (h W d + (h W)^2 / (2 u w)),
///
/// and f(C) >= f'(C) + V - u f'(C) - G, G being the sum of the count - 1 largest of 2 W h^2 + that
/// minimum, each bin counted twice. So the centres found, with error f', are at most u f' + G above
/// the best ones; and the best ones have at most (f' + G) / (1 - u) by the means of bins. Bins that
/// cannot hold a border of such centres, by the Lagrangian bound on all partitions with that
/// border, are never divided.

#include "BinnedKMeans.h"

#include "BinGains.h"
#include "BorderCosts.h"

#include "llvm/Support/ErrorHandling.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

namespace optrun::palettize {
namespace {

/// Of costs with penalties, what rounding may change: CellHalves may lose some units for each
/// point.
constexpr double Rounding = 1e-9;

/// Beyond all exponents.
constexpr int LeastExponent = -4000, LargestExponent = 4000;

/// To single floats.
constexpr int MostCuts = 16;

} // namespace

/// Bins of positive weight as points at their means.
void BinnedKMeans::collapse(const BinSums &sums) {
  points = {};
  binOf.clear();
  isOpen.clear();
  widths.clear();
  for (size_t bin = 0; bin != valueBins.size(); ++bin) {
    const bool isCounted = valueBins[bin].isOpen;
    const double weight = isCounted ? sums.weight(bin) : known[bin].weight;
    if (weight == 0)
      continue;
    points.places.push_back(isCounted ? sums.mean(bin) : known[bin].mean);
    points.weights.push_back(weight);
    binOf.push_back(static_cast<uint32_t>(bin));
    isOpen.push_back(isCounted);
    widths.push_back(isCounted && sums.isSpread(bin) ? valueBins[bin].width() : 0);
  }
}

/// Of count - 1, each of `gains` taken twice.
double BinnedKMeans::sumOfLargest(llvm::ArrayRef<double> gains) const {
  std::vector<double> largest(std::min(count / 2, gains.size()));
  std::partial_sort_copy(gains.begin(), gains.end(), largest.begin(), largest.end(),
                         std::greater<>());
  double sum = 0;
  for (size_t i = 0; i != largest.size(); ++i)
    sum += 2 * i + 2 <= count - 1 ? 2 * largest[i] : largest[i];
  return sum;
}

/// Closes bins beside which no partition that costs at most \p most has a border.
void BinnedKMeans::closeBins(const BorderCosts &borders, double most) {
  const double limit = most + borders.errorBound + kMeans.penalty() * static_cast<double>(count) +
                       Rounding * (borders.costs.back() + most);
  for (size_t i = 0; i != points.size(); ++i)
    if (borders.costs[i] > limit && borders.costs[i + 1] > limit) {
      isOpen[i] = false;
      widths[i] = 0;
    }
}

/// So that gains are about the same everywhere, 2^-level, and bins not more than \p most: cutting
/// one in two makes its gain an eighth. Bins that are not open are closed.
std::vector<uint8_t> BinnedKMeans::chooseCuts(uint64_t most, int mostCuts, int mostLevel) const {
  struct Candidate {
    uint32_t bin;
    int exponent, most;
  };
  std::vector<Candidate> candidates;
  for (size_t point = 0; point != points.size(); ++point)
    if (isOpen[point])
      candidates.push_back({binOf[point],
                            gains[point] == 0 ? LeastExponent : std::ilogb(gains[point]),
                            std::min(std::countr_zero(valueBins[binOf[point]].size), mostCuts)});
  const auto cutOf = [](const Candidate &candidate, int level) {
    return std::clamp((level + candidate.exponent) / 3, 0, candidate.most);
  };
  const auto fits = [&](int level) {
    uint64_t total = 0;
    for (const Candidate &candidate : candidates)
      total += uint64_t(1) << cutOf(candidate, level);
    return total <= most;
  };
  int low = LeastExponent, high = std::max(mostLevel, low + 1) + 1;
  while (low + 1 < high) {
    const int middle = std::midpoint(low, high);
    (fits(middle) ? low : high) = middle;
  }
  std::vector<uint8_t> cuts(valueBins.size(), ValueBins::Closed);
  for (const Candidate &candidate : candidates)
    cuts[candidate.bin] = static_cast<uint8_t>(cutOf(candidate, low));
  return cuts;
}

/// Cuts bins, and joins the points of those that are closed.
void BinnedKMeans::refine(llvm::ArrayRef<uint8_t> cuts) {
  ValueBins next = valueBins.refined(cuts);
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

uint64_t BinnedKMeans::memory(size_t count) {
  // Costs of all partitions are found as costs of the best one.
  return 2 * KMeans::memory(mostBins(count) + mostBins(count) / 2);
}

/// Bins in which there may be other values than in the sample stay open.
void BinnedKMeans::takeSample() {
  gains.resize(points.size());
  for (size_t point = 0; point != points.size(); ++point)
    gains[point] = points.weights[point] * widths[point] * widths[point];
  constexpr uint64_t PerCluster = 4096, Least = uint64_t(1) << 15;
  const uint64_t wanted = std::clamp(PerCluster * count, Least, mostBins(count));
  std::vector<uint8_t> cuts = chooseCuts(wanted, MostCuts, LargestExponent);
  std::replace(cuts.begin(), cuts.end(), ValueBins::Closed, uint8_t(0));
  refine(cuts);
}

/// In few sweeps, many bins are cut; but by no more than gains have to fall.
std::vector<uint8_t> BinnedKMeans::cutsForGains() const {
  constexpr int MostCutsAtOnce = 10;
  double largest = 0;
  for (size_t point = 0; point != points.size(); ++point)
    largest = isOpen[point] ? std::max(largest, gains[point]) : largest;
  // A bound that is small becomes a quarter with each cut; twice more for bins that are cut less.
  if (bound > 0x1p-10 || largest == 0)
    return chooseCuts(mostBins(count), MostCutsAtOnce, LargestExponent);
  const int cuts = std::ilogb(bound / (NegligibleExcess / 32)) / 2 + 2;
  return chooseCuts(mostBins(count), MostCutsAtOnce, 3 * cuts - std::ilogb(largest));
}

/// Were G proportional to u^-1/2, as for many narrow bins, then u f' + G would be least with G = 2
/// u f'. By powers of two, which are the same on every processor.
void BinnedKMeans::chooseShare(double gainSum) {
  constexpr double MostShare = 0.25, MostRatio = 0x1p100;
  const double ratio = gainSum / (2 * share * clusters->squaredError);
  const int exponent = std::ilogb(std::clamp(ratio, 1 / MostRatio, MostRatio));
  share = std::min(MostShare, std::ldexp(share, exponent * 2 / 3));
}

/// Fewer bins that may hold a border make the bound less, and that leaves fewer such bins.
bool BinnedKMeans::takeOptimal() {
  constexpr double Infinity = std::numeric_limits<double>::infinity();
  const double error = clusters->squaredError;
  const BinGains binGains(points);
  std::optional<BorderCosts> borders;
  double before = bound = Infinity;
  for (unsigned round = 0; round < 2 || bound < 0.8 * before; ++round) {
    before = bound;
    gains = binGains.of(widths, share);
    const double sum = sumOfLargest(gains), gain = sum == 0 ? 0 : share * error + sum;
    bound = std::min(bound, gain < error ? gain / (error - gain) : gain == 0 ? 0 : Infinity);
    if (bound <= NegligibleExcess || sweepCount == mostSweeps(method))
      return false;
    if (!borders)
      borders.emplace(points, kMeans.penalty(), 4 * NegligibleExcess * error);
    closeBins(*borders, (error + sum) / (1 - share));
    chooseShare(sum);
  }
  refine(cutsForGains());
  return true;
}

/// Of the least and the largest value.
bool BinnedKMeans::takeUniform() {
  if (sweepCount == mostSweeps(method))
    return false;
  for (size_t i = 1; i + 1 < points.size(); ++i)
    isOpen[i] = false;
  gains.assign(points.size(), 1);
  refine(chooseCuts(mostBins(count), MostCuts, LargestExponent));
  return true;
}

bool BinnedKMeans::take(const BinSums &sums) {
  collapse(sums);
  if (++sweepCount == 1) {
    takeSample();
    return true;
  }
  clusters = &kMeans.cluster(method, points, count);
  if (points.size() == 0)
    return false;
  switch (method) {
  case Method::Optimal:
    return takeOptimal();
  case Method::Uniform:
    return takeUniform();
  case Method::Lloyd:
    return false;
  }
  llvm_unreachable("all methods");
}

} // namespace optrun::palettize
