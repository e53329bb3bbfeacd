// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Components and packages.

#include "optrun/IR/Package.h"

#include "optrun/IR/Payloads.h"

namespace optrun::ir {
namespace {

bool isDefaultDomain(llvm::StringRef domain) { return domain.empty() || domain == "ai.onnx"; }

bool sameDomain(llvm::StringRef left, llvm::StringRef right) {
  return left == right || (isDefaultDomain(left) && isDefaultDomain(right));
}

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
  PayloadIndex payloads;
  uint64_t total = 0;
  forEachTensor(component, [&](const TensorRef &tensor) {
    if (payloads.add(*tensor).second)
      total += tensor->byteSize();
  });
  return total;
}

llvm::Expected<std::unique_ptr<Component>> Package::cloneComponent(size_t index) const {
  if (index >= components.size())
    return llvm::createStringError(std::errc::invalid_argument,
                                   "there is no component %zu among %zu", index, components.size());
  return ir::cloneComponent(*components[index]);
}

llvm::Expected<std::unique_ptr<Component>> cloneComponent(const Component &source) {
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
