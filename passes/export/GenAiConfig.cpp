// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Printing genai_config.json.

#include "GenAiConfig.h"

#include "ComponentRecord.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"

#include <nlohmann/json.hpp>

using namespace llvm;

namespace optrun::exporting {
namespace {

using Json = nlohmann::ordered_json;

/// The families of decoders that GenAI knows by name. It treats them alike, but for a few that it
/// has workarounds for. GPT-2 is not among them: there, GenAI wants keys and values in one tensor.
constexpr StringLiteral KnownTypes[] = {"gemma", "gemma2", "granite", "llama", "mistral", "olmo",
                                        "phi",   "phi3",   "qwen2",   "qwen3", "smollm3"};
constexpr StringLiteral AnyDecoder = "decoder";

/// Checks the values that go in and out of the chain of components.
class ChainValues {
public:
  explicit ChainValues(ArrayRef<std::unique_ptr<ir::Component>> components) {
    for (const std::unique_ptr<ir::Component> &component : components) {
      for (const std::string &name : inputNames(*component))
        if (!made.contains(name))
          taken.insert(name);
      for (const std::string &name : outputNames(*component))
        made.insert(name);
    }
  }

  bool takes(StringRef name) const { return taken.contains(name); }

  Error check(const LanguageModel &model) const {
    const LanguageModel::ValueNames &names = model.names;
    StringSet<> known;
    for (const std::string &name : {names.inputIds, names.attentionMask, names.positionIds})
      known.insert(name);
    for (int64_t layer = 0; layer != model.layerCount; ++layer) {
      for (const std::string &pattern : {names.pastKey, names.pastValue}) {
        if (Error error = checkCache(pattern, layer, taken, "input"))
          return error;
        known.insert(LanguageModel::nameOf(pattern, layer));
      }
      for (const std::string &pattern : {names.presentKey, names.presentValue})
        if (Error error = checkCache(pattern, layer, made, "output"))
          return error;
    }
    if (!taken.contains(names.inputIds))
      return createStringError("the model has no input '" + names.inputIds + "'");
    if (!made.contains(names.logits))
      return createStringError("the model has no output '" + names.logits + "'");
    std::vector<StringRef> unknown;
    for (const auto &entry : taken)
      if (!known.contains(entry.first()))
        unknown.push_back(entry.first());
    if (unknown.empty())
      return Error::success();
    return createStringError("the model has an input '" +
                             *std::min_element(unknown.begin(), unknown.end()) +
                             "', for which GenAI has no value");
  }

private:
  static Error checkCache(StringRef pattern, int64_t layer, const StringSet<> &values,
                          StringRef kind) {
    const std::string name = LanguageModel::nameOf(pattern, layer);
    if (values.contains(name))
      return Error::success();
    return createStringError("the model has no " + kind + " '" + name +
                             "': GenAI runs models that take and give the keys and values of "
                             "earlier tokens (capture: {kv-cache: true})");
  }

  StringSet<> taken, made;
};

Json describeInputs(const LanguageModel &model, const ChainValues &values) {
  const LanguageModel::ValueNames &names = model.names;
  Json json = {{"input_ids", names.inputIds}};
  if (values.takes(names.attentionMask))
    json["attention_mask"] = names.attentionMask;
  if (values.takes(names.positionIds))
    json["position_ids"] = names.positionIds;
  json["past_key_names"] = names.pastKey;
  json["past_value_names"] = names.pastValue;
  return json;
}

Json describeOutputs(const LanguageModel::ValueNames &names) {
  return {{"logits", names.logits},
          {"present_key_names", names.presentKey},
          {"present_value_names", names.presentValue}};
}

Json describePipeline(ArrayRef<std::unique_ptr<ir::Component>> components,
                      ArrayRef<std::string> files) {
  Json pipeline = Json::array();
  for (size_t i = 0; i != components.size(); ++i) {
    const ir::Component &component = *components[i];
    Json stage = Json::object();
    stage[component.name] = {{"filename", files[i]},
                             {"inputs", inputNames(component)},
                             {"outputs", outputNames(component)}};
    pipeline.push_back(std::move(stage));
  }
  return pipeline;
}

Json describeDecoder(const LanguageModel &model,
                     ArrayRef<std::unique_ptr<ir::Component>> components,
                     ArrayRef<std::string> files, const ChainValues &values) {
  Json json = {
      {"session_options", {{"log_id", "onnxruntime-genai"}, {"provider_options", Json::array()}}},
      {"head_size", model.headSize},
      {"hidden_size", model.hiddenSize},
      {"inputs", describeInputs(model, values)},
      {"outputs", describeOutputs(model.names)},
      {"num_attention_heads", model.attentionHeads},
      {"num_hidden_layers", model.layerCount},
      {"num_key_value_heads", model.keyValueHeads}};
  if (components.size() == 1)
    json["filename"] = files.front();
  else
    json["pipeline"] = describePipeline(components, files);
  return json;
}

/// GenAI's own defaults where the checkpoint says nothing.
Json describeSearch(const LanguageModel &model) {
  const LanguageModel::Sampling &sampling = model.sampling;
  return {{"do_sample", sampling.isRandom.value_or(false)},
          {"max_length", model.contextLength},
          {"min_length", 0},
          {"num_beams", 1},
          {"num_return_sequences", 1},
          // Keys and values come out with the new ones appended, not written into what went in.
          {"past_present_share_buffer", false},
          {"repetition_penalty", sampling.repetitionPenalty.value_or(1.0)},
          {"temperature", sampling.temperature.value_or(1.0)},
          {"top_k", sampling.topK.value_or(50)},
          {"top_p", sampling.topP.value_or(1.0)}};
}

std::string typeName(const LanguageModel &model, size_t components) {
  if (components > 1)
    return "decoder-pipeline";
  return is_contained(KnownTypes, model.modelType) ? model.modelType : AnyDecoder.str();
}

} // namespace

Expected<std::string> printGenAiConfig(const LanguageModel &model,
                                       ArrayRef<std::unique_ptr<ir::Component>> components,
                                       ArrayRef<std::string> files) {
  const ChainValues values(components);
  if (Error error = values.check(model))
    return std::move(error);
  if (model.eosTokens.empty())
    return createStringError("the checkpoint names no token that ends a text (eos_token_id), "
                             "which GenAI needs");
  Json description = {{"type", typeName(model, components.size())},
                      {"vocab_size", model.vocabularySize},
                      {"context_length", model.contextLength},
                      {"eos_token_id", model.eosTokens},
                      {"pad_token_id", model.padToken.value_or(model.eosTokens.front())}};
  if (model.bosToken)
    description["bos_token_id"] = *model.bosToken;
  description["decoder"] = describeDecoder(model, components, files, values);
  const Json json = {{"model", std::move(description)}, {"search", describeSearch(model)}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace optrun::exporting
