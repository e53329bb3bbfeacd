// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From checkpoints to text: captured, exported, whole and in parts, and run by ONNX Runtime GenAI.
/// The tokens are those of the reference implementation.

#include "TargetTest.h"

#include "optrun/Checkpoint/Checkpoint.h"
#include "optrun/Checkpoint/SafeTensors.h"

#include <cstring>
#include <sstream>

using namespace optrun;
using namespace optrun::test;
using checkpoint::SafeTensorsFile;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

template <typename T> std::vector<T> valuesOf(const ir::TensorRef &tensor) {
  const std::vector<uint8_t> bytes = valueOf(tensor->readAll());
  std::vector<T> values(bytes.size() / sizeof(T));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<std::string> words(const std::vector<int64_t> &numbers) {
  std::vector<std::string> texts;
  for (int64_t number : numbers)
    texts.push_back(std::to_string(number));
  return texts;
}

class FamilyGenerationTest : public TargetRun, public testing::WithParamInterface<const char *> {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(model))
      GTEST_SKIP() << "no fixtures";
    // Of two prompts the first has no padding.
    const SafeTensorsFile golden = valueOf(SafeTensorsFile::open(model + "/golden.safetensors"));
    const size_t length = golden.find("input_ids")->dims()[1];
    const size_t vocabulary = golden.find("logits")->dims()[2];
    prompt = valuesOf<int64_t>(golden.find("input_ids"));
    prompt.resize(length);
    const std::vector<float> logits = valuesOf<float>(golden.find("logits"));
    const auto last = logits.begin() + static_cast<ptrdiff_t>((length - 1) * vocabulary);
    next = std::max_element(last, last + static_cast<ptrdiff_t>(vocabulary)) - last;
  }

  /// A dozen tokens after the prompt.
  std::string generated() const {
    ProcessResult run = generate(static_cast<int>(prompt.size()) + 12, words(prompt));
    EXPECT_EQ(run.exitCode, 0) << run.err;
    return run.out;
  }

  const std::string model = fixture("checkpoints/" + std::string(GetParam()));
  std::vector<int64_t> prompt;
  int64_t next = 0; // the likeliest token after it
};

TEST_P(FamilyGenerationTest, IsTheSameInParts) {
  ProcessResult whole = exportCheckpoint(model, "targets: [genai]");
  ASSERT_EQ(whole.exitCode, 0) << whole.err;
  if (!hasGenAi())
    GTEST_SKIP() << NoGenAi;
  std::string expected;
  for (const std::string &word : words(prompt))
    expected += word + " ";
  const std::string text = generated();
  EXPECT_THAT(text, StartsWith(expected + std::to_string(next) + " "));

  ProcessResult parts =
      exportCheckpoint(model, "targets: [genai], overwrite: true", {"split-by-count: {splits: 3}"});
  ASSERT_EQ(parts.exitCode, 0) << parts.err;
  EXPECT_EQ(generated(), text);
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyGenerationTest,
                         testing::Values("gemma2", "gpt2", "llama", "llama3-tied", "mistral", "opt",
                                         "opt-postnorm", "phi3", "qwen2", "qwen3"),
                         [](const auto &info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

class SmolLm2Test : public TargetRun {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "no language model; tools/dev test fetches it";
  }
};

TEST_F(SmolLm2Test, WritesATextFromItsGgufFile) {
  ProcessResult run =
      exportCheckpoint(languageModel(), "targets: [genai]", {"split-by-memory: {memory: 60MB}"});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(listedFiles(), testing::IsSupersetOf({"split_1.onnx", "genai_config.json",
                                                    "tokenizer.json", "tokenizer_config.json"}));
  if (!hasGenAi())
    GTEST_SKIP() << NoGenAi;
  ProcessResult text = generate(30, {"--prompt", "<|im_start|>The capital of France is"});
  ASSERT_EQ(text.exitCode, 0) << text.err;
  // The greedy tokens of the reference implementation.
  EXPECT_THAT(text.out, StartsWith("1 504 3575 282 4649 314 7042 30 198 198 504 3575 282 260 1797 "
                                   "1918 314 1315 2863 4206 30 198 198 504 3575 282 4617 314 16570 "
                                   "30 \n"));
  EXPECT_THAT(text.out, HasSubstr("The capital of France is Paris."));
}

TEST_F(SmolLm2Test, BecomesACheckpointOfHuggingFace) {
  ProcessResult run =
      exportCheckpoint(languageModel(), "targets: [safetensors], max-shard-size: 100MB");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  const checkpoint::Checkpoint expected = valueOf(checkpoint::openCheckpoint(languageModel()));
  const checkpoint::Checkpoint actual = valueOf(checkpoint::openCheckpoint(folder.path("out")));
  EXPECT_EQ(actual.configJson, expected.configJson);
  ASSERT_EQ(actual.tensors().size(), expected.tensors().size());
  const char *const some = "model.layers.7.self_attn.k_proj.weight";
  EXPECT_EQ(valueOf(actual.find(some)->readAll()), valueOf(expected.find(some)->readAll()));
}

} // namespace
