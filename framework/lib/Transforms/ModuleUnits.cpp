// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Divides a component into units: leaf modules, ordered by their first weighted node.

#include "optrun/Transforms/ModuleUnits.h"

#include "Analysis/ModuleTree.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Analysis/WeightedNodes.h"

#include "llvm/ADT/StringSet.h"

#include <algorithm>

namespace optrun {
namespace {

class UnitBuilder {
public:
  UnitBuilder(const ir::Component &component, const Dataflow &flow,
              const llvm::BitVector &recomputed)
      : component(component), flow(flow), recomputed(recomputed), weights(weightsOfNodes(flow)) {}

  llvm::Expected<ModuleUnits> build() {
    findLayers();
    findLeaves();
    seedUnits();
    orderUnits();
    const auto count = std::max<uint32_t>(1, static_cast<uint32_t>(names.size()));
    if (names.empty())
      names.push_back(component.name);
    llvm::Expected<Partition> partition = completePartition(flow, seeds, count);
    if (!partition)
      return partition.takeError();
    result.partition = std::move(*partition);
    result.partition.recomputed = recomputed;
    joinDeadEnds();
    renumber();
    return std::move(result);
  }

private:
  bool isCopied(uint32_t node) const {
    return flow.foldsConstants(node) || (!recomputed.empty() && recomputed.test(node));
  }

  void findLayers() {
    layerOf.assign(flow.size(), NoLayer);
    llvm::Expected<RepeatedBlock> block = findRepeatedBlock(component, flow);
    if (!block) {
      llvm::consumeError(block.takeError()); // then no cut is better than another
      return;
    }
    layerOf = layerOfNodes(component, *block);
    for (const std::string &layer : block->layers)
      layers.insert(layer);
  }

  /// Modules without modules inside; a layer is none of them, even if nothing is known of its
  /// parts.
  void findLeaves() {
    moduleOf.assign(flow.size(), ModuleTree::None);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!isCopied(node))
        moduleOf[node] = tree.intern(flow.node(node).modulePath);
    isLeaf.resize(tree.size(), true);
    isLeaf.reset(ModuleTree::Root);
    for (ModuleTree::Id module = 1; module < tree.size(); ++module)
      isLeaf.reset(tree.parent(module));
    for (ModuleTree::Id module = 1; module < tree.size(); ++module)
      if (isLeaf.test(module) && layers.contains(tree.path(module)))
        isLeaf.reset(module);
  }

  /// Numbers units by their first node, and remembers where each starts.
  void seedUnits() {
    constexpr uint32_t NoUnit = ~0u;
    std::vector<uint32_t> unitOfModule(tree.size(), NoUnit);
    seeds.assign(flow.size(), Unassigned);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (isCopied(node))
        continue;
      const ModuleTree::Id module = moduleOf[node];
      const bool inLeaf = module != ModuleTree::None && isLeaf.test(module);
      if (!inLeaf && !weights[node])
        continue;
      uint32_t unit = inLeaf ? unitOfModule[module] : NoUnit;
      if (unit == NoUnit) {
        unit = static_cast<uint32_t>(names.size());
        names.push_back(inLeaf ? tree.path(module) : nameOf(node));
        position.push_back(Unassigned);
        if (inLeaf)
          unitOfModule[module] = unit;
      }
      seeds[node] = unit;
      if (weights[node])
        position[unit] = std::min(position[unit], node);
    }
    // Units without weights are where their first node is.
    for (uint32_t node = flow.size(); node-- > 0;)
      if (seeds[node] != Unassigned && !hasWeights(seeds[node]))
        position[seeds[node]] = node;
  }

  bool hasWeights(uint32_t unit) const {
    return position[unit] != Unassigned && weights[position[unit]];
  }

  std::string nameOf(uint32_t node) const {
    const ir::Node &owner = flow.node(node);
    const std::string text = describeNode(owner);
    return owner.modulePath.empty() ? text : (owner.modulePath + ": " + text);
  }

  void orderUnits() {
    std::vector<uint32_t> order(names.size()), rank(names.size());
    for (uint32_t unit = 0; unit < order.size(); ++unit)
      order[unit] = unit;
    llvm::sort(order,
               [&](uint32_t left, uint32_t right) { return position[left] < position[right]; });
    std::vector<std::string> ordered;
    for (uint32_t unit : order) {
      rank[unit] = static_cast<uint32_t>(ordered.size());
      ordered.push_back(std::move(names[unit]));
    }
    names = std::move(ordered);
    for (uint32_t &seed : seeds)
      if (seed != Unassigned)
        seed = rank[seed];
  }

  /// A component whose results nobody uses cannot be: a unit that hands on nothing joins the one
  /// before it.
  void joinDeadEnds() {
    const auto units = static_cast<uint32_t>(names.size());
    constexpr uint32_t Outside = ~0u;
    std::vector<uint32_t> lastUser(units, 0);
    const std::vector<uint32_t> &partOf = result.partition.partOf;
    for (uint32_t node = 0; node < flow.size(); ++node) {
      for (const ir::Value *output : flow.node(node).outputs())
        if (output && output->isOutput())
          lastUser[partOf[node]] = Outside;
      if (isCopied(node))
        continue;
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None && !isCopied(producer))
          lastUser[partOf[producer]] = std::max(lastUser[partOf[producer]], partOf[node]);
    }
    std::vector<bool> hasNodes(units);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!isCopied(node))
        hasNodes[partOf[node]] = true;

    groupOf.resize(units);
    uint32_t end = units - 1; // of the group that is being gathered, from the back
    bool alive = false;
    for (uint32_t unit = units; unit-- > 0;) {
      groupOf[unit] = end;
      alive |= hasNodes[unit] && lastUser[unit] > end;
      if (!alive && end != ~0u)
        continue;
      end = unit - 1;
      alive = false;
    }
    if (!alive && end != ~0u) // what remains at the front goes to the first group that hands something on
      for (uint32_t unit = 0; unit <= end && end + 1 < units; ++unit)
        groupOf[unit] = groupOf[end + 1];
  }

  void renumber() {
    std::vector<uint32_t> numberOf(names.size(), Unassigned);
    Partition &partition = result.partition;
    std::vector<uint32_t> layerOfUnit;
    uint32_t count = 0;
    for (uint32_t unit = 0; unit < names.size(); ++unit) {
      uint32_t &number = numberOf[groupOf[unit]];
      if (number != Unassigned)
        continue;
      number = count++;
      result.units.push_back({names[unit], false});
    }
    for (uint32_t &part : partition.partOf)
      part = numberOf[groupOf[part]];
    partition.parts = count;

    layerOfUnit.assign(count, NoLayer);
    for (uint32_t node = flow.size(); node-- > 0;)
      if (!isCopied(node) && layerOf[node] != NoLayer)
        layerOfUnit[partition.partOf[node]] = layerOf[node];
    for (uint32_t unit = 1; unit < count; ++unit)
      result.units[unit].startsLayer = layerOfUnit[unit] != layerOfUnit[unit - 1];
  }

  const ir::Component &component;
  const Dataflow &flow;
  const llvm::BitVector &recomputed;
  const std::vector<const ir::Tensor *> weights;
  ModuleTree tree;
  std::vector<ModuleTree::Id> moduleOf;
  llvm::BitVector isLeaf;
  llvm::StringSet<> layers;
  std::vector<uint32_t> layerOf, seeds, groupOf;
  std::vector<std::string> names;
  std::vector<uint32_t> position; // of units: the node that tells their order
  ModuleUnits result;
};

} // namespace

llvm::Expected<ModuleUnits> divideIntoUnits(const ir::Component &component, const Dataflow &flow,
                                            const llvm::BitVector &recomputed) {
  return UnitBuilder(component, flow, recomputed).build();
}

Partition joinUnits(const ModuleUnits &units, llvm::ArrayRef<uint32_t> starts) {
  std::vector<uint32_t> partOfUnit(units.partition.parts);
  uint32_t part = 0;
  for (uint32_t unit = 0; unit < partOfUnit.size(); ++unit) {
    if (part + 1 < starts.size() && starts[part + 1] == unit)
      ++part;
    partOfUnit[unit] = part;
  }
  Partition joined = units.partition;
  joined.parts = static_cast<uint32_t>(starts.size());
  for (uint32_t &unit : joined.partOf)
    unit = partOfUnit[unit];
  joined.moved.clear();
  return joined;
}

} // namespace optrun
