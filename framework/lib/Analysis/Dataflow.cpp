// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Numbers the nodes of a graph, lists the edges between them and finds the nodes that fold
/// constants.

#include "optrun/Analysis/Dataflow.h"

#include "IR/NestedUses.h"

#include "optrun/Compression/LutFunctions.h"

#include "llvm/ADT/StringSwitch.h"

namespace optrun {
namespace {

/// Operators that may give another result each time, or whose result is not a plain value that
/// every copy can have for itself.
bool isCopyable(const ir::Node &node) {
  if (node.domain() == "com.microsoft")
    return node.opType() == "DequantizeLinear" || node.opType() == "QuantizeLinear";
  if (node.isOp(OptRunDomain, LutToDense))
    return true;
  if (!node.isOp(node.opType()))
    return false;
  if (node.isOp("Constant"))
    return true;
  if (node.numInputs() == 0)
    return false;
  return llvm::StringSwitch<bool>(node.opType())
      .Cases("RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", false)
      .Cases("Multinomial", "Bernoulli", "Dropout", false)
      .Cases("If", "Loop", "Scan", "SequenceMap", false)
      .Default(true);
}

} // namespace

llvm::Expected<Dataflow> Dataflow::build(const ir::Graph &graph) {
  Dataflow flow;
  size_t nodes = 0, inputs = 0;
  for (const ir::Node &node : graph.nodes()) {
    ++nodes;
    inputs += node.numInputs();
  }
  flow.nodeOf.reserve(nodes);
  flow.numberOf.reserve(nodes);
  flow.begin.reserve(nodes + 1);
  flow.operandValues.reserve(inputs);
  flow.operandProducers.reserve(inputs);
  flow.folding.reserve(nodes);

  for (const ir::Node &node : graph.nodes()) {
    const uint32_t index = flow.size();
    flow.begin.push_back(static_cast<uint32_t>(flow.operandValues.size()));
    bool constant = true;
    auto addOperand = [&](ir::Value &value) -> llvm::Error {
      uint32_t producer = None;
      if (const ir::Node *producing = value.producer()) {
        auto found = flow.numberOf.find(producing);
        if (found == flow.numberOf.end())
          return llvm::createStringError(
              std::errc::invalid_argument,
              "%s uses '%s' before %s has produced it: the nodes are not in topological order",
              describeNode(node).c_str(), value.name().str().c_str(),
              describeNode(*producing).c_str());
        producer = found->second;
      }
      constant &= producer == None ? value.isInitializer() : flow.folding.test(producer);
      flow.operandValues.push_back(&value);
      flow.operandProducers.push_back(producer);
      return llvm::Error::success();
    };
    for (const ir::Use &use : node.inputs())
      if (use.value())
        if (llvm::Error error = addOperand(*use.value()))
          return error;
    for (ir::Value *value : ir::capturedValues(node))
      if (llvm::Error error = addOperand(*value))
        return error;
    flow.folding.push_back(constant && isCopyable(node));
    flow.nodeOf.push_back(&node);
    flow.numberOf.try_emplace(&node, index);
  }
  flow.begin.push_back(static_cast<uint32_t>(flow.operandValues.size()));
  return flow;
}

uint32_t Dataflow::indexOf(const ir::Node &node) const {
  const ir::Node *outermost = &node;
  while (const ir::Node *holder = outermost->graph().parentNode())
    outermost = holder;
  auto found = numberOf.find(outermost);
  return found == numberOf.end() ? None : found->second;
}

bool Dataflow::isConstant(const ir::Value &value) const {
  if (!value.producer())
    return value.isInitializer();
  auto found = numberOf.find(value.producer());
  return found != numberOf.end() && folding.test(found->second);
}

std::string describeNode(const ir::Node &node) { return ir::describe(node); }

} // namespace optrun
