// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Distributes nodes, values and functions over the parts of a partition.

#include "PartLayout.h"

#include "IR/FunctionKey.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

#include <algorithm>

namespace optrun {
namespace {

class LayoutBuilder {
public:
  LayoutBuilder(const ir::Component &component, const Dataflow &flow, const Partition &partition)
      : component(component), graph(component.graph), flow(flow), partition(partition),
        parts(partition.parts) {}

  llvm::Expected<std::vector<PartLayout>> build() {
    if (llvm::Error error = checkPartition())
      return error;
    distributeNodes();
    rankGraphValues();
    for (uint32_t part = 0; part < partition.parts; ++part)
      if (llvm::Error error = collectValues(part))
        return error;
    placeOutputs();
    placeUnused();
    sortValues();
    distributeFunctions();
    return std::move(parts);
  }

private:
  llvm::Error checkPartition() const {
    const std::vector<uint32_t> &partOf = partition.partOf;
    if (partOf.size() != flow.size())
      return llvm::createStringError(std::errc::invalid_argument,
                                     "the partition covers %zu nodes, but the graph has %u",
                                     partOf.size(), flow.size());
    if (!partition.recomputed.empty() && partition.recomputed.size() != flow.size())
      return llvm::createStringError(std::errc::invalid_argument,
                                     "the recomputed nodes are of %u nodes, but the graph has %u",
                                     partition.recomputed.size(), flow.size());
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (partOf[node] >= partition.parts)
        return llvm::createStringError(
            std::errc::invalid_argument, "%s is in part %u, but there are %u parts",
            describeNode(flow.node(node)).c_str(), partOf[node], partition.parts);
      if (flow.foldsConstants(node))
        continue;
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None && !flow.foldsConstants(producer) &&
            partOf[producer] > partOf[node])
          return llvm::createStringError(
              std::errc::invalid_argument,
              "%s is in part %u but uses a result of %s in part %u; parts run in order",
              describeNode(flow.node(node)).c_str(), partOf[node],
              describeNode(flow.node(producer)).c_str(), partOf[producer]);
    }
    return llvm::Error::success();
  }

  bool isCopied(uint32_t node) const { return partition.isCopied(flow, node); }

  /// Nodes go to their part; copied nodes to each part that uses them, through others or directly.
  /// Those that nothing uses stay where the partition has them.
  void distributeNodes() {
    llvm::BitVector used(flow.size());
    for (uint32_t node = 0; node < flow.size(); ++node)
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None)
          used.set(producer);
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (!isCopied(node) || !used.test(node))
        parts[partition.partOf[node]].nodes.push_back(node);

    firstPartOf.assign(flow.size(), Unassigned);
    std::vector<uint32_t> lastPart(flow.size(), Unassigned), copies;
    for (uint32_t part = 0; part < partition.parts; ++part) {
      std::vector<uint32_t> &nodes = parts[part].nodes;
      copies.clear();
      auto copyProducers = [&](uint32_t node) {
        for (uint32_t producer : flow.producers(node)) {
          if (producer == Dataflow::None || !isCopied(producer) || lastPart[producer] == part)
            continue;
          lastPart[producer] = part;
          copies.push_back(producer);
        }
      };
      for (uint32_t node : nodes)
        copyProducers(node);
      for (size_t next = 0; next < copies.size(); ++next)
        copyProducers(copies[next]);
      std::sort(copies.begin(), copies.end());
      const auto own = static_cast<std::ptrdiff_t>(nodes.size());
      nodes.insert(nodes.end(), copies.begin(), copies.end());
      std::inplace_merge(nodes.begin(), nodes.begin() + own, nodes.end());
      for (uint32_t node : nodes)
        firstPartOf[node] = std::min(firstPartOf[node], part);
    }
  }

  void rankGraphValues() {
    uint32_t next = 0;
    for (const ir::Value *value : graph.inputs())
      inputRank.try_emplace(value, next++);
    next = 0;
    for (const ir::Value *value : graph.initializers())
      initializerRank.try_emplace(value, next++);
  }

  /// Puts an input or initializer of the graph into \p part, with the initializers that its
  /// quantization annotation names (scale and zero point), and theirs.
  void hold(ir::Value &value, uint32_t part) {
    pending.push_back(&value);
    while (!pending.empty()) {
      ir::Value &next = *pending.back();
      pending.pop_back();
      auto [last, first] = lastHolder.try_emplace(&next, part);
      if (first)
        firstHolder[&next] = part;
      else if (last->second == part)
        continue;
      last->second = part;
      if (next.isInput())
        parts[part].inputs.push_back(&next);
      if (next.isInitializer())
        parts[part].initializers.push_back(&next);
      addAnnotated(next);
    }
  }

  void holdAnnotated(const ir::Value &value, uint32_t part) {
    addAnnotated(value);
    while (!pending.empty()) {
      ir::Value &next = *pending.back();
      pending.pop_back();
      hold(next, part);
    }
  }

  void addAnnotated(const ir::Value &value) {
    for (const auto &[parameter, tensorName] : value.quantizationAnnotation)
      if (ir::Value *tensor = graph.findValue(tensorName); tensor && tensor->isInitializer())
        pending.push_back(tensor);
  }

  llvm::Error collectValues(uint32_t part) {
    for (uint32_t node : parts[part].nodes) {
      llvm::ArrayRef<ir::Value *> operands = flow.operands(node);
      llvm::ArrayRef<uint32_t> producers = flow.producers(node);
      for (size_t operand = 0; operand < operands.size(); ++operand) {
        ir::Value &value = *operands[operand];
        const uint32_t producer = producers[operand];
        if (producer == Dataflow::None) {
          if (!value.isInput() && !value.isInitializer())
            return llvm::createStringError(
                std::errc::invalid_argument,
                "%s uses '%s', which is no input, initializer or result of a node",
                describeNode(flow.node(node)).c_str(), value.name().str().c_str());
          hold(value, part);
        } else if (!isCopied(producer) && partition.partOf[producer] != part) {
          receive(value, part, partition.partOf[producer]);
        }
      }
      for (const ir::Value *output : flow.node(node).outputs())
        if (output)
          holdAnnotated(*output, part);
    }
    return llvm::Error::success();
  }

  void receive(ir::Value &value, uint32_t part, uint32_t producingPart) {
    auto [entry, first] = lastHolder.try_emplace(&value, part);
    if (!first && entry->second == part)
      return;
    entry->second = part;
    parts[part].received.push_back(&value);
    holdAnnotated(value, part);
    if (first && !value.isOutput())
      parts[producingPart].handedOn.push_back(&value);
  }

  void placeOutputs() {
    for (ir::Value *output : graph.outputs()) {
      uint32_t part = 0;
      if (const ir::Node *producer = output->producer()) {
        part = firstPartOf[flow.indexOf(*producer)];
      } else if (auto holder = firstHolder.find(output); holder != firstHolder.end()) {
        part = holder->second;
      } else {
        hold(*output, part);
      }
      parts[part].outputs.push_back(output);
    }
  }

  void placeUnused() {
    for (ir::Value *input : graph.inputs())
      if (!firstHolder.contains(input))
        hold(*input, 0);
    for (ir::Value *initializer : graph.initializers())
      if (!firstHolder.contains(initializer))
        hold(*initializer, 0);
  }

  void sortValues() {
    auto byProduction = [&](const ir::Value *left, const ir::Value *right) {
      const uint32_t leftNode = flow.indexOf(*left->producer());
      const uint32_t rightNode = flow.indexOf(*right->producer());
      return leftNode != rightNode ? leftNode < rightNode
                                   : left->outputIndex() < right->outputIndex();
    };
    // A value that came to a part again after it had gone to others is there twice.
    auto sortUnique = [](std::vector<ir::Value *> &values, const auto &rank) {
      llvm::sort(values, [&](const ir::Value *left, const ir::Value *right) {
        return rank.lookup(left) < rank.lookup(right);
      });
      values.erase(std::unique(values.begin(), values.end()), values.end());
    };
    for (PartLayout &part : parts) {
      sortUnique(part.inputs, inputRank);
      sortUnique(part.initializers, initializerRank);
      llvm::sort(part.received, byProduction);
      llvm::sort(part.handedOn, byProduction);
    }
  }

  void distributeFunctions() {
    if (component.functions.empty())
      return;
    llvm::StringMap<uint32_t> numberOf;
    for (uint32_t index = 0; index < component.functions.size(); ++index) {
      const ir::Function &function = *component.functions[index];
      numberOf.try_emplace(ir::functionKey(function.domain, function.name, function.overload),
                           index);
    }
    std::vector<std::vector<uint32_t>> callees(component.functions.size());
    for (uint32_t index = 0; index < component.functions.size(); ++index)
      for (const ir::Node &node : component.functions[index]->body.nodes())
        collectCalls(node, numberOf, callees[index]);

    llvm::BitVector calledAnywhere(component.functions.size());
    for (PartLayout &part : parts) {
      std::vector<uint32_t> called;
      for (uint32_t node : part.nodes)
        collectCalls(flow.node(node), numberOf, called);
      llvm::BitVector needed(component.functions.size());
      while (!called.empty()) {
        const uint32_t index = called.back();
        called.pop_back();
        if (needed.test(index))
          continue;
        needed.set(index);
        called.insert(called.end(), callees[index].begin(), callees[index].end());
      }
      calledAnywhere |= needed;
      for (unsigned index : needed.set_bits())
        part.functions.push_back(component.functions[index].get());
    }
    if (!calledAnywhere.all()) {
      // The first part keeps its own and those that nothing calls, in the original order.
      std::vector<const ir::Function *> kept;
      llvm::DenseSet<const ir::Function *> own(parts[0].functions.begin(),
                                               parts[0].functions.end());
      for (uint32_t index = 0; index < component.functions.size(); ++index) {
        const ir::Function *function = component.functions[index].get();
        if (own.contains(function) || !calledAnywhere.test(index))
          kept.push_back(function);
      }
      parts[0].functions = std::move(kept);
    }
  }

  static void collectCalls(const ir::Node &node, const llvm::StringMap<uint32_t> &numberOf,
                           std::vector<uint32_t> &called) {
    auto found = numberOf.find(ir::functionKey(node.domain(), node.opType(), node.overload()));
    if (found != numberOf.end())
      called.push_back(found->second);
    node.forEachSubgraph([&](const ir::Graph &nested) {
      for (const ir::Node &inner : nested.nodes())
        collectCalls(inner, numberOf, called);
    });
  }

  const ir::Component &component;
  const ir::Graph &graph;
  const Dataflow &flow;
  const Partition &partition;
  std::vector<PartLayout> parts;
  std::vector<uint32_t> firstPartOf; // the first part that holds a node
  llvm::DenseMap<const ir::Value *, uint32_t> inputRank, initializerRank;
  llvm::DenseMap<const ir::Value *, uint32_t> firstHolder; // of inputs and initializers
  llvm::DenseMap<const ir::Value *, uint32_t> lastHolder;  // of those and of values that cross
  llvm::SmallVector<ir::Value *, 4> pending;
};

} // namespace

llvm::Expected<std::vector<PartLayout>>
layOutParts(const ir::Component &component, const Dataflow &flow, const Partition &partition) {
  return LayoutBuilder(component, flow, partition).build();
}

} // namespace optrun
