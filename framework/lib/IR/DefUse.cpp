// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Uses, values and nodes: the def-use edges. Linking and unlinking an edge takes constant time.

#include "optrun/IR/Graph.h"

#include "llvm/ADT/SmallPtrSet.h"

namespace optrun::ir {

unsigned Use::operandIndex() const { return static_cast<unsigned>(this - owner->operands.data()); }

void Use::link(Value *value) {
  used = value;
  if (!value)
    return;
  previous = value->lastUse;
  (previous ? previous->next : value->firstUse) = this;
  value->lastUse = this;
}

void Use::unlink() {
  if (!used)
    return;
  (previous ? previous->next : used->firstUse) = next;
  (next ? next->previous : used->lastUse) = previous;
  used = nullptr;
  next = previous = nullptr;
}

Value::~Value() {
  // Only a graph that is taken down out of order, or an eraseNode against its contract, leaves
  // uses.
  while (firstUse)
    firstUse->unlink();
}

llvm::iterator_range<Value::UseIterator> Value::uses() const {
  return {UseIterator(firstUse), UseIterator()};
}

void Value::replaceAllUsesWith(Value &other) {
  if (&other == this || !firstUse)
    return;
  for (Use *use = firstUse; use; use = use->next)
    use->used = &other;
  // The whole list moves behind the uses that the other value has already.
  firstUse->previous = other.lastUse;
  (other.lastUse ? other.lastUse->next : other.firstUse) = firstUse;
  other.lastUse = lastUse;
  firstUse = lastUse = nullptr;
}

Node::~Node() {
  for (Use &use : operands)
    use.unlink();
  for (Value *result : results)
    if (result && result->definingNode == this)
      result->definingNode = nullptr;
}

bool Node::isOp(llvm::StringRef type) const {
  return op == type && (opDomain.empty() || opDomain == "ai.onnx");
}

bool Node::isOp(llvm::StringRef domain, llvm::StringRef type) const {
  if (domain.empty() || domain == "ai.onnx")
    return isOp(type);
  return op == type && opDomain == domain;
}

void Node::setInput(unsigned index, Value *value) {
  assert(index < operands.size() && "the number of inputs is fixed when the node is made");
  operands[index].unlink();
  operands[index].link(value);
}

const Attribute *Node::attribute(llvm::StringRef name) const {
  for (const Attribute &attribute : attrs)
    if (attribute.name == name)
      return &attribute;
  return nullptr;
}

std::optional<int64_t> Node::intAttribute(llvm::StringRef name) const {
  if (const Attribute *found = attribute(name))
    if (const int64_t *value = std::get_if<int64_t>(&found->value))
      return *value;
  return std::nullopt;
}

void Node::forEachSubgraph(llvm::function_ref<void(Graph &)> visit) const {
  for (const Attribute &attribute : attrs) {
    if (const auto *single = std::get_if<std::unique_ptr<Graph>>(&attribute.value)) {
      if (*single)
        visit(**single);
    } else if (const auto *several =
                   std::get_if<std::vector<std::unique_ptr<Graph>>>(&attribute.value)) {
      for (const std::unique_ptr<Graph> &graph : *several)
        if (graph)
          visit(*graph);
    }
  }
}

static void collectCaptures(const Graph &graph, unsigned outerDepth,
                            llvm::SmallPtrSetImpl<Value *> &seen,
                            llvm::SmallVectorImpl<Value *> &captures) {
  auto note = [&](Value *value) {
    if (value && value->graph().depth() <= outerDepth && seen.insert(value).second)
      captures.push_back(value);
  };
  for (const Node &node : graph.nodes()) {
    for (const Use &use : node.inputs())
      note(use.value());
    node.forEachSubgraph(
        [&](Graph &nested) { collectCaptures(nested, outerDepth, seen, captures); });
  }
  for (Value *output : graph.outputs())
    note(output);
}

llvm::SmallVector<Value *, 4> capturedValues(const Node &node) {
  llvm::SmallVector<Value *, 4> captures;
  llvm::SmallPtrSet<Value *, 8> seen;
  node.forEachSubgraph(
      [&](Graph &nested) { collectCaptures(nested, node.graph().depth(), seen, captures); });
  return captures;
}

} // namespace optrun::ir
