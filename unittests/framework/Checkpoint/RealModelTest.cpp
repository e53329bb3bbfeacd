// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// SmolLM2-135M-Instruct as its GGUF file has it, against what Hugging Face has. Numbers were
/// computed from the file by a few lines of Python.

#include "TestSupport/Errors.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Checkpoint/Checkpoint.h"

#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

class RealModelTest : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "no language model; tools/dev test fetches it";
    checkpoint = valueOf(openCheckpoint(languageModel(), {ir::DataType::Float32}));
  }

  /// The first values of a row.
  std::vector<float> row(llvm::StringRef name, uint64_t index) {
    ir::TensorRef tensor = checkpoint.find(name);
    std::vector<float> values(3);
    EXPECT_EQ(errorOf(tensor->source()->read(
                  index * tensor->dims()[1] * sizeof(float),
                  llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(values.data()), 12))),
              "");
    return values;
  }

  Checkpoint checkpoint;
};

TEST_F(RealModelTest, HasTheConfigurationOfHuggingFace) {
  std::string path = fixture("smollm2/config.json");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "no fixtures";
  auto expected = nlohmann::json::parse(std::ifstream(path));
  auto actual = nlohmann::json::parse(checkpoint.configJson);
  for (const auto &[key, value] : actual.items()) {
    if (key != "dtype") { // what the weights were asked for as
      EXPECT_EQ(value, expected[key]) << key;
    }
  }
}

TEST_F(RealModelTest, HasItsWeights) {
  EXPECT_EQ(checkpoint.tensors().size(), 272u);
  EXPECT_THAT(checkpoint.find("model.embed_tokens.weight")->dims(), ElementsAre(49152, 576));
  EXPECT_THAT(checkpoint.find("model.layers.29.self_attn.k_proj.weight")->dims(),
              ElementsAre(192, 576));
  EXPECT_THAT(row("model.embed_tokens.weight", 100),
              ElementsAre(0.019052505493164062f, -0.08437538146972656f, -0.1660289764404297f));
  std::string queries = "model.layers.0.self_attn.q_proj.weight"; // rows 2, 3 and 145 in the file
  EXPECT_THAT(row(queries, 1), ElementsAre(-0x1.46p-3f, 0x1.978p-2f, -0x1.46p-6f));
  EXPECT_THAT(row(queries, 33), ElementsAre(-0x1.014p-4f, 0x1.284p-3f, 0x1.ap-8f));
  EXPECT_THAT(row(queries, 168), ElementsAre(0x1.ea8p-6f, 0x1.e63p-3f, 0x1.11cp-3f));
}

TEST_F(RealModelTest, GivesItsVocabularyWhenAsked) {
  const auto &tokens = std::get<GgufArray>(*checkpoint.gguf->find("tokenizer.ggml.tokens"));
  EXPECT_EQ(valueOf(checkpoint.gguf->strings(tokens))[1], "<|im_start|>");
  const auto &types = std::get<GgufArray>(*checkpoint.gguf->find("tokenizer.ggml.token_type"));
  EXPECT_EQ(valueOf(checkpoint.gguf->numbers(types))[1], 3);
}

TEST_F(RealModelTest, CanBeReadWhole) {
  for (const ir::TensorRef &tensor : checkpoint.tensors())
    EXPECT_EQ(errorOf(tensor->forEachBlock(
                  1 << 20, [](llvm::ArrayRef<uint8_t>) { return llvm::Error::success(); })),
              "")
        << tensor->name().str();
}

} // namespace
