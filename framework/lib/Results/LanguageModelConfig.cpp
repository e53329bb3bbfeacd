// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What config.json and generation_config.json say of a decoder.

#include "optrun/Results/LanguageModel.h"

#include <cmath>
#include <nlohmann/json.hpp>

using namespace llvm;

namespace optrun {
namespace {

using Json = nlohmann::json;

/// Real ones have a few kilobytes.
constexpr size_t MaxFileBytes = size_t(16) << 20;
/// Of sizes and token ids: products of two still fit.
constexpr int64_t MaxNumber = std::numeric_limits<int32_t>::max();

/// Members of one file. The first problem is kept; until somebody asks, a wrong value reads as one
/// that is not there. null is that, too: so configurations are saved.
class ConfigFile {
public:
  ConfigFile(StringRef name, StringRef text) : name(name) {
    if (text.size() <= MaxFileBytes)
      json = Json::parse(text.begin(), text.end(), nullptr, /*allow_exceptions=*/false);
    if (!json.is_object())
      fail(text.size() <= MaxFileBytes ? "is no JSON object" : "is too large");
  }

  std::string text(const char *key) {
    const Json *value = find(key);
    if (!value)
      return "";
    if (value->is_string())
      return value->get<std::string>();
    return fail("'" + Twine(key) + "' must be a string"), "";
  }

  std::optional<bool> flag(const char *key) {
    const Json *value = find(key);
    if (!value)
      return std::nullopt;
    if (value->is_boolean())
      return value->get<bool>();
    return fail("'" + Twine(key) + "' must be true or false"), std::nullopt;
  }

  std::optional<double> number(const char *key) {
    const Json *value = find(key);
    if (!value)
      return std::nullopt;
    if (value->is_number() && std::isfinite(value->get<double>()) && value->get<double>() >= 0)
      return value->get<double>();
    return fail("'" + Twine(key) + "' must be a number that is not negative"), std::nullopt;
  }

  std::optional<int64_t> integer(const char *key, int64_t least) {
    const Json *value = find(key);
    return value ? integer(*value, key, least) : std::nullopt;
  }

  /// A size under the first of these keys that is there.
  std::optional<int64_t> size(std::initializer_list<const char *> keys) {
    for (const char *key : keys)
      if (find(key))
        return integer(key, 1);
    return std::nullopt;
  }

  int64_t requiredSize(std::initializer_list<const char *> keys) {
    std::optional<int64_t> value = size(keys);
    if (!value)
      fail("'" + Twine(*keys.begin()) + "' is missing");
    return value.value_or(1);
  }

  /// One id or a list of ids; -1 stands for none in some checkpoints.
  std::vector<int64_t> tokens(const char *key) {
    std::vector<int64_t> ids;
    const Json *value = find(key);
    if (!value)
      return ids;
    const auto add = [&](const Json &id) {
      if (std::optional<int64_t> token = integer(id, key, -1); token && *token >= 0)
        ids.push_back(*token);
    };
    if (value->is_array())
      for (const Json &id : *value)
        add(id);
    else
      add(*value);
    return ids;
  }

  std::optional<int64_t> token(const char *key) {
    std::vector<int64_t> ids = tokens(key);
    return ids.empty() ? std::nullopt : std::optional(ids.front());
  }

  void fail(const Twine &what) {
    if (problem.empty())
      problem = (name + ": " + what).str();
  }

  Error takeProblem() const {
    return problem.empty() ? Error::success() : createStringError(problem);
  }

private:
  const Json *find(const char *key) const {
    if (!json.is_object())
      return nullptr;
    auto found = json.find(key);
    return found == json.end() || found->is_null() ? nullptr : &*found;
  }

  std::optional<int64_t> integer(const Json &value, const char *key, int64_t least) {
    // What int64_t cannot hold is "unsigned" to the parser; get() would wrap it.
    const bool fits = value.is_number_unsigned()
                          ? value.get<uint64_t>() <= static_cast<uint64_t>(MaxNumber)
                          : value.is_number_integer() && value.get<int64_t>() <= MaxNumber;
    if (fits && value.get<int64_t>() >= least)
      return value.get<int64_t>();
    fail("'" + Twine(key) + "' must be an integer from " + Twine(least) + " to " +
         Twine(MaxNumber));
    return std::nullopt;
  }

  StringRef name;
  Json json;
  std::string problem;
};

void readSizes(ConfigFile &config, LanguageModel &model) {
  model.modelType = config.text("model_type");
  model.vocabularySize = config.requiredSize({"vocab_size"});
  model.contextLength = config.requiredSize({"max_position_embeddings", "n_positions", "n_ctx"});
  model.layerCount = config.requiredSize({"num_hidden_layers", "n_layer"});
  model.hiddenSize = config.requiredSize({"hidden_size", "n_embd"});
  model.attentionHeads = config.requiredSize({"num_attention_heads", "n_head"});
  model.keyValueHeads = config.size({"num_key_value_heads"}).value_or(model.attentionHeads);
  if (std::optional<int64_t> headSize = config.size({"head_dim"}))
    model.headSize = *headSize;
  else if (model.hiddenSize % model.attentionHeads == 0)
    model.headSize = model.hiddenSize / model.attentionHeads;
  else
    config.fail("'hidden_size' is no multiple of 'num_attention_heads', and there is no "
                "'head_dim'");
}

/// What \p file does not mention stays.
void readTokens(ConfigFile &file, LanguageModel &model) {
  if (std::optional<int64_t> token = file.token("bos_token_id"))
    model.bosToken = token;
  if (std::optional<int64_t> token = file.token("pad_token_id"))
    model.padToken = token;
  if (std::vector<int64_t> tokens = file.tokens("eos_token_id"); !tokens.empty())
    model.eosTokens = std::move(tokens);
}

void readSampling(ConfigFile &file, LanguageModel::Sampling &sampling) {
  sampling.isRandom = file.flag("do_sample");
  sampling.temperature = file.number("temperature");
  sampling.topK = file.integer("top_k", 0);
  sampling.topP = file.number("top_p");
  sampling.repetitionPenalty = file.number("repetition_penalty");
}

} // namespace

Expected<LanguageModel> readLanguageModel(StringRef configJson, StringRef generationConfigJson) {
  LanguageModel model;
  model.configJson = configJson.str();
  model.generationConfigJson = generationConfigJson.str();
  ConfigFile config("config.json", configJson);
  readSizes(config, model);
  readTokens(config, model);
  if (Error error = config.takeProblem())
    return std::move(error);
  if (generationConfigJson.empty())
    return model;
  ConfigFile generation("generation_config.json", generationConfigJson);
  readTokens(generation, model);
  readSampling(generation, model.sampling);
  if (Error error = generation.takeProblem())
    return std::move(error);
  return model;
}

} // namespace optrun
