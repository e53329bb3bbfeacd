// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Components and packages.

#include "optrun/IR/Package.h"

#include "llvm/ADT/DenseSet.h"

#include <set>
#include <tuple>

namespace optrun::ir {
namespace {

bool isDefaultDomain(llvm::StringRef domain) { return domain.empty() || domain == "ai.onnx"; }

bool sameDomain(llvm::StringRef left, llvm::StringRef right) {
  return left == right || (isDefaultDomain(left) && isDefaultDomain(right));
}

/// Adds up payloads, each once: by tensor, by source, and by place for ranges of files.
class PayloadCounter {
public:
  void addGraph(const Graph &graph) {
    for (const Value *value : graph.initializers()) {
      addTensor(value->tensor());
      if (const SparseTensor *sparse = value->sparseTensor())
        addSparse(*sparse);
    }
    for (const Node &node : graph.nodes())
      for (const Attribute &attribute : node.attributes())
        addAttribute(attribute);
  }

  void addAttribute(const Attribute &attribute) {
    std::visit([&](const auto &held) { add(held); }, attribute.value);
  }

  uint64_t total = 0;

private:
  template <typename T> void add(const T &) {}
  void add(const TensorRef &tensor) { addTensor(tensor); }
  void add(const SparseTensor &tensor) { addSparse(tensor); }
  void add(const std::unique_ptr<Graph> &graph) {
    if (graph)
      addGraph(*graph);
  }
  template <typename T>
    requires std::is_same_v<T, TensorRef> || std::is_same_v<T, SparseTensor> ||
             std::is_same_v<T, std::unique_ptr<Graph>>
  void add(const std::vector<T> &list) {
    for (const T &element : list)
      add(element);
  }

  void addSparse(const SparseTensor &sparse) {
    addTensor(sparse.values);
    addTensor(sparse.indices);
  }

  void addTensor(const TensorRef &tensor) {
    if (!tensor)
      return;
    const TensorSource *source = tensor->source().get();
    const void *identity = source ? static_cast<const void *>(source) : tensor.get();
    if (!payloads.insert(identity).second)
      return;
    if (source)
      if (std::optional<FileRange> range = source->fileRange())
        if (!ranges
                 .emplace(range->file->device(), range->file->inode(), range->offset, range->length)
                 .second)
          return;
    total += tensor->byteSize();
  }

  llvm::DenseSet<const void *> payloads;
  std::set<std::tuple<uint64_t, uint64_t, uint64_t, uint64_t>> ranges;
};

} // namespace

const Function *Component::findFunction(llvm::StringRef domain, llvm::StringRef name,
                                        llvm::StringRef overload) const {
  for (const std::unique_ptr<Function> &function : functions)
    if (function->name == name && function->overload == overload &&
        sameDomain(function->domain, domain))
      return function.get();
  return nullptr;
}

std::optional<int64_t> Component::opsetVersion(llvm::StringRef domain) const {
  for (const OpsetImport &opset : opsets)
    if (sameDomain(opset.domain, domain))
      return opset.version;
  return std::nullopt;
}

uint64_t weightBytes(const Component &component) {
  PayloadCounter counter;
  counter.addGraph(component.graph);
  for (const std::unique_ptr<Function> &function : component.functions) {
    counter.addGraph(function->body);
    for (const Attribute &attribute : function->attributesWithDefaults)
      counter.addAttribute(attribute);
  }
  return counter.total;
}

llvm::Expected<std::unique_ptr<Component>> Package::cloneComponent(size_t index) const {
  if (index >= components.size())
    return llvm::createStringError(std::errc::invalid_argument,
                                   "there is no component %zu among %zu", index,
                                   components.size());
  const Component &source = *components[index];
  auto copy = std::make_unique<Component>();
  copy->name = source.name;
  copy->irVersion = source.irVersion;
  copy->opsets = source.opsets;
  copy->producerName = source.producerName;
  copy->producerVersion = source.producerVersion;
  copy->domain = source.domain;
  copy->docString = source.docString;
  copy->modelVersion = source.modelVersion;
  copy->metadata = source.metadata;
  copy->trainingInfo = source.trainingInfo;
  copy->deviceConfigurations = source.deviceConfigurations;
  if (llvm::Error error = cloneGraph(source.graph, copy->graph))
    return error;
  for (const std::unique_ptr<Function> &function : source.functions) {
    llvm::Expected<std::unique_ptr<Function>> copied = cloneFunction(*function);
    if (!copied)
      return copied.takeError();
    copy->functions.push_back(std::move(*copied));
  }
  return copy;
}

llvm::Expected<std::unique_ptr<Function>> cloneFunction(const Function &function) {
  auto copy = std::make_unique<Function>();
  copy->domain = function.domain;
  copy->name = function.name;
  copy->overload = function.overload;
  copy->docString = function.docString;
  copy->attributes = function.attributes;
  copy->opsets = function.opsets;
  copy->metadata = function.metadata;
  for (const Attribute &attribute : function.attributesWithDefaults) {
    llvm::Expected<Attribute> copied = cloneAttribute(attribute, nullptr);
    if (!copied)
      return copied.takeError();
    copy->attributesWithDefaults.push_back(std::move(*copied));
  }
  if (llvm::Error error = cloneGraph(function.body, copy->body))
    return error;
  return copy;
}

} // namespace optrun::ir
