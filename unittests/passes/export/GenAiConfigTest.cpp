// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What genai_config.json says of a model, and which models GenAI cannot run. That GenAI reads it
/// is tested in integration/targets.

#include "GenAiConfig.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::exporting;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A llama of one layer.
LanguageModel makeLlama() {
  LanguageModel model;
  model.modelType = "llama";
  model.vocabularySize = 100;
  model.contextLength = 64;
  model.layerCount = 1;
  model.hiddenSize = 32;
  model.attentionHeads = 4;
  model.keyValueHeads = 2;
  model.headSize = 8;
  model.bosToken = 1;
  model.eosTokens = {2, 3};
  return model;
}

std::unique_ptr<ir::Component> makeComponent(const std::string &name,
                                             const std::vector<std::string> &inputs,
                                             const std::vector<std::string> &outputs) {
  auto component = std::make_unique<ir::Component>();
  component->name = name;
  for (const std::string &input : inputs)
    component->graph.markInput(*valueOf(component->graph.addValue(input)));
  for (const std::string &output : outputs)
    component->graph.markOutput(*valueOf(component->graph.addValue(output)));
  return component;
}

class GenAiConfigTest : public testing::Test {
protected:
  using Json = nlohmann::ordered_json;

  void add(const std::string &name, const std::vector<std::string> &inputs,
           const std::vector<std::string> &outputs) {
    components.push_back(makeComponent(name, inputs, outputs));
    files.push_back(name + ".onnx");
  }
  void addWholeModel() {
    add("model",
        {"input_ids", "attention_mask", "position_ids", "past_key_values.0.key",
         "past_key_values.0.value"},
        {"logits", "present.0.key", "present.0.value"});
  }

  Json config() const { return Json::parse(valueOf(printGenAiConfig(model, components, files))); }
  std::string problem() const { return errorOf(printGenAiConfig(model, components, files)); }

  LanguageModel model = makeLlama();
  std::vector<std::unique_ptr<ir::Component>> components;
  std::vector<std::string> files;
};

TEST_F(GenAiConfigTest, DescribesADecoder) {
  addWholeModel();
  const Json description = config()["model"];
  EXPECT_EQ(description["type"], "llama");
  EXPECT_EQ(description["vocab_size"], 100);
  EXPECT_EQ(description["context_length"], 64);
  EXPECT_EQ(description["bos_token_id"], 1);
  EXPECT_EQ(description["eos_token_id"], Json({2, 3}));
  EXPECT_EQ(description["pad_token_id"], 2) << "without one of its own, the end's";
  EXPECT_EQ(description["decoder"], Json::parse(R"({
    "session_options": {"log_id": "onnxruntime-genai", "provider_options": []},
    "head_size": 8, "hidden_size": 32,
    "inputs": {"input_ids": "input_ids", "attention_mask": "attention_mask",
               "position_ids": "position_ids", "past_key_names": "past_key_values.%d.key",
               "past_value_names": "past_key_values.%d.value"},
    "outputs": {"logits": "logits", "present_key_names": "present.%d.key",
                "present_value_names": "present.%d.value"},
    "num_attention_heads": 4, "num_hidden_layers": 1, "num_key_value_heads": 2,
    "filename": "model.onnx"})"));
}

TEST_F(GenAiConfigTest, DescribesAPipeline) {
  add("split_0",
      {"input_ids", "attention_mask", "past_key_values.0.key", "past_key_values.0.value"},
      {"hidden", "present.0.key", "present.0.value"});
  add("split_1", {"hidden"}, {"logits"});
  const Json description = config()["model"];
  EXPECT_EQ(description["type"], "decoder-pipeline");
  EXPECT_FALSE(description["decoder"].contains("filename"));
  EXPECT_FALSE(description["decoder"]["inputs"].contains("position_ids"));
  EXPECT_EQ(description["decoder"]["pipeline"], Json::parse(R"([
    {"split_0": {"filename": "split_0.onnx",
                 "inputs": ["input_ids", "attention_mask", "past_key_values.0.key",
                            "past_key_values.0.value"],
                 "outputs": ["hidden", "present.0.key", "present.0.value"]}},
    {"split_1": {"filename": "split_1.onnx", "inputs": ["hidden"], "outputs": ["logits"]}}])"));
}

TEST_F(GenAiConfigTest, ChoosesTokensAsTheCheckpointSays) {
  addWholeModel();
  EXPECT_EQ(config()["search"]["do_sample"], false);
  EXPECT_EQ(config()["search"]["max_length"], 64);
  EXPECT_EQ(config()["search"]["past_present_share_buffer"], false);
  model.sampling.isRandom = true;
  model.sampling.temperature = 0.6;
  EXPECT_EQ(config()["search"]["do_sample"], true);
  EXPECT_EQ(config()["search"]["temperature"], 0.6);
}

TEST_F(GenAiConfigTest, CallsOtherFamiliesDecoders) {
  addWholeModel();
  for (const char *type : {"opt", "gpt2", ""}) {
    model.modelType = type;
    EXPECT_EQ(config()["model"]["type"], "decoder") << type;
  }
}

TEST_F(GenAiConfigTest, RefusesModelsWithoutKeysAndValues) {
  add("model", {"input_ids"}, {"logits"});
  EXPECT_EQ(problem(), "the model has no input 'past_key_values.0.key': GenAI runs models that "
                       "take and give the keys and values of earlier tokens (capture: {kv-cache: "
                       "true})");
}

TEST_F(GenAiConfigTest, RefusesInputsThatGenAiDoesNotKnow) {
  addWholeModel();
  components[0]->graph.markInput(*valueOf(components[0]->graph.addValue("pixels")));
  EXPECT_EQ(problem(), "the model has an input 'pixels', for which GenAI has no value");
}

TEST_F(GenAiConfigTest, RefusesModelsThatNeverEnd) {
  addWholeModel();
  model.eosTokens.clear();
  EXPECT_THAT(problem(), HasSubstr("eos_token_id"));
}

} // namespace
