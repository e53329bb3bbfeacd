// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Plans by time: Objective::Latency.

#ifndef OPTRUN_LIB_PLANNING_LATENCYSEARCH_H
#define OPTRUN_LIB_PLANNING_LATENCYSEARCH_H

#include "Feasibility.h"

#include <optional>

namespace optrun::planning {

class LatencySearch {
public:
  /// An error when times cannot be counted.
  static llvm::Expected<LatencySearch> create(const Workload &workload, const Blocks &blocks,
                                              const PlanOptions &options);

  /// The picoseconds of the slowest component; none if no plan keeps to the budgets.
  std::optional<uint64_t> best();
  /// Where the components after the first start, for the time that best() has found.
  std::vector<uint32_t> cuts();

private:
  LatencySearch(const Blocks &blocks, const PlanOptions &options)
      : blocks(blocks), budgets(options), count(budgets.count(blocks.size())), lowest(blocks) {}

  struct DeviceTimes {
    SegmentSum stage;
    std::vector<uint64_t> computing; // of all blocks before each position, transfers apart
  };
  const DeviceTimes &timesOf(uint32_t component) const {
    return times[budgets.areAlike() ? 0 : component];
  }

  std::vector<uint32_t> fill(uint64_t limit);
  std::optional<uint64_t> slowestOf(llvm::ArrayRef<uint32_t> ends) const;
  std::vector<Positions> possibleEnds(uint64_t limit);
  bool keepTo(llvm::ArrayRef<Positions> windows, TrialLimit &trial);

  const Blocks &blocks;
  Budgets budgets;
  uint32_t count; // of components, at most
  LowestStarts lowest;
  std::vector<DeviceTimes> times; // for each device
  uint64_t longestPlan = 0;       // no plan takes longer in all
  uint64_t slowest = 0;
};

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_LATENCYSEARCH_H
