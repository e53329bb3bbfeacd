// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the list of layers among a component's module paths.

#include "ModuleLists.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Analysis/WeightedNodes.h"

#include "llvm/ADT/StringExtras.h"

#include <algorithm>
#include <limits>

namespace optrun {
namespace {

class BlockFinder {
public:
  BlockFinder(const ir::Component &component, const Dataflow &flow)
      : component(component), flow(flow) {
    moduleOf.reserve(flow.size());
    for (uint32_t node = 0; node < flow.size(); ++node)
      moduleOf.push_back(tree.intern(flow.node(node).modulePath));
    const llvm::BitVector used = usedModules(tree, moduleOf);
    byComponent = findModuleLists(tree, used, Numbering::Component);
    bySuffix = findModuleLists(tree, used, Numbering::Suffix);
    addUpWeights();
  }

  llvm::Expected<RepeatedBlock> find(llvm::StringRef path) {
    const ModuleList *list = path == "auto" ? findLargest() : findNamed(path);
    if (!list)
      return llvm::createStringError(std::errc::invalid_argument, "%s", notFound(path).c_str());
    RepeatedBlock block;
    block.path = list->path;
    for (ModuleTree::Id layer : inOrderOfExecution(*list))
      block.layers.push_back(tree.path(layer));
    return block;
  }

private:
  /// Bytes of the initializers that each module uses, those inside of it included.
  void addUpWeights() {
    weightOf.assign(tree.size(), 0);
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (moduleOf[node] == ModuleTree::None)
        continue;
      for (const ir::Value *operand : flow.operands(node))
        if (!operand->producer() && operand->tensor())
          weightOf[moduleOf[node]] += operand->tensor()->byteSize();
    }
    for (ModuleTree::Id module = static_cast<ModuleTree::Id>(tree.size()); module-- > 1;)
      weightOf[tree.parent(module)] += weightOf[module]; // parents have smaller numbers
  }

  uint64_t weight(const ModuleList &list) const {
    uint64_t total = 0;
    for (const ModuleList::Member &member : list.members)
      total += weightOf[member.module];
    return total;
  }

  /// A list inside of a member of another list (experts inside a layer) is no candidate, unless
  /// that other list only wraps it: no other member has weights ("0.model.layers.3", "1.pooling").
  bool isCandidate(const ModuleList &list) const {
    for (ModuleTree::Id module = list.parent; module != ModuleTree::Root;
         module = tree.parent(module)) {
      if (!moduleNumber(tree.component(module)))
        continue;
      const uint64_t inAll = weightOf[tree.parent(module)];
      if (inAll == 0 || weightOf[module] != inAll)
        return false;
    }
    return true;
  }

  const ModuleList *largest(llvm::ArrayRef<ModuleList> lists) const {
    const ModuleList *best = nullptr;
    for (const ModuleList &list : lists) {
      if (!isCandidate(list))
        continue;
      if (!best || list.members.size() > best->members.size() ||
          (list.members.size() == best->members.size() && weight(list) > weight(*best)))
        best = &list;
    }
    return best;
  }

  /// A list with suffixes counts only where there is no other: "norm_1", "norm_2" are no layers.
  const ModuleList *findLargest() const {
    const ModuleList *list = largest(byComponent);
    if (list && list->members.size() >= 2)
      return list;
    const ModuleList *suffixed = largest(bySuffix);
    return suffixed && suffixed->members.size() >= 2 ? suffixed : list;
  }

  const ModuleList *findNamed(llvm::StringRef path) const {
    std::string wanted = path.str();
    std::replace(wanted.begin(), wanted.end(), '/', '.');
    for (const std::vector<ModuleList> *lists : {&byComponent, &bySuffix})
      for (const ModuleList &list : *lists)
        if (list.path == llvm::StringRef(wanted).trim('.'))
          return &list;
    return nullptr;
  }

  /// By how far into the network the layers lie, in the middle of their first and last weighted
  /// nodes: numbers need not follow the dataflow. Parallel members keep the order of their numbers.
  std::vector<ModuleTree::Id> inOrderOfExecution(const ModuleList &list) const {
    const std::vector<uint32_t> levels = weightedLevels(flow, weightsOfNodes(flow));
    struct Span {
      uint32_t first = std::numeric_limits<uint32_t>::max(), last = 0;
    };
    llvm::DenseMap<ModuleTree::Id, Span> spans;
    for (const ModuleList::Member &member : list.members)
      spans[member.module];
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (moduleOf[node] == ModuleTree::None || flow.foldsConstants(node))
        continue;
      for (ModuleTree::Id module = moduleOf[node]; module != ModuleTree::Root;
           module = tree.parent(module)) {
        auto span = spans.find(module);
        if (span == spans.end())
          continue;
        span->second.first = std::min(span->second.first, levels[node]);
        span->second.last = std::max(span->second.last, levels[node]);
        break;
      }
    }
    std::vector<ModuleList::Member> members = list.members;
    auto middle = [&](const ModuleList::Member &member) {
      const Span span = spans.lookup(member.module);
      return uint64_t(span.first) + span.last;
    };
    llvm::stable_sort(members, [&](const ModuleList::Member &a, const ModuleList::Member &b) {
      return std::pair(middle(a), a.number) < std::pair(middle(b), b.number);
    });
    std::vector<ModuleTree::Id> layers;
    for (const ModuleList::Member &member : members)
      layers.push_back(member.module);
    return layers;
  }

  std::string notFound(llvm::StringRef path) const {
    std::string message = path == "auto" ? "no repeated block in '" + component.name + "': "
                                         : "'" + component.name + "' has no numbered modules in '" +
                                               path.str() + "': ";
    constexpr size_t MaxListed = 10;
    std::vector<std::string> candidates;
    for (const std::vector<ModuleList> *lists : {&byComponent, &bySuffix})
      for (const ModuleList &list : *lists)
        if (candidates.size() < MaxListed)
          candidates.push_back((list.path.empty() ? "(the outermost modules)" : list.path) + " (" +
                               std::to_string(list.members.size()) + ")");
    if (!candidates.empty())
      return message + "candidates for `block` are " + llvm::join(candidates, ", ");
    for (ModuleTree::Id module = 1; module < tree.size() && candidates.size() < MaxListed; ++module)
      if (tree.parent(module) == ModuleTree::Root)
        candidates.push_back(tree.path(module));
    if (candidates.empty())
      return message + "neither metadata nor names of nodes and parameters tell modules apart, and "
                       "no sequence of weighted nodes repeats";
    return message + "no module has numbered members; the outermost modules are " +
           llvm::join(candidates, ", ");
  }

  const ir::Component &component;
  const Dataflow &flow;
  ModuleTree tree;
  std::vector<ModuleTree::Id> moduleOf;
  std::vector<ModuleList> byComponent, bySuffix;
  std::vector<uint64_t> weightOf;
};

} // namespace

llvm::Expected<RepeatedBlock> findRepeatedBlock(const ir::Component &component,
                                                llvm::StringRef path) {
  llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
  if (!flow)
    return flow.takeError();
  return findRepeatedBlock(component, *flow, path);
}

llvm::Expected<RepeatedBlock> findRepeatedBlock(const ir::Component &component,
                                                const Dataflow &flow, llvm::StringRef path) {
  return BlockFinder(component, flow).find(path);
}

std::vector<uint32_t> layerOfNodes(const ir::Component &component, const RepeatedBlock &block) {
  llvm::StringMap<uint32_t> layers;
  for (uint32_t layer = 0; layer < block.layers.size(); ++layer)
    layers.try_emplace(block.layers[layer], layer);
  std::vector<uint32_t> layerOf;
  for (const ir::Node &node : component.graph.nodes()) {
    const llvm::StringRef path = node.modulePath;
    uint32_t layer = NoLayer;
    // The layer is the path up to the end of the component that holds the number.
    if (path.starts_with(block.path) && path.size() > block.path.size()) {
      const size_t number = block.path.empty() ? 0 : block.path.size() + 1;
      if (auto found = layers.find(path.take_front(path.find('.', number))); found != layers.end())
        layer = found->second;
    }
    layerOf.push_back(layer);
  }
  return layerOf;
}

} // namespace optrun
