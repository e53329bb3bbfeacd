// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Gives modules to nodes that have no evidence of their own, from those before and after them.

#include "ModuleEvidence.h"

#include "optrun/Analysis/WeightedNodes.h"

#include <algorithm>

namespace optrun {
namespace {

class Spreader {
public:
  Spreader(const Dataflow &flow, ModuleTree &tree, ModuleEvidence &evidence)
      : flow(flow), tree(tree), evidence(evidence), own(evidence) {}

  size_t run() {
    findNeighbours();
    for (uint32_t node = 0; node < flow.size(); ++node)
      assignBetween(node);
    cutBetweenRegions();
    assignFoldedConstants();
    size_t inherited = 0;
    for (uint32_t node = 0; node < flow.size(); ++node)
      inherited += own[node] == ModuleTree::None && evidence[node] != ModuleTree::None;
    return inherited;
  }

private:
  bool isNamed(uint32_t node) const {
    return own[node] != ModuleTree::None && own[node] != ModuleTree::Root;
  }
  /// What is cut apart: layers, and what is in no layer.
  ModuleTree::Id regionOf(ModuleTree::Id module) const { return tree.outermostNumbered(module); }

  /// For each node, the last named node that it depends on and the first that depends on it.
  void findNeighbours() {
    before.assign(flow.size(), Dataflow::None);
    after.assign(flow.size(), Dataflow::None);
    lastUser.assign(flow.size(), 0);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (flow.foldsConstants(node))
        continue;
      for (uint32_t producer : flow.producers(node)) {
        if (producer == Dataflow::None || flow.foldsConstants(producer))
          continue;
        lastUser[producer] = node;
        const uint32_t candidate = isNamed(producer) ? producer : before[producer];
        if (candidate != Dataflow::None &&
            (before[node] == Dataflow::None || candidate > before[node]))
          before[node] = candidate;
      }
    }
    for (uint32_t node = flow.size(); node-- > 0;) {
      if (flow.foldsConstants(node))
        continue;
      const uint32_t candidate = isNamed(node) ? node : after[node];
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None)
          after[producer] = std::min(after[producer], candidate);
    }
  }

  void assignBetween(uint32_t node) {
    if (own[node] != ModuleTree::None || flow.foldsConstants(node) ||
        before[node] == Dataflow::None)
      return;
    const ModuleTree::Id from = own[before[node]];
    if (after[node] == Dataflow::None) {
      evidence[node] = from;
      return;
    }
    const ModuleTree::Id to = own[after[node]];
    if (regionOf(from) == regionOf(to))
      evidence[node] = tree.commonAncestor(from, to);
    else
      betweenRegions[regionSlot(from)].push_back(node);
  }

  /// Nodes between regions are collected by the region before them.
  uint32_t regionSlot(ModuleTree::Id module) {
    auto [slot, isNew] = slotOf.try_emplace(uint64_t(regionOf(module)),
                                            static_cast<uint32_t>(betweenRegions.size()));
    if (isNew)
      betweenRegions.emplace_back();
    return slot->second;
  }

  /// Of the nodes between two layers, in graph order, the first few belong to the layer before and
  /// the others to the one after: cut where the fewest values cross. Of equal places, the last
  /// before a matrix: one that has lost its name goes with the bias that follows it, a bias with
  /// what is before it.
  void cutBetweenRegions() {
    const std::vector<const ir::Tensor *> weights = weightsOfNodes(flow);
    std::vector<uint32_t> position(flow.size(), 0); // in the group, from 1; 0 elsewhere
    std::vector<uint32_t> lastPosition(flow.size(), 0);
    for (const std::vector<uint32_t> &group : betweenRegions) {
      const auto size = static_cast<uint32_t>(group.size());
      for (uint32_t i = 0; i < size; ++i)
        position[group[i]] = i + 1;
      // A value from place p (0: before the group) that is last used at place u crosses the cuts
      // p … u - 1; cut c is the one after c nodes of the group.
      std::vector<int64_t> crossing(size + 2);
      std::vector<uint32_t> sources;
      for (uint32_t node : group) {
        sources.push_back(node);
        for (uint32_t producer : flow.producers(node)) {
          if (producer == Dataflow::None || flow.foldsConstants(producer))
            continue;
          sources.push_back(producer);
          lastPosition[producer] = position[node];
        }
      }
      llvm::sort(sources);
      sources.erase(std::unique(sources.begin(), sources.end()), sources.end());
      for (uint32_t source : sources) {
        if (isAfter(lastUser[source], source, group, position))
          lastPosition[source] = size + 1;
        if (lastPosition[source] > position[source]) {
          ++crossing[position[source]];
          --crossing[lastPosition[source]];
        }
      }
      const uint32_t cut = cheapestCut(group, crossing, weights);
      for (uint32_t i = 0; i < size; ++i)
        evidence[group[i]] = i < cut ? endOfRegion(group[i]) : startOfRegion(group[i]);
      for (uint32_t source : sources)
        lastPosition[source] = position[source] = 0;
    }
  }

  /// Whether \p user of \p source comes after the group.
  bool isAfter(uint32_t user, uint32_t source, llvm::ArrayRef<uint32_t> group,
               llvm::ArrayRef<uint32_t> position) const {
    if (lastUser[source] == 0 || position[user] != 0)
      return false;
    const ModuleTree::Id region = regionOf(own[before[group.front()]]);
    if (isNamed(user))
      return regionOf(own[user]) != region;
    return before[user] == Dataflow::None || regionOf(own[before[user]]) != region;
  }

  uint32_t cheapestCut(llvm::ArrayRef<uint32_t> group, llvm::ArrayRef<int64_t> crossing,
                       llvm::ArrayRef<const ir::Tensor *> weights) const {
    uint32_t best = 0;
    int64_t crossed = crossing[0], fewest = crossing[0];
    bool pastMatrix = false;
    for (uint32_t cut = 1; cut <= group.size(); ++cut) {
      const ir::Tensor *weight = weights[group[cut - 1]];
      pastMatrix |= weight && weight->dims().size() >= 2;
      crossed += crossing[cut];
      if (crossed < fewest || (crossed == fewest && !pastMatrix)) {
        fewest = crossed;
        best = cut;
      }
    }
    return best;
  }

  ModuleTree::Id endOfRegion(uint32_t node) const {
    const ModuleTree::Id from = own[before[node]];
    const ModuleTree::Id region = regionOf(from);
    return region != ModuleTree::None ? region : tree.commonAncestor(from, own[after[node]]);
  }
  ModuleTree::Id startOfRegion(uint32_t node) const {
    const ModuleTree::Id to = own[after[node]];
    const ModuleTree::Id region = regionOf(to);
    return region != ModuleTree::None ? region : to;
  }

  /// Constants belong to the module that all of their users are in.
  void assignFoldedConstants() {
    std::vector<ModuleTree::Id> ofUsers(flow.size(), ModuleTree::None);
    for (uint32_t node = flow.size(); node-- > 0;) {
      if (flow.foldsConstants(node) && own[node] == ModuleTree::None)
        evidence[node] = ofUsers[node];
      if (evidence[node] == ModuleTree::None)
        continue;
      for (uint32_t producer : flow.producers(node)) {
        if (producer == Dataflow::None || !flow.foldsConstants(producer))
          continue;
        ofUsers[producer] = ofUsers[producer] == ModuleTree::None
                                ? evidence[node]
                                : tree.commonAncestor(ofUsers[producer], evidence[node]);
      }
    }
  }

  const Dataflow &flow;
  ModuleTree &tree;
  ModuleEvidence &evidence;
  const ModuleEvidence own;
  std::vector<uint32_t> before, after, lastUser;
  std::vector<std::vector<uint32_t>> betweenRegions;
  llvm::DenseMap<uint64_t, uint32_t> slotOf; // wide: the key ~0u of a map is reserved
};

} // namespace

size_t spreadEvidence(const Dataflow &flow, ModuleTree &tree, ModuleEvidence &evidence) {
  return Spreader(flow, tree, evidence).run();
}

} // namespace optrun
