// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A workload as planners see it: units between which no cut is allowed are one block, and what
/// a segment of blocks holds, receives or takes is a sum in which shared things count once.

#ifndef OPTRUN_LIB_PLANNING_BLOCKS_H
#define OPTRUN_LIB_PLANNING_BLOCKS_H

#include "optrun/Planning/Planner.h"

#include <memory>

namespace optrun::planning {

/// Uses of things that count once in a segment of blocks, a weight or a value. Of all uses in the
/// segment [start, end) the first counts, and none if the segment has the value's producer: a use
/// in block j counts if and only if the thing does not occur in [start, j). So each use has a
/// firstStart, one after the occurrence before it, and counts if firstStart <= start. With that,
/// sums over [start, end) need no sets, and nothing but the segment decides about them.
struct Uses {
  std::vector<uint32_t> begin;      // of the uses of each block, and the end
  std::vector<uint32_t> firstStart; // of each use; not above its block
};

/// A sum over segments of blocks.
struct SegmentSum {
  std::shared_ptr<const Uses> uses; // those that do not count for all starts
  std::vector<uint64_t> alone;      // of each block as a segment: all of its uses, and what else
  std::vector<uint64_t> amount;     // of each use

  /// What \p block adds to the segment from \p start to it.
  uint64_t added(uint32_t start, uint32_t block) const {
    uint64_t sum = alone[block];
    for (uint32_t use = uses->begin[block]; use < uses->begin[block + 1]; ++use)
      if (uses->firstStart[use] > start)
        sum -= amount[use];
    return sum;
  }
};

struct Blocks {
  std::vector<uint32_t> firstUnit;  // of each block, and the number of units
  SegmentSum stored;                // bytes of weights and caches
  std::vector<uint64_t> activation; // bytes; of each block's largest unit
  SegmentSum received;              // bytes of values

  uint32_t size() const { return static_cast<uint32_t>(firstUnit.size() - 1); }
  /// Bytes in memory of one block as a component.
  uint64_t footprint(uint32_t block) const { return stored.alone[block] + activation[block]; }
};

/// Every unit is a block, or every stretch of units from one that starts a layer to the next.
Blocks makeBlocks(const Workload &workload, bool onlyLayerBoundaries);

/// Picoseconds of segments on \p device. An error when they may reach CostLimit.
llvm::Expected<SegmentSum> stageTimes(const Workload &workload, const Blocks &blocks,
                                      const Device &device);

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_BLOCKS_H
