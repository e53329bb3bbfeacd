// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the repeated block of a graph without names.
///
/// Only nodes that use weights are looked at: shape arithmetic, masks and folded constants differ
/// from layer to layer and from exporter to exporter, the weighted operators do not. They are
/// sorted into levels (how many of them are on the longest way to the node), which does not depend
/// on the order in which the file lists parallel branches. Layers are then a periodic stretch of
/// the sequence of levels; where in the period a layer starts is decided by where the fewest values
/// cross.

#include "ModuleEvidence.h"

#include "optrun/Analysis/WeightedNodes.h"

#include "llvm/ADT/Hashing.h"
#include "llvm/Support/xxhash.h"

#include <algorithm>

namespace optrun {
namespace {

/// Levels [start, start + period · count).
struct Repetition {
  size_t start = 0, period = 0, count = 0;
  size_t length() const { return period * count; }
};

uint64_t mix(uint64_t left, uint64_t right) {
  const uint64_t pair[] = {left, right};
  return llvm::xxh3_64bits(llvm::ArrayRef(reinterpret_cast<const uint8_t *>(pair), sizeof(pair)));
}

/// The same for nodes that do the same with weights of the same shape.
uint64_t fingerprint(const ir::Node &node, const ir::Tensor &weight) {
  uint64_t hash = mix(llvm::xxh3_64bits(node.opType()), llvm::xxh3_64bits(node.domain()));
  for (int64_t extent : weight.dims())
    hash = mix(hash, static_cast<uint64_t>(extent));
  return hash;
}

/// Stretches that repeat show as equal symbols at one distance. The commonest distances between an
/// occurrence of a gram and the one before it; grams of several lengths, because in a layer of two
/// equal halves every single symbol recurs too soon.
std::vector<size_t> likelyPeriods(llvm::ArrayRef<uint64_t> symbols) {
  constexpr size_t GramLengths[] = {1, 2, 4, 8};
  constexpr size_t PeriodsPerLength = 8;
  std::vector<size_t> periods;
  std::vector<uint64_t> grams(symbols.begin(), symbols.end());
  for (size_t length : GramLengths) {
    if (length > symbols.size())
      break;
    if (length > 1) // from grams of half the length
      for (size_t i = 0; i + length <= symbols.size(); ++i)
        grams[i] = mix(grams[i], grams[i + length / 2]);
    llvm::DenseMap<uint64_t, size_t> lastSeen;
    std::vector<size_t> distanceCounts(symbols.size());
    for (size_t i = 0; i + length <= symbols.size(); ++i) {
      // The two keys that the table reserves are as good as any other.
      auto [last, first] = lastSeen.try_emplace(grams[i] >> 1, i);
      if (!first)
        ++distanceCounts[i - last->second];
      last->second = i;
    }
    std::vector<size_t> distances;
    for (size_t distance = 1; distance < distanceCounts.size(); ++distance)
      if (distanceCounts[distance] > 0)
        distances.push_back(distance);
    const size_t kept = std::min(PeriodsPerLength, distances.size());
    std::partial_sort(distances.begin(), distances.begin() + static_cast<std::ptrdiff_t>(kept),
                      distances.end(), [&](size_t left, size_t right) {
                        return distanceCounts[left] != distanceCounts[right]
                                   ? distanceCounts[left] > distanceCounts[right]
                                   : left < right;
                      });
    periods.insert(periods.end(), distances.begin(),
                   distances.begin() + static_cast<std::ptrdiff_t>(kept));
  }
  llvm::sort(periods);
  periods.erase(std::unique(periods.begin(), periods.end()), periods.end());
  return periods;
}

/// Where in [from, to) a repetition of \p period starts: of the starts that give the most blocks,
/// the one whose boundaries the fewest values cross; the last of equals, so that what comes before
/// the first layer (a norm after the embedding, say) is not taken for a part of it.
Repetition placeBlocks(size_t from, size_t to, size_t period, llvm::ArrayRef<uint64_t> crossing) {
  Repetition best{from, period, (to - from) / period};
  uint64_t fewest = ~uint64_t(0);
  for (size_t start = from; start + best.count * period <= to; ++start) {
    uint64_t crossed = 0;
    for (size_t block = 0; block <= best.count; ++block)
      crossed += crossing[start + block * period];
    if (crossed <= fewest) {
      fewest = crossed;
      best.start = start;
    }
  }
  return best;
}

/// The repetition that covers the most levels; of equals the one with the shortest period.
Repetition findRepetition(llvm::ArrayRef<uint64_t> symbols, llvm::ArrayRef<uint64_t> crossing) {
  Repetition best;
  for (size_t period : likelyPeriods(symbols)) {
    for (size_t from = 0; from + period < symbols.size();) {
      size_t end = from;
      while (end + period < symbols.size() && symbols[end] == symbols[end + period])
        ++end;
      if ((end + period - from) / period >= 2 &&
          (end + period - from) / period * period > best.length())
        best = placeBlocks(from, end + period, period, crossing);
      from = end + 1;
    }
  }
  return best;
}

/// For each level, how many nodes before it have users in it or after it. Constants are copied when
/// a graph is cut and do not count.
std::vector<uint64_t> crossingValues(const Dataflow &flow, llvm::ArrayRef<uint32_t> levels,
                                     size_t levelCount) {
  std::vector<uint32_t> lastUse(flow.size());
  for (uint32_t node = 0; node < flow.size(); ++node)
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None)
        lastUse[producer] = std::max(lastUse[producer], levels[node]);
  std::vector<uint64_t> crossing(levelCount + 1);
  for (uint32_t node = 0; node < flow.size(); ++node) {
    if (flow.foldsConstants(node) || lastUse[node] <= levels[node])
      continue;
    ++crossing[levels[node] + 1];
    --crossing[std::min<size_t>(lastUse[node] + 1, levelCount)];
  }
  for (size_t level = 1; level <= levelCount; ++level)
    crossing[level] += crossing[level - 1];
  return crossing;
}

} // namespace

ModuleEvidence structuralEvidence(const Dataflow &flow, ModuleTree &tree) {
  ModuleEvidence evidence(flow.size(), ModuleTree::None);
  const std::vector<const ir::Tensor *> weights = weightsOfNodes(flow);
  const std::vector<uint32_t> levels = weightedLevels(flow, weights);
  const size_t levelCount =
      levels.empty() ? 0 : *std::max_element(levels.begin(), levels.end()) + size_t(1);

  // Addition, so that the order of parallel nodes does not matter. Level 0 has no weighted nodes.
  std::vector<uint64_t> symbols(levelCount);
  for (uint32_t node = 0; node < flow.size(); ++node)
    if (weights[node])
      symbols[levels[node]] += fingerprint(flow.node(node), *weights[node]);

  const Repetition found = findRepetition(symbols, crossingValues(flow, levels, levelCount));
  if (found.count < 2)
    return evidence;
  for (uint32_t node = 0; node < flow.size(); ++node) {
    if (!weights[node])
      continue;
    if (levels[node] < found.start)
      evidence[node] = tree.intern("embeddings");
    else if (levels[node] >= found.start + found.length())
      evidence[node] = tree.intern("head");
    else
      evidence[node] =
          tree.intern(("block." + llvm::Twine((levels[node] - found.start) / found.period)).str());
  }
  return evidence;
}

} // namespace optrun
