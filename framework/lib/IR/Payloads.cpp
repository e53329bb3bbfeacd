// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Walks over constants, and tells payloads apart.

#include "optrun/IR/Payloads.h"

namespace optrun::ir {
namespace {

class TensorWalk {
public:
  using Visit = llvm::function_ref<void(const TensorRef &, TensorRole)>;
  explicit TensorWalk(Visit visit) : visit(visit) {}

  void walk(const Component &component) {
    walk(component.graph);
    for (const std::unique_ptr<Function> &function : component.functions)
      walk(*function);
  }

  void walk(const Graph &graph) {
    for (const Value *value : graph.initializers())
      walk(*value);
    for (const Node &node : graph.nodes())
      walk(node);
  }

  void walk(const Node &node) {
    for (const Attribute &attribute : node.attributes())
      walk(attribute);
  }

  void walk(const Value &value) {
    add(value.tensor());
    if (const SparseTensor *sparse = value.sparseTensor())
      add(*sparse);
  }

  void walk(const Function &function) {
    walk(function.body);
    for (const Attribute &attribute : function.attributesWithDefaults)
      walk(attribute);
  }

  void walk(const Attribute &attribute) {
    std::visit([&](const auto &held) { add(held); }, attribute.value);
  }

private:
  template <typename T> void add(const T &) {} // holds no tensors
  void add(const TensorRef &tensor, TensorRole role = TensorRole::Weight) {
    if (tensor)
      visit(tensor, role);
  }
  void add(const SparseTensor &sparse) {
    add(sparse.values);
    add(sparse.indices, TensorRole::SparseIndices);
  }
  void add(const std::unique_ptr<Graph> &graph) {
    if (graph)
      walk(*graph);
  }
  template <typename T>
    requires std::is_same_v<T, TensorRef> || std::is_same_v<T, SparseTensor> ||
             std::is_same_v<T, std::unique_ptr<Graph>>
  void add(const std::vector<T> &list) {
    for (const T &element : list)
      add(element);
  }

  Visit visit;
};

template <typename Holder>
void walkTensors(const Holder &holder, llvm::function_ref<void(const TensorRef &)> visit) {
  auto inAnyRole = [visit](const TensorRef &tensor, TensorRole) { visit(tensor); };
  TensorWalk(inAnyRole).walk(holder);
}

} // namespace

void forEachTensor(const Component &component, llvm::function_ref<void(const TensorRef &)> visit) {
  walkTensors(component, visit);
}

void forEachTensorInRole(const Component &component,
                         llvm::function_ref<void(const TensorRef &, TensorRole)> visit) {
  TensorWalk(visit).walk(component);
}

void forEachTensor(const Node &node, llvm::function_ref<void(const TensorRef &)> visit) {
  walkTensors(node, visit);
}

void forEachTensor(const Function &function, llvm::function_ref<void(const TensorRef &)> visit) {
  walkTensors(function, visit);
}

void forEachTensor(const Value &initializer, llvm::function_ref<void(const TensorRef &)> visit) {
  walkTensors(initializer, visit);
}

std::pair<size_t, bool> PayloadIndex::add(const Tensor &tensor) {
  const TensorSource *source = tensor.source().get();
  // Strings have no source; each such tensor is a payload of its own.
  const void *identity = source ? static_cast<const void *>(source) : &tensor;
  auto [known, isNewSource] = bySource.try_emplace(identity, count);
  if (!isNewSource)
    return {known->second, false};
  if (std::optional<FileRange> range = source ? source->fileRange() : std::nullopt) {
    Range key{range->file->device(), range->file->inode(), range->offset, range->length};
    auto [place, isNewRange] = byRange.try_emplace(key, count);
    if (!isNewRange) {
      known->second = place->second;
      return {known->second, false};
    }
  }
  return {count++, true};
}

} // namespace optrun::ir
