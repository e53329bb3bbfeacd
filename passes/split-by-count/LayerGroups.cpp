// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Division by count and by bytes.
///
/// By bytes: the bytes of a group never shrink when a layer joins it, shared payloads or not. So a
/// limit can be kept with the fewest groups by filling each group from the left as far as it goes,
/// and the smallest limit that can be kept with the wanted number of groups is found by bisection.

#include "LayerGroups.h"

#include <algorithm>
#include <cassert>

namespace optrun {
namespace {

/// The bytes of one group while layers join it and leave it.
class GroupBytes {
public:
  explicit GroupBytes(const LayerPayloads &layers) : layers(layers), holders(layers.bytes.size()) {}

  void join(uint32_t layer) {
    for (uint32_t payload : layers.payloadsOf[layer])
      if (holders[payload]++ == 0)
        total += layers.bytes[payload];
  }
  void leave(uint32_t layer) {
    for (uint32_t payload : layers.payloadsOf[layer])
      if (--holders[payload] == 0)
        total -= layers.bytes[payload];
  }
  uint64_t bytes() const { return total; }

private:
  const LayerPayloads &layers;
  std::vector<uint32_t> holders;
  uint64_t total = 0;
};

/// For each layer, the end of the longest group that starts with it and keeps to \p limit; the
/// layer itself when it alone does not.
std::vector<uint32_t> furthestEnds(const LayerPayloads &layers, uint64_t limit) {
  const auto count = static_cast<uint32_t>(layers.payloadsOf.size());
  std::vector<uint32_t> ends(count);
  GroupBytes group(layers);
  uint32_t end = 0;
  for (uint32_t start = 0; start < count; ++start) {
    // The group holds [start, end) and, from the last try, perhaps the layer that was too much.
    while (end < count) {
      group.join(end);
      if (group.bytes() > limit) {
        group.leave(end);
        break;
      }
      ++end;
    }
    ends[start] = end;
    if (end > start)
      group.leave(start);
    else
      end = start + 1; // alone too large; the next group starts empty
  }
  return ends;
}

/// The fewest groups that cover the layers from each one on; ~0u where the limit cannot be kept.
std::vector<uint32_t> fewestGroups(llvm::ArrayRef<uint32_t> ends) {
  std::vector<uint32_t> fewest(ends.size() + 1, 0);
  for (auto start = static_cast<uint32_t>(ends.size()); start-- > 0;) {
    const uint32_t rest = ends[start] > start ? fewest[ends[start]] : ~0u;
    fewest[start] = rest == ~0u ? ~0u : rest + 1;
  }
  return fewest;
}

} // namespace

GroupStarts divideEvenly(uint32_t layers, uint32_t groups) {
  assert(groups >= 1 && groups <= layers);
  GroupStarts starts;
  for (uint32_t group = 0, start = 0; group < groups; ++group) {
    starts.push_back(start);
    start += layers / groups + (group < layers % groups ? 1 : 0);
  }
  return starts;
}

GroupStarts divideByBytes(const LayerPayloads &layers, uint32_t groups) {
  const auto count = static_cast<uint32_t>(layers.payloadsOf.size());
  assert(groups >= 1 && groups <= count);

  // Bytes of the layers from each one on; of the first: the limit that always works.
  std::vector<uint64_t> remaining(count + 1);
  GroupBytes all(layers);
  for (uint32_t layer = count; layer-- > 0;) {
    all.join(layer);
    remaining[layer] = all.bytes();
  }
  if (remaining[0] == 0) // nothing to balance
    return divideEvenly(count, groups);
  uint64_t tooSmall = 0, limit = remaining[0];
  while (limit > tooSmall + 1) {
    const uint64_t middle = tooSmall + (limit - tooSmall) / 2;
    (fewestGroups(furthestEnds(layers, middle))[0] <= groups ? limit : tooSmall) = middle;
  }

  // The limit leaves room for groups of quite different sizes. Each takes its share of what
  // remains, as far as the limit and the groups to come allow.
  const std::vector<uint32_t> ends = furthestEnds(layers, limit);
  const std::vector<uint32_t> fewest = fewestGroups(ends);
  GroupStarts starts;
  GroupBytes group(layers);
  for (uint32_t left = groups, start = 0; left > 0; --left) {
    starts.push_back(start);
    const uint64_t share = remaining[start] / left;
    const uint32_t lastEnd = std::min(ends[start], count - (left - 1));
    uint32_t bestEnd = start, end = start;
    uint64_t bestMiss = ~uint64_t(0);
    while (end < lastEnd && (bestEnd == start || group.bytes() < share)) {
      group.join(end++);
      if (fewest[end] > left - 1)
        continue; // what remains would not fit into the groups that remain
      const uint64_t bytes = group.bytes();
      const uint64_t miss = bytes > share ? bytes - share : share - bytes;
      if (miss <= bestMiss) {
        bestMiss = miss;
        bestEnd = end;
      }
    }
    for (uint32_t layer = start; layer < end; ++layer)
      group.leave(layer);
    start = bestEnd;
  }
  return starts;
}

} // namespace optrun
