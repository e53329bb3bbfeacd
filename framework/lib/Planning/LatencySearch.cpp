// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// In two steps: the fastest slowest component, by bisection over sets of possible ends; and among
/// plans with it the least time in all, then the fewest crossing bytes, by dynamic programming.
///
/// A component's time is no monotone function of it: with a block more at the front it may receive
/// less. So filling devices is not exact here, and the starts from which a component can reach an
/// end are no interval. But without transfers its time is monotone, and filling then gives bounds:
/// of the time, and of the positions where components can end.

#include "LatencySearch.h"

#include "CutSearch.h"
#include "SlidingSegment.h"

namespace optrun::planning {
namespace {

__extension__ using Wide = __int128;

/// Time first, then bytes. Neither sum reaches CostLimit, so that they stay apart.
struct TimeAndBytes {
  const SegmentSum &times, &received;
  Wide alone(uint32_t block) const { return pack(times.alone[block], received.alone[block]); }
  Wide amount(uint32_t use) const { return pack(times.amount[use], received.amount[use]); }

private:
  static Wide pack(uint64_t time, uint64_t bytes) { return (Wide(time) << 64) + Wide(bytes); }
};

} // namespace

llvm::Expected<LatencySearch> LatencySearch::create(const Workload &workload, const Blocks &blocks,
                                                    const PlanOptions &options) {
  LatencySearch search(blocks, options);
  for (uint32_t device = 0; device < (search.budgets.areAlike() ? 1 : search.count); ++device) {
    llvm::Expected<SegmentSum> stage = stageTimes(workload, blocks, options.devices[device]);
    if (!stage)
      return stage.takeError();
    DeviceTimes &times = search.times.emplace_back();
    times.stage = std::move(*stage);
    times.computing.reserve(blocks.size() + 1);
    times.computing.push_back(0);
    for (uint32_t block = 0; block < blocks.size(); ++block) // from 0 on, nothing is received
      times.computing.push_back(times.computing.back() + times.stage.added(0, block));
  }
  for (uint32_t block = 0; block < blocks.size(); ++block) {
    uint64_t longest = 0;
    for (const DeviceTimes &times : search.times)
      longest = std::max(longest, times.stage.alone[block]);
    search.longestPlan = std::min(search.longestPlan + longest, CostLimit);
  }
  if (search.longestPlan >= CostLimit)
    return llvm::createStringError(std::make_error_code(std::errc::result_out_of_range),
                                   "on these devices the model would run for weeks; check their "
                                   "flops and bandwidth, which count per second");
  return search;
}

/// Where components end, from 0 on, when each reaches as far as its memory and \p limit allow,
/// transfers apart. Some may be empty. No plan with this limit reaches further with as many.
std::vector<uint32_t> LatencySearch::fill(uint64_t limit) {
  std::vector<uint32_t> ends{0};
  for (uint32_t i = 0; i < count; ++i) {
    const uint32_t start = ends.back();
    const std::vector<uint32_t> &starts = lowest[budgets[i]];
    const std::vector<uint64_t> &computing = timesOf(i).computing;
    const auto byMemory = std::upper_bound(starts.begin() + start, starts.end(), start);
    const auto byTime =
        std::upper_bound(computing.begin() + start, computing.end(), computing[start] + limit);
    ends.push_back(
        static_cast<uint32_t>(std::min(byMemory - starts.begin(), byTime - computing.begin()) - 1));
  }
  return ends;
}

/// For each number of components from 0 on, where they can end in a plan with this limit; a few
/// positions more do no harm. What remains must be possible for the other devices, transfers apart.
std::vector<Positions> LatencySearch::possibleEnds(uint64_t limit) {
  const std::vector<uint32_t> furthest = fill(limit);
  std::vector<Positions> windows(count + 1);
  windows[count] = {blocks.size(), furthest[count]};
  for (uint32_t i = count; i-- > 0;) {
    const uint32_t end = windows[i + 1].first;
    const std::vector<uint64_t> &computing = timesOf(i).computing;
    const uint64_t least = computing[end] - std::min(limit, computing[end]);
    const auto byTime = std::lower_bound(computing.begin(), computing.end(), least);
    windows[i] = {
        std::max(lowest[budgets[i]][end], static_cast<uint32_t>(byTime - computing.begin())),
        furthest[i]};
  }
  return windows;
}

/// The slowest component of a plan that ends where the model does; none if \p ends are no plan.
std::optional<uint64_t> LatencySearch::slowestOf(llvm::ArrayRef<uint32_t> ends) const {
  uint64_t slowestTime = 0;
  for (uint32_t i = 0; i < count && ends[i] < blocks.size(); ++i) {
    uint64_t time = 0;
    for (uint32_t block = ends[i]; block < ends[i + 1]; ++block)
      time += timesOf(i).stage.added(ends[i], block);
    if (ends[i] == ends[i + 1])
      return std::nullopt;
    slowestTime = std::max(slowestTime, time);
  }
  return slowestTime;
}

bool LatencySearch::keepTo(llvm::ArrayRef<Positions> windows, TrialLimit &trial) {
  llvm::BitVector ends(blocks.size() + 1);
  ends.set(0);
  for (uint32_t i = 0; i < count && ends.any(); ++i) {
    const SlidingSum time(timesOf(i).stage, static_cast<uint32_t>(ends.find_first()),
                          blocks.size());
    ends = endsOfComponents(ends, windows[i + 1], lowest[budgets[i]], time, trial);
    if (ends.test(blocks.size()))
      return true;
  }
  return false;
}

std::optional<uint64_t> LatencySearch::best() {
  if (fill(longestPlan).back() < blocks.size())
    return std::nullopt;
  const uint64_t least = smallestLimit(0, longestPlan, [&](TrialLimit &trial) {
    trial.largestAccepted = trial.limit;
    trial.smallestRejected = trial.limit + 1;
    return fill(trial.limit).back() == blocks.size();
  });
  // The plan that is the fastest without transfers takes a little longer with them.
  std::optional<uint64_t> most = slowestOf(fill(least));
  if (!most) {
    TrialLimit noLimit;
    if (!keepTo(possibleEnds(longestPlan), noLimit))
      return std::nullopt;
    most = noLimit.largestAccepted;
  }
  const std::vector<Positions> windows = possibleEnds(*most);
  slowest = smallestLimit(least, *most, [&](TrialLimit &trial) { return keepTo(windows, trial); });
  return slowest;
}

std::vector<uint32_t> LatencySearch::cuts() {
  const std::vector<Positions> windows = possibleEnds(slowest);
  Frontier<Wide> frontier{windows[0], {0}};
  std::vector<ChosenStarts> chosen;
  std::optional<Wide> cheapest;
  size_t components = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const SegmentSum &stage = timesOf(i).stage;
    frontier =
        addComponent(*blocks.received.uses, TimeAndBytes{stage, blocks.received}, frontier,
                     windows[i + 1], {lowest[budgets[i]], &stage, slowest}, chosen.emplace_back());
    const std::optional<Wide> cost = frontier.costAt(blocks.size());
    if (cost && (!cheapest || *cost < *cheapest)) {
      cheapest = cost;
      components = i + 1;
    }
  }
  return traceCuts(llvm::ArrayRef(chosen).take_front(components), blocks.size());
}

} // namespace optrun::planning
