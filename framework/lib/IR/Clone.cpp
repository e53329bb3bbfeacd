// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Copies of graphs, nodes and attributes. Nested graphs are copied with them; tensors are shared.

#include "NestedUses.h"

#include "optrun/IR/Graph.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

namespace optrun::ir {
namespace {

class Cloner {
public:
  /// Resolves values from outside of what is copied.
  using Resolve = llvm::function_ref<llvm::Expected<Value *>(Value &)>;
  explicit Cloner(Resolve resolveOuter) : resolveOuter(resolveOuter) {}

  llvm::Error cloneInto(const Graph &source, Graph &target) {
    if (llvm::Error error = checkDepth(source))
      return error;
    if (llvm::Error error = checkDepth(target))
      return error;
    if (!target.values().empty() || !target.nodes().empty())
      return llvm::createStringError(std::errc::invalid_argument,
                                     "graph '%s' cannot be copied into a graph that is not empty",
                                     source.name.c_str());
    target.name = source.name;
    target.docString = source.docString;
    target.metadata = source.metadata;
    for (const std::unique_ptr<Value> &value : source.values()) {
      llvm::Expected<Value *> copy = target.addValue(value->name(), value->type());
      if (!copy)
        return copy.takeError();
      (*copy)->docString = value->docString;
      (*copy)->metadata = value->metadata;
      (*copy)->quantizationAnnotation = value->quantizationAnnotation;
      (*copy)->hasValueInfo = value->hasValueInfo;
      mapped[value.get()] = *copy;
    }
    for (Value *value : source.inputs())
      target.markInput(*mapped.lookup(value));
    for (Value *value : source.initializers()) {
      if (const SparseTensor *sparse = value->sparseTensor())
        target.setSparseInitializer(*mapped.lookup(value), *sparse);
      else
        target.setInitializer(*mapped.lookup(value), value->tensor());
    }
    for (const Node &node : source.nodes())
      if (llvm::Error error = cloneNodeInto(node, target).takeError())
        return error;
    for (Value *value : source.outputs()) {
      llvm::Expected<Value *> copy = resolve(*value);
      if (!copy)
        return copy.takeError();
      target.markOutput(**copy);
    }
    return llvm::Error::success();
  }

  llvm::Expected<Node *> cloneNodeInto(const Node &node, Graph &target) {
    llvm::SmallVector<Value *, 8> inputs, outputs;
    for (const Use &use : node.inputs()) {
      if (!use.value()) {
        inputs.push_back(nullptr);
        continue;
      }
      llvm::Expected<Value *> copy = resolve(*use.value());
      if (!copy)
        return copy.takeError();
      inputs.push_back(*copy);
    }
    for (Value *output : node.outputs())
      outputs.push_back(output ? mapped.lookup(output) : nullptr);

    NodeSpec spec{node.domain(), node.opType(), node.overload(), node.name, inputs, outputs};
    llvm::Expected<Node *> copy = target.addNode(spec);
    if (!copy)
      return copy.takeError();
    (*copy)->docString = node.docString;
    (*copy)->metadata = node.metadata;
    (*copy)->modulePath = node.modulePath;
    (*copy)->deviceConfigurations = node.deviceConfigurations;
    for (const Attribute &attribute : node.attributes()) {
      llvm::Expected<Attribute> copied = cloneAttribute(attribute, *copy);
      if (!copied) {
        // Without its nested graphs the copy is no node; its outputs stay the caller's.
        target.releaseOutputs(**copy);
        target.eraseNode(**copy);
        return copied.takeError();
      }
      (*copy)->attributes().push_back(std::move(*copied));
    }
    return copy;
  }

  llvm::Expected<Attribute> cloneAttribute(const Attribute &attribute, Node *parent) {
    llvm::Error error = llvm::Error::success();
    auto cloneNested = [&](const std::unique_ptr<Graph> &graph) -> std::unique_ptr<Graph> {
      if (!graph || error)
        return nullptr;
      auto nested = std::make_unique<Graph>(parent);
      error = cloneInto(*graph, *nested);
      return nested;
    };
    Attribute::Value value = std::visit(
        [&](const auto &held) -> Attribute::Value {
          using Held = std::decay_t<decltype(held)>;
          if constexpr (std::is_same_v<Held, std::unique_ptr<Graph>>) {
            return cloneNested(held);
          } else if constexpr (std::is_same_v<Held, std::vector<std::unique_ptr<Graph>>>) {
            std::vector<std::unique_ptr<Graph>> graphs;
            for (const std::unique_ptr<Graph> &graph : held)
              graphs.push_back(cloneNested(graph));
            return graphs;
          } else {
            return held;
          }
        },
        attribute.value);
    if (error)
      return error;
    Attribute copy(attribute.name, std::move(value));
    copy.docString = attribute.docString;
    return copy;
  }

  void map(const Value *from, Value *to) { mapped[from] = to; }

private:
  llvm::Expected<Value *> resolve(Value &value) {
    auto [entry, added] = mapped.try_emplace(&value, nullptr);
    if (!added)
      return entry->second;
    llvm::Expected<Value *> outer = resolveOuter(value);
    if (outer && !*outer)
      outer =
          llvm::createStringError(std::errc::invalid_argument,
                                  "'%s' is used by what is copied, but has no counterpart there",
                                  value.name().str().c_str());
    if (!outer) {
      mapped.erase(&value);
      return outer.takeError();
    }
    return mapped[&value] = *outer;
  }

  Resolve resolveOuter;
  llvm::DenseMap<const Value *, Value *> mapped;
};

} // namespace

llvm::Error cloneGraph(const Graph &source, Graph &target,
                       llvm::function_ref<Value *(Value *)> mapCapture) {
  auto resolveCapture = [&](Value &value) -> llvm::Expected<Value *> {
    return mapCapture ? mapCapture(&value) : &value;
  };
  return Cloner(resolveCapture).cloneInto(source, target);
}

llvm::Expected<Node *> cloneNode(const Node &node, Graph &target,
                                 llvm::function_ref<llvm::Expected<Value *>(Value &)> mapInput,
                                 llvm::function_ref<llvm::Expected<Value *>(Value &)> mapOutput) {
  Cloner cloner(mapInput);
  // The captures come first, so that nothing has been added when one of them cannot be mapped.
  for (Value *value : node.outputs()) {
    if (!value)
      continue;
    llvm::Expected<Value *> copy = mapOutput(*value);
    if (!copy)
      return copy.takeError();
    cloner.map(value, *copy);
  }
  return cloner.cloneNodeInto(node, target);
}

llvm::Expected<Attribute> cloneAttribute(const Attribute &attribute, Node *parent) {
  auto identity = [](Value &value) -> llvm::Expected<Value *> { return &value; };
  return Cloner(identity).cloneAttribute(attribute, parent);
}

} // namespace optrun::ir
