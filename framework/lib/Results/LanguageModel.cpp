// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The record of a captured decoder.

#include "optrun/Results/LanguageModel.h"

#include "optrun/IR/Payloads.h"

using namespace llvm;

namespace optrun {
namespace {

/// Smaller constants are shapes, axes and scalars more often than weights.
constexpr uint64_t LeastWeightBytes = 1024;

void forEachWeight(const ir::Component &component,
                   function_ref<void(const ir::TensorRef &)> visit) {
  ir::forEachTensor(component, [&](const ir::TensorRef &tensor) {
    if (tensor->source() && tensor->byteSize() >= LeastWeightBytes)
      visit(tensor);
  });
}

} // namespace

LanguageModel::LanguageModel() = default;
LanguageModel::LanguageModel(LanguageModel &&) noexcept = default;
LanguageModel &LanguageModel::operator=(LanguageModel &&) noexcept = default;
LanguageModel::~LanguageModel() = default;

void LanguageModel::print(raw_ostream &os) const {
  os << "model type: " << modelType << '\n'
     << "vocabulary: " << vocabularySize << '\n'
     << "context: " << contextLength << '\n'
     << "layers: " << layerCount << " of width " << hiddenSize << '\n'
     << "heads: " << attentionHeads << " (" << keyValueHeads << " for keys and values) of width "
     << headSize << '\n';
  for (int64_t token : eosTokens)
    os << "ends with token: " << token << '\n';
  for (const std::string &file : tokenizerFiles)
    os << "tokenizer: " << file << '\n';
  os << "checkpoint: " << tensors.size() << " tensors\n";
}

std::string LanguageModel::nameOf(StringRef pattern, int64_t layer) {
  const auto [before, after] = pattern.split("%d");
  return (before + Twine(layer) + after).str();
}

void LanguageModel::rememberWeights(const ir::Component &component) {
  graphWeights.clear();
  ir::PayloadIndex known;
  forEachWeight(component, [&](const ir::TensorRef &tensor) {
    if (known.add(*tensor).second)
      graphWeights.push_back(tensor);
  });
}

Error LanguageModel::checkWeightsUnchanged(const ir::Package &package) const {
  ir::PayloadIndex payloads;
  for (const ir::TensorRef &tensor : graphWeights)
    payloads.add(*tensor);
  std::vector<bool> found(graphWeights.size());
  std::string added;
  for (const std::unique_ptr<ir::Component> &component : package.components)
    forEachWeight(*component, [&](const ir::TensorRef &tensor) {
      if (auto [index, isNew] = payloads.add(*tensor); index < found.size())
        found[index] = true;
      else if (isNew && added.empty())
        added = tensor->name().str();
    });
  for (size_t i = 0; i != found.size(); ++i)
    if (!found[i])
      return createStringError("the weight '" + graphWeights[i]->name() +
                               "' of the checkpoint has been replaced or removed" +
                               (added.empty() ? "" : "; '" + added + "' is new"));
  if (!added.empty())
    return createStringError("the weight '" + added + "' is not of the checkpoint");
  return Error::success();
}

} // namespace optrun
