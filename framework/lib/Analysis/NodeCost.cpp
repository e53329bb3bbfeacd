// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Costs of nodes, nested graphs included.

#include "optrun/Analysis/NodeCost.h"

#include "FunctionExpansion.h"
#include "OperatorFlops.h"

#include "optrun/Onnx/FixedShapes.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringSwitch.h"

#include <set>

namespace optrun {
namespace {

uint64_t plus(uint64_t left, uint64_t right) { return llvm::SaturatingAdd(left, right); }

/// Looks at the type of its operand only, makes a constant, or leaves it to its body.
bool movesNothing(const ir::Node &node) {
  return isView(node) || (node.isOp(node.opType()) && llvm::StringSwitch<bool>(node.opType())
                                                          .Cases("Shape", "Size", "Constant", true)
                                                          .Cases("If", "Loop", "Scan", true)
                                                          .Default(false));
}

/// Of the first operand, only as much as the result holds is read.
bool selects(const ir::Node &node) {
  return llvm::StringSwitch<bool>(node.opType())
      .Cases("Gather", "GatherElements", "GatherND", "GatherBlockQuantized", true)
      .Cases("Slice", "Split", true)
      .Default(false);
}

class Estimator {
public:
  Estimator(const ir::Component &component, const Dataflow &flow, const onnx::FixedShapes &shapes,
            GraphCost &result)
      : component(component), flow(flow), shapes(shapes), result(result) {}

  /// Calls \p add with each node of the graph, in order, and what it costs.
  void run(llvm::function_ref<void(const ir::Node &, const NodeCost &)> add) {
    computeConstants();
    for (uint32_t index = 0; index < flow.size(); ++index)
      add(flow.node(index), flow.foldsConstants(index) ? NodeCost() : costOf(flow.node(index)));
    for (const std::string &name : unknownOperators)
      result.unknownOperators.push_back(name);
  }

  std::optional<uint64_t> bytesOf(const ir::Value &value) const {
    const ir::Type *type = typeOf(value);
    return type ? type->staticByteSize() : std::nullopt;
  }

private:
  const ir::Type *typeOf(const ir::Value &value) const { return shapes.types.lookup(&value); }

  bool isConstant(const ir::Value &value) const {
    return value.isInitializer() || nestedConstants.contains(&value) || flow.isConstant(value);
  }

  /// What is read of constants that are computed from stored ones: the least on the way, as who
  /// runs the model keeps that (an int8 table and its scales rather than floating-point numbers).
  void computeConstants() {
    foldedBytes.resize(flow.size());
    for (uint32_t index = 0; index < flow.size(); ++index) {
      if (!flow.foldsConstants(index))
        continue;
      uint64_t operands = 0, results = 0;
      for (const ir::Value *operand : flow.operands(index))
        operands = plus(operands, readBytes(*operand).value_or(0));
      for (const ir::Value *output : flow.node(index).outputs())
        results = plus(results, output ? bytesOf(*output).value_or(operands) : 0);
      foldedBytes[index] = flow.operands(index).empty() ? results : std::min(operands, results);
    }
  }

  std::optional<uint64_t> readBytes(const ir::Value &value) const {
    if (const ir::TensorRef &tensor = value.tensor())
      return tensor->byteSize();
    if (const ir::Node *producer = value.producer(); producer && flow.isConstant(value))
      return foldedBytes[flow.indexOf(*producer)];
    return bytesOf(value);
  }

  NodeCost costOf(const ir::Node &node) {
    NodeCost cost;
    countFlops(node, cost);
    countBytes(node, cost);
    addBodies(node, cost);
    return cost;
  }

  void countFlops(const ir::Node &node, NodeCost &cost) {
    const OperatorFlops counted = flopsOf(TypedNode(
        node, [&](const ir::Value &value) { return typeOf(value); },
        [&](const ir::Value &value) { return isConstant(value); }));
    cost.flops = counted.flops.total;
    cost.attentionFlops = counted.flops.attention;
    cost.isComplete = counted.knowledge != Knowledge::NoShape;
    if (counted.knowledge == Knowledge::Unknown)
      unknownOperators.insert((node.domain() + "." + node.opType()).str());
  }

  void countBytes(const ir::Node &node, NodeCost &cost) {
    uint64_t results = 0;
    for (const ir::Value *output : node.outputs()) {
      if (!output)
        continue;
      const std::optional<uint64_t> bytes = bytesOf(*output);
      cost.isComplete &= bytes.has_value();
      results = plus(results, bytes.value_or(0));
      if (output->isOutput() && isCacheEntry(component, *output))
        cost.cacheBytes = plus(cost.cacheBytes, bytes.value_or(0));
    }
    if (movesNothing(node))
      return;
    cost.outputBytes = cost.movedBytes = results;
    llvm::SmallDenseSet<const ir::Value *, 8> seen;
    for (unsigned index = 0; index < node.numInputs(); ++index) {
      const ir::Value *operand = node.input(index);
      if (!operand || !seen.insert(operand).second)
        continue;
      const std::optional<uint64_t> bytes = readBytes(*operand);
      cost.isComplete &= bytes.has_value();
      const bool isSelected = index == 0 && selects(node);
      cost.movedBytes = plus(cost.movedBytes,
                             isSelected ? std::min(bytes.value_or(0), results) : bytes.value_or(0));
    }
  }

  /// What the nested graphs of \p node cost in one run of it.
  void addBodies(const ir::Node &node, NodeCost &cost) {
    std::vector<NodeCost> bodies;
    node.forEachSubgraph([&](ir::Graph &graph) { bodies.push_back(costOf(graph)); });
    if (bodies.empty())
      return;
    if (node.isOp("If")) {
      const auto condition = shapes.conditions.find(&node);
      size_t taken = 0;
      size_t index = 0;
      for (const ir::Attribute &attribute : node.attributes()) {
        if (!std::holds_alternative<std::unique_ptr<ir::Graph>>(attribute.value))
          continue;
        if (condition != shapes.conditions.end()
                ? condition->second == (attribute.name == "then_branch")
                : bodies[index].flops > bodies[taken].flops)
          taken = index;
        ++index;
      }
      cost += bodies[taken];
      return;
    }
    const auto known = shapes.iterations.find(&node);
    cost.isComplete &= known != shapes.iterations.end();
    const auto rounds = known == shapes.iterations.end() ? 1 : static_cast<uint64_t>(known->second);
    for (NodeCost &body : bodies) {
      for (uint64_t NodeCost::*count : {&NodeCost::flops, &NodeCost::attentionFlops,
                                        &NodeCost::outputBytes, &NodeCost::movedBytes})
        body.*count = times(body.*count, rounds);
      cost += body;
    }
  }

  NodeCost costOf(const ir::Graph &nested) {
    NodeCost total;
    for (const ir::Node &node : nested.nodes()) {
      const bool folds =
          node.isOp("Constant") ||
          (node.numInputs() > 0 && llvm::all_of(node.inputs(), [&](const ir::Use &use) {
             return !use.value() || isConstant(*use.value());
           }));
      if (!folds) {
        total += costOf(node);
        continue;
      }
      for (const ir::Value *output : node.outputs())
        nestedConstants.insert(output);
    }
    return total;
  }

  const ir::Component &component;
  const Dataflow &flow;
  const onnx::FixedShapes &shapes;
  GraphCost &result;
  std::vector<uint64_t> foldedBytes; // of nodes that fold constants
  llvm::DenseSet<const ir::Value *> nestedConstants;
  std::set<std::string> unknownOperators;
};

} // namespace

bool isView(const ir::Node &node) {
  return node.isOp(node.opType()) && llvm::StringSwitch<bool>(node.opType())
                                         .Cases("Identity", "Reshape", "Flatten", true)
                                         .Cases("Squeeze", "Unsqueeze", "Dropout", true)
                                         .Default(false);
}

bool isCacheEntry(const ir::Component &component, const ir::Value &value) {
  if (&value.graph() != &component.graph || !(value.isInput() || value.isOutput()))
    return false;
  const std::string lower = value.name().lower();
  const llvm::StringRef name = lower;
  return name.contains("present") || name.contains("past") || name.contains("cache");
}

NodeCost &NodeCost::operator+=(const NodeCost &other) {
  flops = plus(flops, other.flops);
  attentionFlops = plus(attentionFlops, other.attentionFlops);
  outputBytes = plus(outputBytes, other.outputBytes);
  movedBytes = plus(movedBytes, other.movedBytes);
  cacheBytes = plus(cacheBytes, other.cacheBytes);
  isComplete &= other.isComplete;
  return *this;
}

llvm::Expected<GraphCost> estimateGraphCost(const ir::Component &component, const Dataflow &flow,
                                            const InputExtents &wanted) {
  ExpandedComponent expanded;
  std::optional<Dataflow> expandedFlow;
  if (!component.functions.empty()) {
    llvm::Expected<ExpandedComponent> copy = expandFunctions(component);
    if (!copy)
      return copy.takeError();
    expanded = std::move(*copy);
    llvm::Expected<Dataflow> copyFlow = Dataflow::build(expanded.component->graph);
    if (!copyFlow)
      return copyFlow.takeError();
    expandedFlow = std::move(*copyFlow);
  }
  const ir::Component &subject = expandedFlow ? *expanded.component : component;

  GraphCost result;
  const std::vector<InputDescription> inputs = describeInputs(subject);
  result.extents = fitExtents(inputs, wanted, countOwnPositions(subject));
  BoundInputs bound = bindInputs(inputs, result.extents, /*otherwise=*/1);
  result.unexplainedDimensions = std::move(bound.unexplained);
  std::vector<onnx::FixedInput> fixed;
  for (size_t index = 0; index < inputs.size(); ++index)
    fixed.push_back({subject.graph.findValue(inputs[index].name), bound.shapes[index]});
  llvm::Expected<onnx::FixedShapes> shapes =
      onnx::inferFixedShapes(subject, fixed, [&](llvm::StringRef symbol) {
        return evaluateDimension(symbol, bound, result.extents);
      });
  if (!shapes)
    return shapes.takeError();

  result.nodes.resize(flow.size());
  Estimator estimator(subject, expandedFlow ? *expandedFlow : flow, *shapes, result);
  uint32_t next = 0;
  estimator.run([&](const ir::Node &node, const NodeCost &cost) {
    result.nodes[expandedFlow ? expanded.origin.lookup(&node) : next++] += cost;
  });
  for (const std::unique_ptr<ir::Value> &value : component.graph.values()) {
    const ir::Value *known = expandedFlow ? subject.graph.findValue(value->name()) : value.get();
    if (const auto bytes = known ? estimator.bytesOf(*known) : std::nullopt)
      result.valueBytes[value.get()] = *bytes;
  }
  for (const NodeCost &node : result.nodes)
    result.incompleteNodes += !node.isComplete;
  return result;
}

} // namespace optrun
