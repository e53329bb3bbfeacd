// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Graphs: ownership of nodes and values, and the lists of inputs, initializers and outputs.

#include "optrun/IR/Graph.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::ir {

Graph::Graph(Node *parentNode)
    : enclosingNode(parentNode), nestingDepth(parentNode ? parentNode->graph().depth() + 1 : 0) {}

Graph::~Graph() {
  for (Value *output : outputValues)
    if (&output->graph() != this)
      --output->nestedOutputCount;
}

Graph *Graph::parentGraph() const { return enclosingNode ? &enclosingNode->graph() : nullptr; }

llvm::StringRef Graph::intern(llvm::StringRef text) {
  return text.empty() ? llvm::StringRef() : pool.try_emplace(text, 0).first->first();
}

Value *Graph::findValue(llvm::StringRef name) const { return byName.lookup(name); }

llvm::Expected<Value *> Graph::addValue(llvm::StringRef name, Type type) {
  if (name.empty())
    return llvm::createStringError(std::errc::invalid_argument, "a value of graph '%s' has no name",
                                   this->name.c_str());
  auto [entry, added] = byName.try_emplace(name, nullptr);
  if (!added)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "graph '%s' has two values with the name '%s'",
                                   this->name.c_str(), name.str().c_str());
  dropErasedSlots();
  std::unique_ptr<Value> value(new Value(*this, entry->first()));
  value->valueType = std::move(type);
  value->slot = ownedValues.size();
  entry->second = value.get();
  ownedValues.push_back(std::move(value));
  return ownedValues.back().get();
}

void Graph::dropErasedSlots() {
  // Only once half of the slots are empty, so that erasing costs constant time on average.
  if (erasedSlots < 64 || erasedSlots < ownedValues.size() / 2)
    return;
  llvm::erase_if(ownedValues, [](const std::unique_ptr<Value> &value) { return !value; });
  for (auto [slot, value] : llvm::enumerate(ownedValues))
    value->slot = slot;
  erasedSlots = 0;
}

llvm::Error Graph::renameValue(Value &value, llvm::StringRef newName) {
  assert(&value.graph() == this);
  if (value.name() == newName)
    return llvm::Error::success();
  if (newName.empty())
    return llvm::createStringError(std::errc::invalid_argument,
                                   "value '%s' of graph '%s' cannot get an empty name",
                                   value.name().str().c_str(), name.c_str());
  auto [entry, added] = byName.try_emplace(newName, &value);
  if (!added)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "value '%s' of graph '%s' cannot be renamed: '%s' is taken",
                                   value.name().str().c_str(), name.c_str(), newName.str().c_str());
  byName.erase(value.valueName);
  value.valueName = entry->first();
  return llvm::Error::success();
}

void Graph::markInput(Value &value) {
  assert(&value.graph() == this && !value.producer());
  if (value.inputFlag)
    return;
  value.inputFlag = true;
  inputValues.push_back(&value);
}

void Graph::unmarkInput(Value &value) {
  assert(&value.graph() == this);
  if (value.inputFlag)
    inputValues.erase(llvm::find(inputValues, &value));
  value.inputFlag = false;
}

void Graph::markOutput(Value &value) {
  ++(&value.graph() == this ? value.outputCount : value.nestedOutputCount);
  outputValues.push_back(&value);
}

void Graph::unmarkOutput(Value &value) {
  unsigned &count = &value.graph() == this ? value.outputCount : value.nestedOutputCount;
  auto kept = std::remove(outputValues.begin(), outputValues.end(), &value);
  count -= static_cast<unsigned>(outputValues.end() - kept);
  outputValues.erase(kept, outputValues.end());
}

void Graph::setInitializer(Value &value, TensorRef tensor) {
  assert(&value.graph() == this && !value.producer() && tensor);
  if (!value.isInitializer())
    initializerValues.push_back(&value);
  value.constant = std::move(tensor);
  value.sparse.reset();
}

void Graph::setSparseInitializer(Value &value, SparseTensor tensor) {
  assert(&value.graph() == this && !value.producer());
  if (!value.isInitializer())
    initializerValues.push_back(&value);
  value.constant.reset();
  value.sparse = std::make_unique<SparseTensor>(std::move(tensor));
}

void Graph::clearInitializer(Value &value) {
  assert(&value.graph() == this);
  if (value.isInitializer())
    initializerValues.erase(llvm::find(initializerValues, &value));
  value.constant.reset();
  value.sparse.reset();
}

llvm::Expected<Node *> Graph::addNode(const NodeSpec &spec, Node *before) {
  auto refuse = [&](Value &output, const char *reason) {
    return llvm::createStringError(std::errc::invalid_argument,
                                   "node '%s' (%s) of graph '%s' cannot produce '%s': %s",
                                   spec.name.c_str(), spec.opType.str().c_str(), name.c_str(),
                                   output.name().str().c_str(), reason);
  };
  for (auto [index, output] : llvm::enumerate(spec.outputs)) {
    if (!output)
      continue;
    if (&output->graph() != this)
      return refuse(*output, "the value belongs to another graph");
    if (Node *producer = output->producer())
      return refuse(*output, ("node '" + producer->name + "' (" + producer->opType().str() +
                              ") produces it already")
                                 .c_str());
    if (output->isInput())
      return refuse(*output, "it is an input of the graph");
    if (output->isInitializer())
      return refuse(*output, "it is an initializer");
    if (llvm::is_contained(spec.outputs.take_front(index), output))
      return refuse(*output, "the node lists it twice");
  }

  auto *node = new Node();
  node->parent = this;
  node->op = intern(spec.opType);
  node->opDomain = intern(spec.domain);
  node->opOverload = intern(spec.overload);
  node->name = spec.name;
  node->operands = std::vector<Use>(spec.inputs.size());
  for (auto [use, value] : llvm::zip_equal(node->operands, spec.inputs)) {
    use.owner = node;
    use.link(value);
  }
  node->results.assign(spec.outputs.begin(), spec.outputs.end());
  for (auto [index, output] : llvm::enumerate(spec.outputs)) {
    if (!output)
      continue;
    output->definingNode = node;
    output->resultIndex = static_cast<unsigned>(index);
  }
  nodeList.insert(before ? before->getIterator() : nodeList.end(), node);
  return node;
}

void Graph::releaseOutputs(Node &node) {
  assert(&node.graph() == this);
  for (Value *output : node.results)
    if (output)
      output->definingNode = nullptr;
  node.results.clear();
}

void Graph::eraseNode(Node &node) {
  assert(&node.graph() == this);
  std::vector<Value *> results = std::move(node.results);
  node.results.clear();
  nodeList.erase(node.getIterator());
  for (Value *result : results) {
    if (!result)
      continue;
    result->definingNode = nullptr;
    eraseValue(*result);
  }
}

void Graph::eraseValue(Value &value) {
  assert(&value.graph() == this && !value.hasUses() && !value.producer() && !value.isInput() &&
         !value.isOutput() && !value.isNestedOutput());
  clearInitializer(value);
  byName.erase(value.valueName);
  ++erasedSlots;
  ownedValues[value.slot].reset();
}

void Graph::eraseUnusedInitializers() {
  auto unused = [](const Value &value) {
    return !value.hasUses() && !value.isInput() && !value.isOutput() && !value.isNestedOutput();
  };
  auto kept = initializerValues.begin();
  for (Value *value : initializerValues) {
    if (!unused(*value)) {
      *kept++ = value;
      continue;
    }
    value->constant.reset();
    value->sparse.reset();
    eraseValue(*value);
  }
  initializerValues.erase(kept, initializerValues.end());
}

} // namespace optrun::ir
