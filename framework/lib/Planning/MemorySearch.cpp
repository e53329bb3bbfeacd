// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// In three steps: how many components; the smallest maximum of so many, by bisection; and among
/// plans with this maximum the fewest crossing bytes, by dynamic programming.
///
/// Where every block fits on every device, filling one device after the other as far as it goes is
/// exact. Let r(a) be the furthest end of a component from a. Memory grows with the component at
/// both ends, so r never falls; and r(a) > a. If i components can end at all of i … p, then
/// i + 1 can end at all of i + 1 … r(p), and no further. So after i components all ends are
/// possible up to the one that filling reaches, and more components than filling takes are possible
/// too, up to the number of blocks. Where a device cannot hold every block there may be gaps, and
/// the sets of possible ends are kept instead.

#include "MemorySearch.h"

#include "CutSearch.h"
#include "SlidingSegment.h"

namespace optrun::planning {
namespace {

struct ReceivedBytes {
  const SegmentSum &received;
  int64_t alone(uint32_t block) const { return static_cast<int64_t>(received.alone[block]); }
  int64_t amount(uint32_t use) const { return static_cast<int64_t>(received.amount[use]); }
};

/// What each component may hold in a plan with a known maximum.
struct Caps {
  const Budgets &budgets;
  uint64_t maximum;
  uint64_t operator[](uint32_t component) const { return std::min(budgets[component], maximum); }
};

/// For each number of components from 0 on, where they can end: no further than filling reaches,
/// not so early that the rest cannot hold what remains, and with a block for each. A few more
/// positions than possible do no harm.
std::vector<Positions> possibleEnds(const Blocks &blocks, Caps caps, uint32_t components,
                                    LowestStarts &lowest) {
  std::vector<Positions> ends(components + 1);
  TrialLimit noLimit;
  for (uint32_t i = 0; i < components; ++i)
    ends[i + 1].last = std::min(furthestEnd(blocks, ends[i].last, caps[i], noLimit),
                                blocks.size() - (components - i - 1));
  ends[components].first = blocks.size();
  for (uint32_t i = components; i-- > 0;)
    ends[i].first = std::max(lowest[caps[i]][ends[i + 1].first], i);
  return ends;
}

} // namespace

llvm::Expected<MemorySearch> MemorySearch::create(const Workload &, const Blocks &blocks,
                                                  const PlanOptions &options) {
  MemorySearch search(blocks, options);
  for (uint32_t block = 0; block < blocks.size(); ++block)
    search.largestBlock = std::max(search.largestBlock, blocks.footprint(block));
  return search;
}

std::optional<uint64_t> MemorySearch::best() {
  if (options.objective == Objective::Fewest || (options.repeatDevice && options.components == 0)) {
    components = fewest();
    return components == 0 ? std::nullopt : std::optional<uint64_t>(components);
  }
  components =
      options.components != 0 ? options.components : static_cast<uint32_t>(options.devices.size());
  TrialLimit noLimit;
  if (components > blocks.size() || !keepTo(noLimit))
    return std::nullopt;
  return components;
}

bool MemorySearch::eachBlockFits(uint32_t count) const {
  for (uint32_t component = 0; component < (budgets.areAlike() ? 1 : count); ++component)
    if (largestBlock > budgets[component])
      return false;
  return true;
}

/// Where component \p component can end when the one before it can end at \p ends.
llvm::BitVector MemorySearch::nextEnds(const llvm::BitVector &ends, uint32_t component,
                                       TrialLimit &trial) {
  if (ends.none())
    return ends;
  const auto first = static_cast<uint32_t>(ends.find_first());
  return endsOfComponents(ends, {0, blocks.size()}, lowest[budgets[component]],
                          SlidingFootprint(blocks, first, blocks.size()), trial);
}

/// 0 if the budgets cannot be kept.
uint32_t MemorySearch::fewest() {
  const uint32_t most = budgets.count(blocks.size());
  TrialLimit noLimit;
  if (eachBlockFits(most)) {
    uint32_t count = 0;
    for (uint32_t end = 0; end < blocks.size(); ++count) {
      if (count == most)
        return 0;
      end = furthestEnd(blocks, end, budgets[count], noLimit);
    }
    return count;
  }
  if (budgets.areAlike())
    return 0;
  llvm::BitVector ends(blocks.size() + 1);
  ends.set(0);
  for (uint32_t count = 0; count < most && ends.any(); ++count) {
    ends = nextEnds(ends, count, noLimit);
    if (ends.test(blocks.size()))
      return count + 1;
  }
  return 0;
}

/// Whether exactly as many components can keep to the budgets and to a limit that every block
/// keeps to.
bool MemorySearch::keepTo(TrialLimit &trial) {
  uint32_t reached = 0;
  for (uint32_t i = 0; i < components && reached < blocks.size(); ++i)
    reached = furthestEnd(blocks, reached, budgets[i], trial);
  if (reached < blocks.size() || eachBlockFits(components))
    return reached == blocks.size();
  // Filling has left a device empty, perhaps.
  llvm::BitVector ends(blocks.size() + 1);
  ends.set(0);
  for (uint32_t i = 0; i < components; ++i)
    ends = nextEnds(ends, i, trial);
  return ends.test(blocks.size());
}

uint64_t MemorySearch::smallestMaximum() {
  uint64_t stored = 0;
  for (uint32_t block = 0; block < blocks.size(); ++block)
    stored += blocks.stored.added(0, block);
  // The components together hold all of it at least once.
  const uint64_t share = stored / components + (stored % components != 0 ? 1 : 0);
  TrialLimit noLimit;
  keepTo(noLimit);
  return smallestLimit(std::max(largestBlock, share), noLimit.largestAccepted,
                       [&](TrialLimit &trial) { return keepTo(trial); });
}

std::vector<uint32_t> MemorySearch::cuts() {
  if (components == 1)
    return {};
  const Caps caps{budgets, smallestMaximum()};
  const std::vector<Positions> ends = possibleEnds(blocks, caps, components, lowest);
  Frontier<int64_t> frontier{ends[0], {0}};
  std::vector<ChosenStarts> chosen(components);
  for (uint32_t i = 0; i < components; ++i)
    frontier = addComponent(*blocks.received.uses, ReceivedBytes{blocks.received}, frontier,
                            ends[i + 1], {lowest[caps[i]]}, chosen[i]);
  return traceCuts(chosen, blocks.size());
}

} // namespace optrun::planning
