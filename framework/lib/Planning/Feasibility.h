// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which ends components can have that keep to limits.

#ifndef OPTRUN_LIB_PLANNING_FEASIBILITY_H
#define OPTRUN_LIB_PLANNING_FEASIBILITY_H

#include "Blocks.h"

#include "llvm/ADT/BitVector.h"

#include <algorithm>
#include <map>

namespace optrun::planning {

/// The memory of the devices in order of the pipeline.
class Budgets {
public:
  explicit Budgets(const PlanOptions &options)
      : devices(options.devices), repeats(options.repeatDevice), components(options.components) {}

  uint64_t operator[](uint32_t component) const { return devices[repeats ? 0 : component].memory; }
  /// How many components there may be at most, of so many blocks.
  uint32_t count(uint32_t blocks) const;
  uint64_t largest() const;
  bool areAlike() const { return repeats; }

private:
  llvm::ArrayRef<Device> devices;
  bool repeats;
  uint32_t components;
};

/// A limit on trial. All that a search does depends on which numbers it accepts, so it would end
/// in the same way with every limit from largestAccepted to just below smallestRejected.
struct TrialLimit {
  uint64_t limit = std::numeric_limits<uint64_t>::max();
  uint64_t largestAccepted = 0;
  uint64_t smallestRejected = std::numeric_limits<uint64_t>::max();

  bool accepts(uint64_t number) {
    if (number > limit) {
      smallestRejected = std::min(smallestRejected, number);
      return false;
    }
    largestAccepted = std::max(largestAccepted, number);
    return true;
  }
};

/// The smallest limit with which \p succeeds(TrialLimit &) is true: \p low or more, and it is true
/// with \p high. Bisection, in as many steps as it takes to tell the numbers apart that occur.
template <typename Succeeds>
uint64_t smallestLimit(uint64_t low, uint64_t high, Succeeds succeeds) {
  while (low < high) {
    TrialLimit trial{low + (high - low) / 2};
    if (succeeds(trial))
      high = std::max(low, trial.largestAccepted);
    else
      low = trial.smallestRejected;
  }
  return low;
}

/// The end of the longest component from \p start with at most \p budget bytes; \p start if there
/// is none.
uint32_t furthestEnd(const Blocks &blocks, uint32_t start, uint64_t budget, TrialLimit &trial);

/// For each end, 0 … blocks, the first start of a component with at most \p budget bytes; the end
/// itself if there is none. Ascends. Linear in the uses.
std::vector<uint32_t> lowestStarts(const Blocks &blocks, uint64_t budget);

/// lowestStarts() for budgets; those that are equal share it.
class LowestStarts {
public:
  explicit LowestStarts(const Blocks &blocks) : blocks(blocks) {}

  const std::vector<uint32_t> &operator[](uint64_t budget) {
    std::vector<uint32_t> &lowest = byBudget[budget];
    if (lowest.empty())
      lowest = lowestStarts(blocks, budget);
    return lowest;
  }

private:
  const Blocks &blocks;
  std::map<uint64_t, std::vector<uint32_t>> byBudget;
};

/// Positions from first to last, between blocks; position p is before block p.
struct Positions {
  uint32_t first = 0, last = 0;
  uint32_t size() const { return last - first + 1; }
};

/// Those of the ends \p window that a component can have which begins in one of \p starts. Its
/// memory allows \p lowestStarts; the sum \p segment of it, a SlidingSum or SlidingFootprint that
/// is empty and before the first start, keeps to the limit on trial. Linear in the uses.
///
/// The segment's end only moves forward: ends up to there are known, as those of this start or,
/// when the limit keeps this start from them, of an earlier one.
template <typename Sliding>
llvm::BitVector endsOfComponents(const llvm::BitVector &starts, Positions window,
                                 llvm::ArrayRef<uint32_t> lowestStarts, Sliding segment,
                                 TrialLimit &trial) {
  llvm::BitVector ends(starts.size());
  const int last = starts.find_last();
  for (; static_cast<int>(segment.startBlock()) <= last && segment.endBlock() < window.last;
       segment.advance())
    while (starts.test(segment.startBlock()) && segment.endBlock() < window.last &&
           lowestStarts[segment.endBlock() + 1] <= segment.startBlock() &&
           trial.accepts(segment.extended())) {
      segment.extend();
      if (segment.endBlock() >= window.first)
        ends.set(segment.endBlock());
    }
  return ends;
}

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_FEASIBILITY_H
