// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Penalized partitions by prefix sums, several candidates or several points at once.
///
/// Points are taken in blocks shorter than the cells around them. For the last point of a block,
/// the best start before the block is found among all that are not before the best start of the
/// point ahead of the block; the others lie between the two, found by halving, and for eight points
/// at a time. Should a start inside of the block be better for its last point, the block is done
/// again in parts; if none is, none is for the points before (see PenalizedPartition.h).

#include "PenalizedPartition.h"

// Compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/PrefixSums.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include <algorithm>
#include <bit>
#include <cmath>
#include <hwy/highway.h>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace optrun::palettize::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t LaneCount = 8;
using Tag = hn::CappedTag<double, LaneCount>;
using Vector = hn::Vec<Tag>;
constexpr size_t PartSize = hn::MaxLanes(Tag());

/// Prefix sums, at one place or several.
struct Sums {
  Vector weight, first, second;
};

class Pass {
public:
  Pass(const PrefixSums &of, double perCell, PartitionTable &table)
      : sums(of), penalty(perCell), costs(table.costs.data()), starts(table.lastStarts.data()) {}

  void run() {
    costs[0] = 0;
    starts[0] = 0;
    size_t longest = 1;
    for (size_t next = 1; next <= sums.size();) {
      const size_t size = blockSizeAt(next, longest);
      if (size <= 1)
        takeOne(next);
      else if (!takeBlock(next, size)) {
        longest = size / 2;
        continue;
      }
      longest = 2 * size;
      next += size;
    }
  }

private:
  struct Start {
    double cost; ///< without the penalty
    uint32_t index;
  };

  /// A power of two, at most half of the last cell; 0 where that is too short.
  size_t blockSizeAt(size_t next, size_t longest) const {
    longest = std::min(
        {longest, std::max<size_t>((next - starts[next - 1]) / 2, 1), sums.size() + 1 - next});
    return std::bit_floor(longest);
  }

  bool takeBlock(size_t begin, size_t size) {
    const size_t last = begin + size - 1, lower = starts[begin - 1];
    const Start best = bestStart(last, lower, begin);
    takeRange(begin, size, lower, best.index);
    return bestStart(last, begin, last).cost >= best.cost;
  }

  /// Points whose best starts are known to lie between two, both included.
  void takeRange(size_t begin, size_t size, size_t lower, size_t upper) {
    if (size <= LaneCount)
      return takeLanes(begin, size, lower, upper);
    const size_t half = size / 2;
    const size_t middle = bestStart(begin + half - 1, lower, upper + 1).index;
    takeRange(begin, half, lower, middle);
    takeRange(begin + half, half, middle, upper);
  }

  void takeOne(size_t point) {
    const Start best = bestStart(point, starts[point - 1], point);
    costs[point] = best.cost + penalty;
    starts[point] = best.index;
  }

  HWY_INLINE Sums loadSums(size_t place) const {
    const Tag tag;
    return {hn::LoadU(tag, sums.weight.data() + place), hn::LoadU(tag, sums.first.data() + place),
            hn::LoadU(tag, sums.second.data() + place)};
  }
  HWY_INLINE Sums setSums(size_t place) const {
    const Tag tag;
    return {hn::Set(tag, sums.weight[place]), hn::Set(tag, sums.first[place]),
            hn::Set(tag, sums.second[place])};
  }

  /// What the points before \p begin cost, and the cell from there to \p end. What is subtracted
  /// last is nearly as large: this order makes rounding errors add up to what errorBound() says.
  static HWY_INLINE Vector costOf(Vector before, const Sums &begin, const Sums &end) {
    const Vector first = hn::Sub(end.first, begin.first);
    const Vector explained = hn::Div(hn::Mul(first, first), hn::Sub(end.weight, begin.weight));
    return hn::Add(before, hn::Sub(hn::Sub(end.second, begin.second), explained));
  }

  /// The best start for the points before \p point, among \p begin to before \p end.
  HWY_INLINE Start bestStart(size_t point, size_t begin, size_t end) const {
    const Tag tag;
    const Vector none = hn::Set(tag, std::numeric_limits<double>::infinity());
    const Sums to = setSums(point);
    Vector best = none, bestIndex = hn::Zero(tag),
           index = hn::Iota(tag, static_cast<double>(begin));
    const auto consider = [&](size_t from, auto isCandidate) HWY_ATTR {
      const Vector cost = costOf(hn::LoadU(tag, costs + from), loadSums(from), to);
      const auto better = isCandidate(hn::Lt(cost, best));
      best = hn::IfThenElse(better, cost, best);
      bestIndex = hn::IfThenElse(better, index, bestIndex);
      index = hn::Add(index, hn::Set(tag, static_cast<double>(PartSize)));
    };
    size_t from = begin;
    for (; from + PartSize <= end; from += PartSize)
      consider(from, [](auto better) HWY_ATTR { return better; });
    if (from < end)
      consider(from, [&](auto better)
                         HWY_ATTR { return hn::And(better, hn::FirstN(Tag(), end - from)); });
    const Vector least = hn::MinOfLanes(tag, best);
    const Vector first = hn::MinOfLanes(tag, hn::IfThenElse(hn::Eq(best, least), bestIndex, none));
    return {hn::GetLane(least), static_cast<uint32_t>(hn::GetLane(first))};
  }

  /// At most eight points from \p point on; their best starts lie between two, both included. What
  /// is written beyond the last of them does not matter.
  HWY_INLINE void takeLanes(size_t point, size_t size, size_t lower, size_t upper) {
    const Tag tag;
    for (const size_t end = point + size; point < end; point += PartSize) {
      const Sums to = loadSums(point);
      Vector best = costOf(hn::Set(tag, costs[lower]), setSums(lower), to);
      Vector bestIndex = hn::Set(tag, static_cast<double>(lower));
      for (size_t from = lower + 1; from <= upper; ++from) {
        const Vector cost = costOf(hn::Set(tag, costs[from]), setSums(from), to);
        const auto better = hn::Lt(cost, best);
        best = hn::IfThenElse(better, cost, best);
        bestIndex = hn::IfThenElse(better, hn::Set(tag, static_cast<double>(from)), bestIndex);
      }
      hn::StoreU(hn::Add(best, hn::Set(tag, penalty)), tag, costs + point);
      const hn::Rebind<int32_t, Tag> narrow;
      hn::StoreU(hn::DemoteTo(narrow, bestIndex), narrow,
                 reinterpret_cast<int32_t *>(starts) + point);
    }
  }

  const PrefixSums &sums;
  const double penalty;
  double *const costs;
  uint32_t *const starts;
};

void partitionBySums(const PrefixSums &sums, double penalty, PartitionTable &table) {
  Pass(sums, penalty, table).run();
}

} // namespace
} // namespace optrun::palettize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::palettize {
namespace {

HWY_EXPORT(partitionBySums);

constexpr size_t Padding = 8;

/// A sum that is rounded once, whenever it is read (Ogita, Rump, Oishi: "Accurate sum and dot
/// product", 2005).
class AccurateSum {
public:
  void add(double value) {
    const double sum = rounded + value, added = sum - rounded;
    const double error = (rounded - (sum - added)) + (value - added);
    anyLost |= error != 0;
    lost += error;
    rounded = sum;
  }
  double get() const { return rounded + lost; }
  bool isExact() const { return !anyLost; }

private:
  double rounded = 0, lost = 0;
  bool anyLost = false;
};

/// The place next to the mean: differences from one of few bits are exact.
double originOf(const Points &points) {
  double weight = 0, moment = 0;
  for (size_t i = 0; i != points.size(); ++i) {
    weight += points.weights[i];
    moment += points.weights[i] * points.places[i];
  }
  return *std::lower_bound(points.places.begin(), points.places.end() - 1, moment / weight);
}

} // namespace

void PartitionTable::reset(size_t points) {
  costs.resize(points + 1 + Padding);
  lastStarts.resize(points + 1 + Padding);
}

void PrefixSums::assign(const Points &from) {
  points = from.size();
  origin = originOf(from);
  weight.resize(points + 1 + Padding);
  first.resize(points + 1 + Padding);
  second.resize(points + 1 + Padding);
  weight[0] = first[0] = second[0] = 0;
  AccurateSum weights, firsts, seconds;
  double largestFirst = 0;
  for (size_t i = 0; i != points; ++i) {
    const double place = from.places[i] - origin, moment = from.weights[i] * place;
    weights.add(from.weights[i]);
    firsts.add(moment);
    seconds.add(moment * place);
    weight[i + 1] = weights.get();
    first[i + 1] = firsts.get();
    second[i + 1] = seconds.get();
    largestFirst = std::max(largestFirst, std::abs(first[i + 1]));
  }
  bound = boundErrors(from, largestFirst, firsts.isExact(), weights.isExact());
}

/// By how much costs of partitions may be measured wrongly, to the finding and to the best one.
///
/// Let u = 2^-53, W the weight of all points, R the largest distance from the origin, F the largest
/// |first|. The sums after i points are wrong by f_i, |f_i| <= u F, and w_i, |w_i| <= u W. A cell
/// with mean m and weight c, which takes `first` by f and `weight` by w too large (differences of
/// these), explains instead of m^2 c
///
///   (m c + f)^2 / (c + w) = m^2 c + (2 m f - m^2 w + f^2 / c) / (1 + w / c).
///
/// Without the second order, the sum over cells is by parts: 2 |sum m f| <= 2 u F (R + the range of
/// m), |sum m^2 w| <= u W (R^2 + the variation of m^2, 2 R^2). What is left is at most
/// 32 (u W R)^2 / c for a cell, if |w| <= c / 2, because F <= W R and |f| and |w| are two errors.
///
/// The operations on a cell: two differences, a square, a quotient, which make 5 u of what it
/// explains; a difference of `second`, u of that; the last difference, u. Moments are rounded, by 2
/// u each, which is 2 |m| 2 u sum |moment| <= 4 u of the cell's second moment, as that of its mean
/// is. In all, 11 u of the second moments, which add up to the whole. `second` itself, at the end
/// of the last cell, is the same for all partitions. What sums of costs and penalties lose, KMeans
/// sees to.
double PrefixSums::boundErrors(const Points &from, double largestFirst, bool firstsAreExact,
                               bool weightsAreExact) const {
  constexpr double Unit = 0x1p-53;
  const double range = from.places.back() - from.places.front(), total = weight[points];
  const double farthest = std::max(origin - from.places.front(), from.places.back() - origin);
  double units = 12 * second[points]; // and what is of higher order in it
  if (!firstsAreExact)
    units += 2 * largestFirst * (range + farthest);
  if (!weightsAreExact)
    units += 3 * total * farthest * farthest;
  if (!firstsAreExact || !weightsAreExact) {
    const double least = *std::min_element(from.weights.begin(), from.weights.end());
    if (!(4 * Unit * total <= least))
      return std::numeric_limits<double>::infinity();
    const double moment = total * farthest;
    units += 32 * Unit * static_cast<double>(points) * moment * (moment / least);
  }
  return 2 * Unit * units;
}

void PrefixSums::partition(double penalty, PartitionTable &table) const {
  HWY_DYNAMIC_DISPATCH(partitionBySums)(*this, penalty, table);
}

} // namespace optrun::palettize
#endif
