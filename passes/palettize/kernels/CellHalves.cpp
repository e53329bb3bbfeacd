// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Penalized partitions by costs in which nothing cancels.

#include "PenalizedPartition.h"

#include <bit>
#include <cmath>

namespace optrun::palettize {

/// Grows a half by one point after the other. New values merge as in Chan, Golub, LeVeque,
/// "Updating formulae and a pairwise algorithm for computing sample variances", 1979. The mean is
/// kept from both ends: from the middle, it would be rounded too coarsely for points that are close
/// to it and far from there.
struct CellHalves::GrowingHalf {
  Half half = {};
  double place;     ///< of the last point, or the middle
  double ahead = 0; ///< of the mean, to there

  const Half &add(double next, double added) {
    const double distance = ahead + std::abs(next - place);
    const double weight = half.weight + added;
    const double share = added / weight, before = half.weight / weight;
    half = {weight, half.offset + distance * share,
            half.cost + distance * distance * (half.weight * share)};
    ahead = distance * before;
    place = next;
    return half;
  }
};

/// Halves of growing length on both sides of a point.
void CellHalves::extendFrom(const Points &from, size_t middle, size_t length, Half *level) {
  GrowingHalf left = {.place = from.places[middle]}, right = left;
  for (size_t i = middle; i != middle - length; --i)
    level[i - 1] = left.add(from.places[i - 1], from.weights[i - 1]);
  for (size_t i = middle; i != std::min(middle + length, points); ++i)
    level[i] = right.add(from.places[i], from.weights[i]);
}

void CellHalves::assign(const Points &from) {
  points = from.size();
  levels.resize(std::bit_width(points - 1));
  for (size_t level = 0; level != levels.size(); ++level) {
    levels[level].resize(points);
    const size_t length = size_t(1) << level;
    for (size_t middle = length; middle < points; middle += 2 * length)
      extendFrom(from, middle, length, levels[level].data());
  }
}

double CellHalves::cost(size_t begin, size_t end) const {
  const size_t last = end - 1;
  if (begin == last)
    return 0;
  const std::vector<Half> &level = levels[std::bit_width(begin ^ last) - 1];
  const Half &left = level[begin], &right = level[last];
  const double distance = left.offset + right.offset;
  return left.cost + right.cost +
         distance * distance * (left.weight * (right.weight / (left.weight + right.weight)));
}

/// A queue of starts, each the best from some point on.
void CellHalves::partition(double penalty, PartitionTable &table) const {
  struct Candidate {
    uint32_t start, from;
  };
  const auto costFrom = [&](size_t start, size_t end) {
    return table.costs[start] + cost(start, end);
  };
  // Where the costs of both cells are so large that rounding hides which start is better, the later
  // one counts as better: it is from there on, as far as costs tell, whereas the earlier one may be
  // worse than the later long before. Each sum loses at most a few units for each point.
  const double lost = static_cast<double>(points + 16) * 0x1p-49;
  const auto isBetter = [&](size_t later, size_t earlier, size_t end) {
    const double known = table.costs[earlier], cell = cost(earlier, end);
    return costFrom(later, end) <= (known + cell) * (1 + 0x1p-50) + cell * lost;
  };
  /// From which point on \p later is better than \p earlier; after the last if never.
  const auto overtakes = [&](size_t later, const Candidate &earlier) {
    size_t low = std::max<size_t>(later + 1, earlier.from), high = points + 1;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      if (isBetter(later, earlier.start, middle))
        high = middle;
      else
        low = middle + 1;
    }
    return low;
  };
  std::vector<Candidate> queue = {{0, 1}};
  size_t front = 0;
  table.costs[0] = 0;
  for (size_t end = 1; end <= points; ++end) {
    while (front + 1 != queue.size() && queue[front + 1].from <= end)
      ++front;
    table.costs[end] = costFrom(queue[front].start, end) + penalty;
    table.lastStarts[end] = queue[front].start;
    if (end == points)
      return;
    while (queue.size() - front > 1 && isBetter(end, queue.back().start, queue.back().from))
      queue.pop_back();
    const size_t from = overtakes(end, queue.back());
    if (from <= points)
      queue.push_back({static_cast<uint32_t>(end), static_cast<uint32_t>(from)});
  }
}

} // namespace optrun::palettize
