// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tokenizers of GGUF files as tokenizer.json and tokenizer_config.json. That they give the tokens
/// of the original is tested with a real one in integration/targets.

#include "optrun/Checkpoint/GgufTokenizer.h"

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

std::string int32s(const std::vector<int32_t> &values) {
  constexpr uint32_t Int32 = 5;
  std::string bytes = number(Int32) + number<uint64_t>(values.size());
  for (int32_t value : values)
    bytes += number(value);
  return bytes;
}

class GgufTokenizerTest : public testing::Test {
protected:
  using Json = nlohmann::json;
  static constexpr uint32_t ArrayType = 9, BoolType = 7;

  /// A vocabulary of four tokens; \p pre is how texts are cut.
  static GgufBytes tokenizer(const char *pre) {
    return GgufBytes()
        .key("tokenizer.ggml.model", "gpt2")
        .key("tokenizer.ggml.pre", pre)
        .key("tokenizer.ggml.tokens", std::vector<std::string>{"<s>", "a", "b", "ab"})
        .key("tokenizer.ggml.token_type", ArrayType, int32s({3, 1, 1, 1}))
        .key("tokenizer.ggml.merges", std::vector<std::string>{"a b"})
        .key("tokenizer.ggml.bos_token_id", uint32_t{0})
        .key("tokenizer.ggml.eos_token_id", uint32_t{0});
  }

  llvm::Expected<TokenizerTexts> convert(const GgufBytes &bytes) {
    file = valueOf(GgufFile::open(folder.write("model.gguf", bytes.build())));
    return convertGgufTokenizer(*file);
  }
  Json tokenizerOf(const GgufBytes &bytes) {
    return Json::parse(valueOf(convert(bytes)).tokenizerJson);
  }

  TemporaryFolder folder;
  std::optional<GgufFile> file;
};

TEST_F(GgufTokenizerTest, HasVocabularyMergesAndSpecialTokens) {
  const Json json = tokenizerOf(tokenizer("gpt-2"));
  EXPECT_EQ(json["model"]["type"], "BPE");
  EXPECT_EQ(json["model"]["vocab"], Json::parse(R"({"<s>": 0, "a": 1, "b": 2, "ab": 3})"));
  EXPECT_EQ(json["model"]["merges"], Json({"a b"}));
  ASSERT_EQ(json["added_tokens"].size(), 1u);
  EXPECT_EQ(json["added_tokens"][0]["content"], "<s>");
  EXPECT_EQ(json["added_tokens"][0]["special"], true);
}

TEST_F(GgufTokenizerTest, CutsTextsAsItsFamilyDoes) {
  EXPECT_EQ(tokenizerOf(tokenizer("gpt-2"))["pre_tokenizer"]["type"], "ByteLevel");
  EXPECT_EQ(tokenizerOf(tokenizer("smollm"))["pre_tokenizer"]["pretokenizers"][0]["type"],
            "Digits");
  const auto pattern = [&](const char *pre) {
    return tokenizerOf(tokenizer(pre))["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"]
        .get<std::string>();
  };
  EXPECT_THAT(pattern("llama-bpe"), HasSubstr("|\\p{N}{1,3}|"));
  EXPECT_THAT(pattern("qwen2"), HasSubstr("|\\p{N}|"));
}

TEST_F(GgufTokenizerTest, BeginsTextsWhereItShould) {
  EXPECT_EQ(tokenizerOf(tokenizer("llama-bpe"))["post_processor"]["type"], "TemplateProcessing");
  EXPECT_EQ(tokenizerOf(tokenizer("qwen2"))["post_processor"]["type"], "ByteLevel");
  EXPECT_EQ(tokenizerOf(tokenizer("llama-bpe")
                            .key("tokenizer.ggml.add_bos_token", BoolType,
                                 std::string(1, '\0')))["post_processor"]["type"],
            "ByteLevel");
}

TEST_F(GgufTokenizerTest, NamesSpecialTokensAndTheChatTemplate) {
  const Json config = Json::parse(
      valueOf(convert(tokenizer("gpt-2").key("tokenizer.chat_template", "{{ messages }}")))
          .configJson);
  EXPECT_EQ(config["bos_token"], "<s>");
  EXPECT_EQ(config["chat_template"], "{{ messages }}");
  EXPECT_FALSE(config.contains("pad_token"));
}

TEST_F(GgufTokenizerTest, SaysWhatItDoesNotConvert) {
  EXPECT_EQ(errorOf(convert(GgufBytes())), "the GGUF file has no tokenizer");
  EXPECT_EQ(errorOf(convert(GgufBytes().key("tokenizer.ggml.model", "llama"))),
            "the GGUF file has a tokenizer of the kind 'llama'; only byte-level BPE ('gpt2') is "
            "converted");
  EXPECT_THAT(errorOf(convert(tokenizer("strange"))), HasSubstr("in the way 'strange'"));
  EXPECT_THAT(
      errorOf(convert(
          GgufBytes().key("tokenizer.ggml.model", "gpt2").key("tokenizer.ggml.pre", "gpt-2"))),
      HasSubstr("has no tokenizer.ggml.tokens"));
}

TEST_F(GgufTokenizerTest, RefusesTokensThatNoJsonCanHold) {
  const auto withTokens = [](std::vector<std::string> tokens) {
    return GgufBytes()
        .key("tokenizer.ggml.model", "gpt2")
        .key("tokenizer.ggml.pre", "gpt-2")
        .key("tokenizer.ggml.tokens", tokens);
  };
  EXPECT_THAT(errorOf(convert(withTokens({"a", "\xff"}))), HasSubstr("is not UTF-8"));
  EXPECT_THAT(errorOf(convert(withTokens({"a", "a"}))), HasSubstr("the token 'a' twice"));
}

} // namespace
