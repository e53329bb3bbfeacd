// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the logits of a language model.

#include "ModelInterface.h"

#include "optrun/Onnx/OnnxReader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

using namespace llvm;

namespace optrun::evaluate {
namespace {

using Chain = ArrayRef<std::unique_ptr<ir::Component>>;

bool mayBeLogits(const ir::Value &output) {
  constexpr size_t LogitsRank = 3; // [batch, sequence, vocabulary]
  const ir::Type &type = output.type();
  return type.isTensor() && isFloatingPoint(type.elementType()) && type.shape() &&
         type.shape()->size() == LogitsRank;
}

std::string listOf(ArrayRef<const ir::Value *> values) {
  std::string names;
  for (const ir::Value *value : values)
    names += (names.empty() ? "'" : ", '") + value->name().str() + "'";
  return names;
}

/// The outputs that no later component takes: those of the model.
std::vector<const ir::Value *> finalOutputs(Chain chain) {
  std::vector<const ir::Value *> outputs;
  StringSet<> taken;
  for (const auto &component : llvm::reverse(chain)) {
    for (const ir::Value *output : component->graph.outputs())
      if (!taken.contains(output->name()))
        outputs.push_back(output);
    for (const ir::Value *input : component->graph.inputs())
      taken.insert(input->name());
  }
  return outputs;
}

Expected<const ir::Value *> findLogits(Chain chain, const std::optional<std::string> &wanted,
                                       bool isOptional) {
  std::vector<const ir::Value *> outputs = finalOutputs(chain);
  auto find = [&](StringRef name) {
    auto found = find_if(outputs, [&](const ir::Value *each) { return each->name() == name; });
    return found == outputs.end() ? nullptr : *found;
  };
  if (const ir::Value *found = find(wanted.value_or("logits")))
    return found;
  if (wanted && !isOptional)
    return createStringError("it has no output '" + *wanted + "', but " + listOf(outputs));
  std::vector<const ir::Value *> candidates;
  copy_if(outputs, std::back_inserter(candidates),
          [](const ir::Value *each) { return mayBeLogits(*each); });
  if (candidates.size() == 1)
    return candidates.front();
  return createStringError("which of its outputs holds the logits is not clear: none is called "
                           "logits, and " +
                           Twine(candidates.empty() ? "no" : "more than one") +
                           " output has floating-point numbers and three dimensions; name one with "
                           "logits: " +
                           listOf(outputs));
}

} // namespace

Expected<ModelInterface> describeModel(Chain chain, const std::optional<std::string> &logits,
                                       bool isOptional) {
  Expected<TokenModel> tokens = describeTokenModel(chain);
  if (!tokens)
    return tokens.takeError();
  ModelInterface model = {std::move(*tokens), {}};
  Expected<const ir::Value *> output = findLogits(chain, logits, isOptional);
  if (!output)
    return output.takeError();
  model.logits = (*output)->name().str();
  if (!mayBeLogits(**output))
    return model;
  if (const std::optional<int64_t> count = (*output)->type().shape()->back().extent)
    model.vocabulary = std::min(model.vocabulary.value_or(*count), *count);
  return model;
}

Expected<ModelInterface> describeModel(const ModelFiles &files,
                                       const std::optional<std::string> &logits, bool isOptional) {
  std::vector<std::unique_ptr<ir::Component>> chain;
  for (const runtime::ChainLink &link : files.links) {
    Expected<onnx::ReadResult> read = onnx::readModel(link.path);
    if (!read)
      return read.takeError();
    chain.push_back(std::move(read->component));
  }
  return describeModel(chain, logits, isOptional);
}

} // namespace optrun::evaluate
