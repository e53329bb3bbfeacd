// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// config.json, as it should be and as it should not.

#include "decoder/ModelConfig.h"

#include "DecoderFixture.h"
#include "TestSupport/Errors.h"
#include "families/Families.h"
#include "gmock/gmock.h"

#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::decoder;
using namespace optrun::test;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

json configOf(const std::string &family) { return json::parse(readCheckpoint(family).config); }

llvm::Expected<DecoderDescription> describe(const json &config) {
  llvm::Expected<ModelConfig> parsed = ModelConfig::parse(config.dump());
  if (!parsed)
    return parsed.takeError();
  return describeModel(*parsed);
}

/// The message about a configuration with \p key changed.
std::string problemOf(const std::string &family, const std::string &key, const json &value) {
  json config = configOf(family);
  config[key] = value;
  return errorOf(describe(config));
}

TEST(ModelConfig, IsAnObject) {
  EXPECT_EQ(errorOf(ModelConfig::parse("")), "config.json is not valid JSON");
  EXPECT_EQ(errorOf(ModelConfig::parse("{\"a\": 1")), "config.json is not valid JSON");
  EXPECT_EQ(errorOf(ModelConfig::parse("{\"a\": 1e999}")), "config.json is not valid JSON");
  EXPECT_EQ(errorOf(ModelConfig::parse("[]")), "config.json holds no object");
}

TEST(ModelConfig, IsNotDeep) {
  const size_t depth = 1000000;
  const std::string nested = std::string(depth, '[') + std::string(depth, ']');
  EXPECT_EQ(errorOf(ModelConfig::parse("{\"hidden_size\": " + nested + "}")),
            "config.json is nested too deeply");
}

TEST(ModelConfig, UnknownFamiliesAreNamedWithTheKnownOnes) {
  EXPECT_EQ(problemOf("llama", "model_type", "mamba"),
            "config.json: 'model_type' is \"mamba\"; supported are gemma2, gpt2, llama, mistral, "
            "opt, phi3, qwen2, qwen3");
  EXPECT_THAT(problemOf("llama", "model_type", nullptr), HasSubstr("'model_type' is missing"));
  EXPECT_THAT(problemOf("llama", "model_type", 3), HasSubstr("'model_type' is 3"));
}

TEST(ModelConfig, LongTextsAreCut) {
  const std::string text(1000000, 'x'), start = text.substr(0, 39) + "...;";
  for (const char *key : {"model_type", "hidden_act"})
    EXPECT_THAT(problemOf("llama", key, text), HasSubstr("is \"" + start)) << key;
  EXPECT_THAT(problemOf("llama", "rope_scaling", {{"type", text}}), HasSubstr("is \"" + start));
  EXPECT_LT(problemOf("qwen2", "layer_types", std::vector<std::string>(4, text)).size(), 200u);
}

TEST(ModelConfig, HostileNumbersAreNamed) {
  for (const json &number : {json(0), json(-4), json(1.5), json(uint64_t(1) << 63), json("4"),
                             json(int64_t(1) << 40), json::array({4}), json(true)})
    for (const char *key : {"hidden_size", "num_attention_heads", "num_hidden_layers",
                            "num_key_value_heads", "head_dim", "vocab_size", "intermediate_size"})
      EXPECT_THAT(problemOf("llama", key, number),
                  AllOf(HasSubstr("'" + std::string(key) + "' is " + number.dump()),
                        HasSubstr("it must be an integer from 1 to")));
  for (const json &number : {json(0), json(-1.0), json("x")})
    for (const char *key : {"rms_norm_eps", "rope_theta"})
      EXPECT_THAT(problemOf("llama", key, number), HasSubstr("it must be a number above 0"));
}

TEST(ModelConfig, MissingKeysAreNamed) {
  for (const char *key : {"hidden_size", "num_attention_heads", "num_hidden_layers", "vocab_size",
                          "intermediate_size"})
    EXPECT_EQ(problemOf("llama", key, nullptr),
              "config.json: '" + std::string(key) + "' is missing");
}

TEST(ModelConfig, AllProblemsAreToldAtOnce) {
  json config = configOf("llama");
  config["hidden_size"] = 0;
  config["hidden_act"] = "tanh";
  config["attention_bias"] = "yes";
  EXPECT_THAT(errorOf(describe(config)),
              AllOf(HasSubstr("'hidden_size' is 0"), HasSubstr("'hidden_act' is \"tanh\""),
                    HasSubstr("'attention_bias' is \"yes\"")));
}

TEST(ModelConfig, WhatFollowsFromAProblemIsNone) {
  json config = configOf("llama");
  config["hidden_size"] = -1;
  config.erase("head_dim");
  EXPECT_EQ(errorOf(describe(config)), "config.json: 'hidden_size' is -1; it must be an integer "
                                       "from 1 to 1048576");
}

TEST(ModelConfig, NumbersThatDoNotDivide) {
  EXPECT_EQ(problemOf("llama", "num_key_value_heads", 3),
            "config.json: 'num_key_value_heads' is 3, which does not divide num_attention_heads "
            "(4)");
  EXPECT_THAT(problemOf("opt", "num_attention_heads", 7),
              HasSubstr("'num_attention_heads' is 7, which does not divide hidden_size (64)"));
  EXPECT_THAT(problemOf("gpt2", "n_head", 5), HasSubstr("does not divide n_embd (64)"));
  EXPECT_THAT(problemOf("llama", "head_dim", 7), HasSubstr("rotary positions need pairs"));
}

TEST(ModelConfig, WhatTheGraphCannotDoIsRefused) {
  EXPECT_THAT(problemOf("llama", "quantization_config", {{"bits", 4}}),
              HasSubstr("'quantization_config' is {\"bits\":4}, which is not supported"));
  EXPECT_THAT(problemOf("phi3", "partial_rotary_factor", 0.75),
              HasSubstr("'partial_rotary_factor' is 0.75"));
  EXPECT_THAT(problemOf("gpt2", "scale_attn_by_inverse_layer_idx", true), HasSubstr("is true"));
  EXPECT_THAT(problemOf("gemma2", "use_bidirectional_attention", true), HasSubstr("is true"));
  EXPECT_THAT(problemOf("opt", "layer_norm_elementwise_affine", false), HasSubstr("is false"));
  EXPECT_THAT(problemOf("llama", "is_causal", false), HasSubstr("'is_causal' is false"));
  EXPECT_THAT(problemOf("qwen2", "layer_types", json::array({"linear_attention"})),
              HasSubstr("'layer_types' must be a list of 4 strings"));
  EXPECT_THAT(problemOf("qwen2", "layer_types", std::vector<std::string>(4, "linear_attention")),
              HasSubstr("'layer_types' has \"linear_attention\""));
}

TEST(RotaryScaling, BadOnesAreNamedWithTheirPlace) {
  EXPECT_THAT(problemOf("llama", "rope_scaling", {{"rope_type", "dynamic"}}),
              HasSubstr("'rope_scaling.rope_type' is \"dynamic\""));
  EXPECT_THAT(problemOf("llama", "rope_scaling", {{"type", "linear"}, {"factor", 0}}),
              HasSubstr("'rope_scaling.factor' is 0"));
  EXPECT_THAT(problemOf("llama", "rope_scaling", "linear"),
              HasSubstr("'rope_scaling' is \"linear\"; it must be an object"));
  json llama3 = configOf("llama3-tied")["rope_scaling"];
  llama3["high_freq_factor"] = llama3["low_freq_factor"];
  EXPECT_THAT(problemOf("llama3-tied", "rope_scaling", llama3),
              HasSubstr("'rope_scaling.high_freq_factor' must be above low_freq_factor"));
  json longRope = configOf("phi3")["rope_scaling"];
  longRope["long_factor"] = {1, 2, 3};
  EXPECT_THAT(problemOf("phi3", "rope_scaling", longRope),
              HasSubstr("'rope_scaling.long_factor' must be a list of 8 numbers above 0"));
  EXPECT_THAT(problemOf("phi3", "original_max_position_embeddings", 1),
              HasSubstr("'original_max_position_embeddings' is less than 2"));
}

TEST(RotaryScaling, TheNewSpellingMeansTheSame) {
  for (const char *family : {"llama", "llama3-tied", "phi3"}) {
    json config = configOf(family);
    const RotaryDescription expected = *valueOf(describe(config)).rotary;
    json parameters = config["rope_scaling"].is_null() ? json::object() : config["rope_scaling"];
    parameters["rope_theta"] = config["rope_theta"];
    if (parameters.contains("type")) {
      parameters["rope_type"] = parameters["type"];
      parameters.erase("type");
    }
    config.erase("rope_scaling");
    config["rope_theta"] = 1; // not asked for
    config["rope_parameters"] = parameters;
    const RotaryDescription actual = *valueOf(describe(config)).rotary;
    EXPECT_EQ(actual.frequencies, expected.frequencies) << family;
    EXPECT_EQ(actual.longFrequencies, expected.longFrequencies) << family;
    EXPECT_EQ(actual.factor, expected.factor) << family;
  }
}

TEST(RotaryScaling, IsNeverIgnored) {
  EXPECT_THAT(problemOf("llama", "rope_scaling", {{"factor", 2}}),
              HasSubstr("'rope_scaling.rope_type' is missing, though there is a factor"));
  EXPECT_THAT(problemOf("llama", "rope_parameters", {{"sliding_attention", {{"rope_theta", 1e6}}}}),
              HasSubstr("'rope_parameters.sliding_attention' is {\"rope_theta\":1000000.0}, which "
                        "is not supported"));
  json config = configOf("llama3-tied");
  const auto expected = valueOf(describe(config)).rotary->frequencies;
  config["rope_parameters"] = {{"rope_theta", config["rope_theta"]}};
  EXPECT_EQ(valueOf(describe(config)).rotary->frequencies, expected)
      << "rope_scaling is there, too";
}

TEST(RotaryScaling, TheModelsOwnContextCounts) {
  json config = configOf("phi3");
  const int64_t expected = valueOf(describe(config)).rotary->originalPositions;
  config["rope_scaling"]["original_max_position_embeddings"] = 3;
  EXPECT_EQ(valueOf(describe(config)).rotary->originalPositions, expected);
}

TEST(RotaryScaling, OldNamesOfLongRope) {
  json config = configOf("phi3");
  const auto expected = valueOf(describe(config)).rotary->longFrequencies;
  for (const char *name : {"su", "yarn"}) {
    config["rope_scaling"]["type"] = name;
    EXPECT_EQ(valueOf(describe(config)).rotary->longFrequencies, expected);
  }
}

/// Phi-3.5-mini: 131072 positions from 4096 (reference/models.md).
TEST(RotaryScaling, LongRopeScalesSinesAndCosines) {
  json config = configOf("phi3");
  config["max_position_embeddings"] = 131072;
  config["original_max_position_embeddings"] = 4096;
  EXPECT_NEAR(valueOf(describe(config)).rotary->factor, 1.190238, 1e-6);
}

/// What the reference takes where config.json is silent, as far as families differ.
TEST(Defaults, AreThoseOfTheFamily) {
  auto without = [](const char *family, const char *key) {
    json config = configOf(family);
    config.erase(key);
    return valueOf(describe(config));
  };
  for (const char *family : {"llama", "mistral", "qwen2", "qwen3", "gemma2"})
    EXPECT_EQ(without(family, "rms_norm_eps").norm.epsilon, 1e-6f) << family;
  EXPECT_EQ(without("phi3", "rms_norm_eps").norm.epsilon, 1e-5f);
  EXPECT_EQ(without("llama", "head_dim").attention.headSize, 16);
  EXPECT_EQ(without("qwen3", "head_dim").attention.headSize, 128);
  EXPECT_EQ(without("gemma2", "head_dim").attention.headSize, 256);
}

TEST(Defaults, OfGemma2DoNotFollowTheKeyOfOthers) {
  json config = configOf("gemma2");
  config["hidden_act"] = "gelu"; // of Gemma 1; the reference does not look at it
  config.erase("hidden_activation");
  EXPECT_EQ(valueOf(describe(config)).feedForward.activation, Activation::GeluTanh);
  config["hidden_activation"] = "gelu";
  EXPECT_EQ(valueOf(describe(config)).feedForward.activation, Activation::Gelu);
}

TEST(Windows, AreThoseOfTheFamily) {
  EXPECT_THAT(valueOf(describe(configOf("mistral"))).windows, ElementsAre(6, 6, 6, 6));
  EXPECT_THAT(valueOf(describe(configOf("gemma2"))).windows, ElementsAre(6, 0, 6, 0));
  EXPECT_THAT(valueOf(describe(configOf("llama"))).windows, ElementsAre(0, 0, 0, 0));
  json config = configOf("gemma2");
  config.erase("layer_types");
  EXPECT_THAT(valueOf(describe(config)).windows, ElementsAre(6, 0, 6, 0));
  config = configOf("mistral");
  config["sliding_window"] = nullptr;
  EXPECT_THAT(valueOf(describe(config)).windows, ElementsAre(0, 0, 0, 0));
}

TEST(Windows, OfQwenBeginAtALayer) {
  json config = configOf("qwen2");
  config.erase("layer_types");
  config["sliding_window"] = 8;
  config["max_window_layers"] = 2;
  EXPECT_THAT(valueOf(describe(config)).windows, ElementsAre(0, 0, 0, 0));
  config["use_sliding_window"] = true;
  EXPECT_THAT(valueOf(describe(config)).windows, ElementsAre(0, 0, 8, 8));
  config["layer_types"] = {"full_attention", "sliding_attention", "full_attention",
                           "full_attention"};
  EXPECT_THAT(valueOf(describe(config)).windows, ElementsAre(0, 8, 0, 0));
  config["use_sliding_window"] = false;
  EXPECT_THAT(errorOf(describe(config)),
              HasSubstr("'use_sliding_window' is not set, though layer_types has"));
}

} // namespace
