// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What config.json and generation_config.json say of tokens and of choosing them.

#include "GenerationConfig.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using decoder::ModelConfig;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

llvm::Expected<LanguageModel> read(const std::string &configJson,
                                   const std::string &generationConfigJson = "") {
  auto config = valueOf(ModelConfig::parse(configJson));
  LanguageModel model;
  if (llvm::Error error = readGeneration(config, generationConfigJson, model))
    return error;
  return model;
}

constexpr const char *Tokens =
    R"({"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": null, "top_k": 7})";

TEST(GenerationConfig, TokensAreInConfigJson) {
  const LanguageModel model = valueOf(read(Tokens));
  EXPECT_EQ(model.bosToken, 1);
  EXPECT_THAT(model.eosTokens, ElementsAre(2));
  EXPECT_EQ(model.padToken, std::nullopt);
  EXPECT_EQ(model.sampling.topK, std::nullopt) << "it is not the place for that";
  EXPECT_THAT(valueOf(read("{}")).eosTokens, IsEmpty());
}

TEST(GenerationConfig, CountsFirst) {
  const LanguageModel model = valueOf(
      read(Tokens, R"({"eos_token_id": [128001, 128008], "pad_token_id": 0, "do_sample": true,
                  "temperature": 0.6, "top_p": 0.9, "top_k": 40})"));
  EXPECT_THAT(model.eosTokens, ElementsAre(128001, 128008));
  EXPECT_EQ(model.bosToken, 1); // of config.json
  EXPECT_EQ(model.padToken, 0);
  EXPECT_EQ(model.sampling.isRandom, true);
  EXPECT_EQ(model.sampling.temperature, 0.6);
  EXPECT_EQ(model.sampling.topK, 40);
  EXPECT_EQ(model.sampling.repetitionPenalty, std::nullopt);
}

TEST(GenerationConfig, ATokenOfMinusOneIsNone) {
  EXPECT_EQ(valueOf(read(R"({"pad_token_id": -1})")).padToken, std::nullopt);
}

TEST(GenerationConfig, ATemperatureOfZeroIsOne) {
  EXPECT_EQ(valueOf(read("{}", R"({"temperature": 0, "top_k": 0})")).sampling.temperature, 0);
}

TEST(GenerationConfig, WhatMakesNoSenseIsNamedWithItsFile) {
  for (const char *token : {"-2", "1.5", "1e3", "\"</s>\"", "[2, null]", "18446744073709551615",
                            "-9223372036854775808", "[[2]]", "{}"})
    EXPECT_THAT(errorOf(read("{\"eos_token_id\": " + std::string(token) + "}")),
                HasSubstr("config.json: 'eos_token_id' has "))
        << token;
  const std::pair<const char *, const char *> cases[] = {
      {"{", "generation_config.json is not valid JSON"},
      {"[]", "generation_config.json holds no object"},
      {R"({"temperature": -1})", "generation_config.json: 'temperature' is -1"},
      {R"({"top_p": "all"})", "generation_config.json: 'top_p' is \"all\""},
      {R"({"top_k": -5})", "generation_config.json: 'top_k' is -5"},
      {R"({"do_sample": 1})", "generation_config.json: 'do_sample' is 1"},
      {R"({"bos_token_id": "<s>"})", "generation_config.json: 'bos_token_id' has \"<s>\""}};
  for (const auto &[text, message] : cases)
    EXPECT_THAT(errorOf(read("{}", text)), HasSubstr(message)) << text;
}

} // namespace
