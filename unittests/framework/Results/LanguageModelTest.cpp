// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What is known of a captured decoder: from its configuration, and whether its weights are still
/// those of the checkpoint.

#include "optrun/Results/LanguageModel.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr const char *Llama = R"({
  "model_type": "llama", "vocab_size": 32000, "max_position_embeddings": 2048,
  "num_hidden_layers": 22, "hidden_size": 2048, "num_attention_heads": 32,
  "num_key_value_heads": 4, "bos_token_id": 1, "eos_token_id": 2, "pad_token_id": null
})";

/// Llama's configuration with one member replaced: the parser keeps the last of two.
std::string llamaWith(const std::string &member) {
  std::string text = Llama;
  return text.replace(text.rfind('}'), 1, ", " + member + "}");
}

TEST(LanguageModelConfig, OfMostFamilies) {
  LanguageModel model = valueOf(readLanguageModel(Llama));
  EXPECT_EQ(model.modelType, "llama");
  EXPECT_EQ(model.vocabularySize, 32000);
  EXPECT_EQ(model.contextLength, 2048);
  EXPECT_EQ(model.layerCount, 22);
  EXPECT_EQ(model.hiddenSize, 2048);
  EXPECT_EQ(model.attentionHeads, 32);
  EXPECT_EQ(model.keyValueHeads, 4);
  EXPECT_EQ(model.headSize, 64);
  EXPECT_EQ(model.bosToken, 1);
  EXPECT_THAT(model.eosTokens, ElementsAre(2));
  EXPECT_EQ(model.padToken, std::nullopt);
  EXPECT_EQ(model.configJson, Llama);
}

TEST(LanguageModelConfig, OfGpt2) {
  LanguageModel model = valueOf(readLanguageModel(R"({
    "model_type": "gpt2", "vocab_size": 50257, "n_positions": 1024, "n_layer": 12, "n_embd": 768,
    "n_head": 12})"));
  EXPECT_EQ(model.contextLength, 1024);
  EXPECT_EQ(model.layerCount, 12);
  EXPECT_EQ(model.keyValueHeads, 12);
  EXPECT_EQ(model.headSize, 64);
  EXPECT_THAT(model.eosTokens, IsEmpty());
}

TEST(LanguageModelConfig, HeadsMayBeWiderThanTheModel) {
  EXPECT_EQ(valueOf(readLanguageModel(llamaWith(R"("head_dim": 128)"))).headSize, 128);
  EXPECT_THAT(errorOf(readLanguageModel(llamaWith(R"("num_attention_heads": 31)"))),
              HasSubstr("'hidden_size' is no multiple of 'num_attention_heads'"));
}

TEST(LanguageModelConfig, GenerationConfigCountsFirst) {
  LanguageModel model = valueOf(readLanguageModel(
      Llama, R"({"eos_token_id": [128001, 128008], "pad_token_id": 0, "do_sample": true,
                 "temperature": 0.6, "top_p": 0.9, "top_k": 40})"));
  EXPECT_THAT(model.eosTokens, ElementsAre(128001, 128008));
  EXPECT_EQ(model.bosToken, 1); // of config.json
  EXPECT_EQ(model.padToken, 0);
  EXPECT_EQ(model.sampling.isRandom, true);
  EXPECT_EQ(model.sampling.temperature, 0.6);
  EXPECT_EQ(model.sampling.topK, 40);
  EXPECT_EQ(model.sampling.repetitionPenalty, std::nullopt);
}

TEST(LanguageModelConfig, ANegativeTokenIsNone) {
  EXPECT_EQ(valueOf(readLanguageModel(llamaWith(R"("pad_token_id": -1)"))).padToken, std::nullopt);
}

TEST(LanguageModelConfig, RefusesWhatMakesNoSense) {
  struct Case {
    std::string config, message;
  };
  for (const Case &each : std::vector<Case>{
           {"", "config.json: is no JSON object"},
           {"[1, 2]", "config.json: is no JSON object"},
           {"{\"vocab_size\": \xff}", "config.json: is no JSON object"},
           {std::string(100000, '['), "config.json: is no JSON object"},
           {R"({"model_type": "llama"})", "'vocab_size' is missing"},
           {llamaWith(R"("vocab_size": 0)"), "'vocab_size' must be an integer from 1"},
           {llamaWith(R"("vocab_size": 1e9)"), "'vocab_size' must be an integer"},
           {llamaWith(R"("vocab_size": "32000")"), "'vocab_size' must be an integer"},
           {llamaWith(R"("num_hidden_layers": 18446744073709551615)"), "'num_hidden_layers' must"},
           {llamaWith(R"("num_hidden_layers": -9223372036854775808)"), "'num_hidden_layers' must"},
           {llamaWith(R"("num_attention_heads": null)"), "'num_attention_heads' is missing"},
           {llamaWith(R"("model_type": 7)"), "'model_type' must be a string"},
           {llamaWith(R"("eos_token_id": [2, "</s>"])"), "'eos_token_id' must be an integer"}})
    EXPECT_THAT(errorOf(readLanguageModel(each.config)), HasSubstr(each.message)) << each.config;
  EXPECT_THAT(errorOf(readLanguageModel(Llama, "{")),
              HasSubstr("generation_config.json: is no JSON object"));
  EXPECT_THAT(errorOf(readLanguageModel(Llama, R"({"temperature": -1})")),
              HasSubstr("generation_config.json: 'temperature' must be"));
}

TEST(LanguageModel, NamesTheValuesOfALayer) {
  EXPECT_EQ(LanguageModel::nameOf("past_key_values.%d.key", 11), "past_key_values.11.key");
}

ir::TensorRef makeWeight(const std::string &name, size_t bytes = 4096) {
  return valueOf(ir::Tensor::create(name, ir::DataType::UInt8, {static_cast<int64_t>(bytes)},
                                    ir::makeInlineSource(std::vector<uint8_t>(bytes))));
}

void hold(ir::Component &component, const ir::TensorRef &tensor) {
  component.graph.setInitializer(*valueOf(component.graph.addValue(tensor->name().str())), tensor);
}

/// A model of two weights, taken note of, to be changed by a test.
class WeightsOfALanguageModel : public testing::Test {
protected:
  WeightsOfALanguageModel() {
    package.components.push_back(std::make_unique<ir::Component>());
    hold(*package.components[0], up);
    hold(*package.components[0], down);
    model.rememberWeights(*package.components[0]);
  }

  const ir::TensorRef up = makeWeight("up"), down = makeWeight("down");
  ir::Package package;
  LanguageModel model;
};

TEST_F(WeightsOfALanguageModel, AreUnchangedHoweverTheyAreDivided) {
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)), "");
  package.components[0] = std::make_unique<ir::Component>();
  hold(*package.components[0], up);
  package.components.push_back(std::make_unique<ir::Component>());
  hold(*package.components[1], down->renamed("down_in_part_1"));
  hold(*package.components[1], up); // tied
  hold(*package.components[1], makeWeight("axes", 16));
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)), "");
}

TEST_F(WeightsOfALanguageModel, AreChangedWhenOneIsReplaced) {
  package.components[0] = std::make_unique<ir::Component>();
  hold(*package.components[0], up);
  hold(*package.components[0], makeWeight("down_quantized"));
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)),
            "the weight 'down' of the checkpoint has been replaced or removed; 'down_quantized' is "
            "new");
}

TEST_F(WeightsOfALanguageModel, AreChangedWhenOneIsAdded) {
  hold(*package.components[0], makeWeight("adapter"));
  EXPECT_EQ(errorOf(model.checkWeightsUnchanged(package)),
            "the weight 'adapter' is not of the checkpoint");
}

} // namespace
