// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sums over a segment both of whose ends only move forward. A whole sweep takes linear time.

#ifndef OPTRUN_LIB_PLANNING_SLIDINGSEGMENT_H
#define OPTRUN_LIB_PLANNING_SLIDINGSEGMENT_H

#include "Blocks.h"

#include <algorithm>

namespace optrun::planning {

/// A sum over [startBlock, endBlock).
class SlidingSum {
public:
  /// Empty, before \p start; it gets no further than \p lastEnd.
  SlidingSum(const SegmentSum &sum, uint32_t start, uint32_t lastEnd)
      : sum(sum), first(start), start(start), end(start), later(lastEnd - start + 1) {}

  uint32_t startBlock() const { return start; }
  uint32_t endBlock() const { return end; }

  /// The sum once the next block has joined.
  uint64_t extended() const { return total + sum.added(start, end); }

  void extend() {
    total += sum.alone[end];
    const Uses &uses = *sum.uses;
    for (uint32_t use = uses.begin[end]; use < uses.begin[end + 1]; ++use)
      if (uses.firstStart[use] > start) {
        total -= sum.amount[use];
        later[uses.firstStart[use] - first] += sum.amount[use];
      }
    ++end;
  }

  /// The first block leaves; an empty segment moves on. Uses of other blocks begin to count where
  /// those of this block did.
  void advance() {
    if (start == end) {
      start = ++end;
      return;
    }
    total -= sum.alone[start]; // all of its uses counted: none has a firstStart after its block
    total += later[++start - first];
  }

private:
  const SegmentSum &sum;
  uint32_t first, start, end;
  uint64_t total = 0;
  std::vector<uint64_t> later; // for each start, what counts from it on
};

/// Bytes in memory.
class SlidingFootprint {
public:
  SlidingFootprint(const Blocks &blocks, uint32_t start, uint32_t lastEnd)
      : blocks(blocks), stored(blocks.stored, start, lastEnd) {}

  uint32_t startBlock() const { return stored.startBlock(); }
  uint32_t endBlock() const { return stored.endBlock(); }

  uint64_t extended() const {
    const uint64_t before = front < peaks.size() ? blocks.activation[peaks[front]] : 0;
    return stored.extended() + std::max(before, blocks.activation[endBlock()]);
  }

  void extend() {
    const uint64_t activation = blocks.activation[endBlock()];
    while (peaks.size() > front && blocks.activation[peaks.back()] <= activation)
      peaks.pop_back();
    peaks.push_back(endBlock());
    stored.extend();
  }

  void advance() {
    if (front < peaks.size() && peaks[front] == startBlock())
      ++front;
    stored.advance();
  }

private:
  const Blocks &blocks;
  SlidingSum stored;
  // Blocks from front on: each has more activation bytes than all that follow it in the segment.
  std::vector<uint32_t> peaks;
  size_t front = 0;
};

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_SLIDINGSEGMENT_H
