// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Dynamic programming over the ends of components: the cheapest cuts, when the cost of a plan is
/// the sum of its components' costs.

#ifndef OPTRUN_LIB_PLANNING_CUTSEARCH_H
#define OPTRUN_LIB_PLANNING_CUTSEARCH_H

#include "Feasibility.h"
#include "SuffixMinimum.h"

#include <optional>

namespace optrun::planning {

/// The cost of the segment [start, end), for one end after the other and all starts at once: when
/// a block joins, each use in it raises all starts from its firstStart on.
template <typename Number, typename Cost> class OpenSegments {
public:
  /// \p cost: the numbers of a SegmentSum: alone(block), amount(use).
  OpenSegments(const Uses &uses, const Cost &cost, Positions starts)
      : uses(uses), cost(cost), starts(starts), minima(starts.size()) {}

  /// The next block joins all segments; begins one with it unless \p before says that nothing can
  /// end here. \p before is the cost of what precedes it.
  void join(uint32_t block, std::optional<Number> before) {
    Number always = cost.alone(block); // what raises all starts
    for (uint32_t use = uses.begin[block]; use < uses.begin[block + 1]; ++use) {
      always -= cost.amount(use);
      const uint32_t from = std::max(uses.firstStart[use], starts.first);
      // The segment that begins with this block has all of its uses.
      if (from < block && from <= starts.last)
        minima.addFrom(from - starts.first, cost.amount(use));
    }
    offset += always;
    if (before)
      minima.append(block - starts.first, *before + cost.alone(block) - offset);
  }

  void close(uint32_t start) { minima.erase(start - starts.first); }
  /// The lowest cost, and the first start that has it. Unreachable or more: no segment is open.
  Number lowest() const { return minima.minimum() + offset; }
  uint32_t firstLowest() const { return starts.first + minima.firstMinimum(); }

private:
  const Uses &uses;
  Cost cost;
  Positions starts;
  SuffixMinimum<Number> minima;
  Number offset = 0;
};

/// What plans cost that there are not: more than any that there is.
template <typename Number>
inline constexpr Number Unreachable = Number(1) << (8 * sizeof(Number) - 3);

/// The cheapest plans of the first components, by where they end.
template <typename Number> struct Frontier {
  Positions ends;
  std::vector<Number> cost;

  std::optional<Number> costAt(uint32_t position) const {
    if (position < ends.first || position > ends.last)
      return std::nullopt;
    const Number number = cost[position - ends.first];
    return number < Unreachable<Number> ? std::optional(number) : std::nullopt;
  }
};

/// Where the components start that end at a position.
struct ChosenStarts {
  Positions ends;
  std::vector<uint32_t> starts;
};

/// The time of open segments, negated: the lowest is the longest.
struct NegatedTime {
  const SegmentSum &times;
  int64_t alone(uint32_t block) const { return -static_cast<int64_t>(times.alone[block]); }
  int64_t amount(uint32_t use) const { return -static_cast<int64_t>(times.amount[use]); }
};

/// What a component has to keep to.
struct ComponentLimits {
  llvm::ArrayRef<uint32_t> lowestStarts; // for each end, by memory
  const SegmentSum *times = nullptr;     // null: no limit
  uint64_t longest = 0;
};

/// Plans with one component more, that end at \p ends. Among starts of equal cost, the first.
template <typename Number, typename Cost>
Frontier<Number> addComponent(const Uses &uses, const Cost &cost, const Frontier<Number> &before,
                              Positions ends, const ComponentLimits &limits, ChosenStarts &chosen) {
  const Positions starts = before.ends;
  OpenSegments<Number, Cost> segments(uses, cost, starts);
  std::optional<OpenSegments<int64_t, NegatedTime>> times;
  if (limits.times)
    times.emplace(uses, NegatedTime{*limits.times}, starts);
  auto close = [&](uint32_t start) {
    segments.close(start);
    if (times)
      times->close(start);
  };

  Frontier<Number> after{ends, std::vector<Number>(ends.size(), Unreachable<Number>)};
  chosen = {ends, std::vector<uint32_t>(ends.size())};
  uint32_t firstOpen = starts.first;
  for (uint32_t block = starts.first; block < ends.last; ++block) {
    const std::optional<Number> costBefore = before.costAt(block);
    segments.join(block, costBefore);
    for (; firstOpen < limits.lowestStarts[block + 1] && firstOpen <= starts.last; ++firstOpen)
      close(firstOpen);
    if (times) {
      times->join(block,
                  costBefore && firstOpen <= block ? std::optional<int64_t>(0) : std::nullopt);
      // A segment that takes too long does so for all later ends too.
      while (-times->lowest() > static_cast<int64_t>(limits.longest))
        close(times->firstLowest());
    }
    if (block + 1 >= ends.first) {
      after.cost[block + 1 - ends.first] = segments.lowest();
      chosen.starts[block + 1 - ends.first] = segments.firstLowest();
    }
  }
  return after;
}

/// The starts of components 1, 2, … of the plan whose last component ends at \p end.
inline std::vector<uint32_t> traceCuts(llvm::ArrayRef<ChosenStarts> components, uint32_t end) {
  std::vector<uint32_t> cuts(components.size());
  for (size_t component = components.size(); component-- > 0;) {
    const ChosenStarts &chosen = components[component];
    end = cuts[component] = chosen.starts[end - chosen.ends.first];
  }
  cuts.erase(cuts.begin()); // the first component starts at 0
  return cuts;
}

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_CUTSEARCH_H
