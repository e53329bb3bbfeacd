// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Divides a component into units: leaf modules, ordered by their first weighted node.

#include "optrun/Transforms/ModuleUnits.h"

#include "Analysis/ModuleTree.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Analysis/WeightedNodes.h"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace optrun {
namespace {

class UnitBuilder {
public:
  UnitBuilder(const ir::Component &component, const Dataflow &flow,
              const llvm::BitVector &recomputed)
      : component(component), flow(flow), weights(weightsOfNodes(flow)) {
    result.partition.recomputed = recomputed;
  }

  llvm::Expected<ModuleUnits> build() {
    findLayers();
    findLeaves();
    seedUnits();
    orderSeeds();
    if (llvm::Error error = completeSeeds())
      return error;
    joinDeadEnds();
    markLayers();
    return std::move(result);
  }

private:
  /// What becomes a unit, if it does not join its neighbour.
  struct Seed {
    std::string name;
    uint32_t position; // the node that tells the order: the first with a weight, else the first
    uint32_t number;   // before they are in order
  };

  bool isCopied(uint32_t node) const { return result.partition.isCopied(flow, node); }

  void findLayers() {
    layerOf.assign(flow.size(), NoLayer);
    llvm::Expected<RepeatedBlock> block = findRepeatedBlock(component, flow);
    if (!block) {
      llvm::consumeError(block.takeError()); // then no cut is better than another
      return;
    }
    layerOf = layerOfNodes(component, *block);
    layers = std::move(block->layers);
  }

  /// Modules without modules inside; a layer is none of them, even if nothing is known of its
  /// parts.
  void findLeaves() {
    moduleOf.assign(flow.size(), ModuleTree::None);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!isCopied(node))
        moduleOf[node] = tree.intern(flow.node(node).modulePath);
    isLeaf.resize(static_cast<unsigned>(tree.size()), true);
    isLeaf.reset(ModuleTree::Root);
    for (ModuleTree::Id module = 1; module < isLeaf.size(); ++module)
      isLeaf.reset(tree.parent(module));
    bool layersHaveParts = layers.empty();
    for (const std::string &layer : layers)
      if (const ModuleTree::Id module = tree.intern(layer); module < isLeaf.size()) {
        layersHaveParts |= !isLeaf.test(module);
        isLeaf.reset(module);
      }
    if (!layersHaveParts)
      openModulesOfManyWeights();
  }

  /// Where not even layers have parts, the model's modules are not known that finely: `embeddings`
  /// and `head` are what capture found around a repetition, and may be most of the model.
  void openModulesOfManyWeights() {
    std::vector<const ir::Tensor *> weightOf(isLeaf.size());
    for (uint32_t node = 0; node < flow.size(); ++node) {
      const ModuleTree::Id module = moduleOf[node];
      if (module == ModuleTree::None || !weights[node])
        continue;
      if (weightOf[module] && weightOf[module] != weights[node])
        isLeaf.reset(module);
      weightOf[module] = weights[node];
    }
  }

  void seedUnits() {
    std::vector<uint32_t> seedOfModule(tree.size(), Unassigned);
    seedOf.assign(flow.size(), Unassigned);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      const ModuleTree::Id module = moduleOf[node];
      const bool inLeaf = module != ModuleTree::None && isLeaf.test(module);
      if (isCopied(node) || (!inLeaf && !weights[node]))
        continue;
      uint32_t &seed = inLeaf ? seedOfModule[module] : seedOf[node];
      if (seed == Unassigned) {
        seed = static_cast<uint32_t>(seeds.size());
        seeds.push_back({inLeaf ? tree.path(module) : nameOf(node), node, seed});
      } else if (weights[node] && !weights[seeds[seed].position]) {
        seeds[seed].position = node;
      }
      seedOf[node] = seed;
    }
    if (seeds.empty())
      seeds.push_back({component.name, 0, 0});
  }

  std::string nameOf(uint32_t node) const {
    const ir::Node &owner = flow.node(node);
    const std::string text = describeNode(owner);
    return owner.modulePath.empty() ? text : owner.modulePath + ": " + text;
  }

  void orderSeeds() {
    llvm::sort(seeds,
               [](const Seed &left, const Seed &right) { return left.position < right.position; });
    std::vector<uint32_t> rank(seeds.size());
    for (uint32_t index = 0; index < seeds.size(); ++index)
      rank[seeds[index].number] = index;
    for (uint32_t &seed : seedOf)
      if (seed != Unassigned)
        seed = rank[seed];
  }

  /// A node in a layer but in no leaf module of it (a mask that the layer slices for itself) goes
  /// with what it depends on, but not before the first seed of its module, unless that is needed.
  std::vector<uint32_t> earliestSeeds() const {
    std::vector<uint32_t> firstSeed(tree.size(), Unassigned); // in each module
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (seedOf[node] != Unassigned && moduleOf[node] != ModuleTree::None)
        firstSeed[moduleOf[node]] = std::min(firstSeed[moduleOf[node]], seedOf[node]);
    for (auto module = static_cast<ModuleTree::Id>(tree.size()); --module > 0;)
      firstSeed[tree.parent(module)] = std::min(firstSeed[tree.parent(module)], firstSeed[module]);

    std::vector<uint32_t> earliest = seedOf, earliestUser(flow.size(), Unassigned);
    for (uint32_t node = flow.size(); node-- > 0;) {
      ModuleTree::Id module = moduleOf[node];
      if (seedOf[node] == Unassigned && layerOf[node] != NoLayer && module != ModuleTree::None) {
        while (firstSeed[module] == Unassigned && module != ModuleTree::Root)
          module = tree.parent(module);
        earliest[node] = std::min(firstSeed[module], earliestUser[node]);
      }
      const uint32_t bound = std::min(earliest[node], earliestUser[node]);
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None)
          earliestUser[producer] = std::min(earliestUser[producer], bound);
    }
    return earliest;
  }

  llvm::Error completeSeeds() {
    const auto parts = static_cast<uint32_t>(seeds.size());
    llvm::Expected<Partition> completed = completePartition(flow, earliestSeeds(), parts);
    if (!completed)
      return completed.takeError();
    completed->recomputed = std::move(result.partition.recomputed);
    result.partition = std::move(*completed);
    for (uint32_t node : result.partition.moved)
      layerOf[node] = NoLayer; // where it is now says nothing of its layer
    return llvm::Error::success();
  }

  /// For each seed, the last one that uses its results; Outside for results of the model.
  std::vector<uint32_t> lastUsers() const {
    const std::vector<uint32_t> &partOf = result.partition.partOf;
    std::vector<uint32_t> lastUser(seeds.size());
    std::vector<uint32_t> lastPartOf = partOf; // a copied node is in many parts
    auto isOutput = [](const ir::Value *value) { return value && value->isOutput(); };
    for (uint32_t node = flow.size(); node-- > 0;) {
      if (!isCopied(node) && llvm::any_of(flow.node(node).outputs(), isOutput))
        lastUser[partOf[node]] = Outside;
      for (uint32_t producer : flow.producers(node)) {
        if (producer == Dataflow::None)
          continue;
        uint32_t &last = isCopied(producer) ? lastPartOf[producer] : lastUser[partOf[producer]];
        last = std::max(last, lastPartOf[node]);
      }
    }
    return lastUser;
  }

  /// A component whose results nobody uses cannot be. From the back, seeds are gathered until one
  /// of them hands something on to what comes after; what is left at the front joins the first.
  void joinDeadEnds() {
    const std::vector<uint32_t> lastUser = lastUsers();
    std::vector<uint32_t> starts;
    auto end = static_cast<uint32_t>(seeds.size());
    for (uint32_t seed = end; seed-- > 0;)
      if (lastUser[seed] >= end) {
        starts.push_back(seed);
        end = seed;
      }
    if (starts.empty()) // the results of the model are constants or inputs
      starts.push_back(0);
    std::reverse(starts.begin(), starts.end());
    for (uint32_t start : starts)
      result.units.push_back({std::move(seeds[start].name)});
    starts.front() = 0;
    result.partition = joinUnits(result, starts);
  }

  /// A cut falls between layers where one begins or has ended and none goes on.
  void markLayers() {
    struct Span {
      uint32_t first = Unassigned, last = 0;
    };
    std::vector<Span> spans(layers.size());
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (seedOf[node] == Unassigned || layerOf[node] == NoLayer)
        continue;
      Span &span = spans[layerOf[node]];
      span.first = std::min(span.first, result.partition.partOf[node]);
      span.last = std::max(span.last, result.partition.partOf[node]);
    }
    std::vector<uint32_t> begins(result.units.size()), ends(result.units.size());
    for (const Span &span : spans)
      if (span.first != Unassigned) {
        ++begins[span.first];
        ++ends[span.last];
      }
    uint32_t open = begins[0] - ends[0];
    for (size_t unit = 1; unit < result.units.size(); ++unit) {
      result.units[unit].startsLayer = open == 0 && (begins[unit] != 0 || ends[unit - 1] != 0);
      open += begins[unit] - ends[unit];
    }
  }

  static constexpr uint32_t Outside = ~0u;

  const ir::Component &component;
  const Dataflow &flow;
  const std::vector<const ir::Tensor *> weights;
  std::vector<std::string> layers;
  ModuleTree tree;
  llvm::BitVector isLeaf;               // by module
  std::vector<ModuleTree::Id> moduleOf; // by node, as are the next two
  std::vector<uint32_t> layerOf, seedOf;
  std::vector<Seed> seeds;
  ModuleUnits result;
};

} // namespace

llvm::Expected<ModuleUnits> divideIntoUnits(const ir::Component &component, const Dataflow &flow,
                                            const llvm::BitVector &recomputed) {
  return UnitBuilder(component, flow, recomputed).build();
}

Partition joinUnits(const ModuleUnits &units, llvm::ArrayRef<uint32_t> starts) {
  assert(!starts.empty() && starts.front() == 0);
  std::vector<uint32_t> partOfUnit(units.partition.parts);
  for (uint32_t start : starts.drop_front())
    partOfUnit[start] = 1;
  std::partial_sum(partOfUnit.begin(), partOfUnit.end(), partOfUnit.begin());
  Partition joined = units.partition;
  joined.parts = static_cast<uint32_t>(starts.size());
  for (uint32_t &unit : joined.partOf)
    unit = partOfUnit[unit];
  joined.moved.clear();
  return joined;
}

} // namespace optrun
