// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX Runtime GenAI generates with what `targets: [genai]` has written.

#include "TargetTest.h"

#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

namespace {

class GenAiTest : public TargetTest {
protected:
  /// All tokens up to 40, beginning with a prompt of five.
  ProcessResult generate() const { return TargetRun::generate(40, {"5", "17", "42", "99", "7"}); }
};

/// What the model gives when it reads all tokens anew for each next one, until it ends the text:
/// computed with ONNX Runtime alone.
constexpr const char *Expected =
    "5 17 42 99 7 38 67 131 180 119 88 30 23 127 138 28 226 72 224 228 "
    "61 72 129 190 19 207 90 112 48 48 138 168 221 119 100 59 189 \n";

TEST_F(GenAiTest, RunsAWholeModel) {
  ProcessResult run = exportModel("targets: [genai]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(namesIn("out"),
              ElementsAre("genai_config.json", "manifest.json", "model.onnx", "tokenizer.json"));
  EXPECT_THAT(listedFiles(),
              UnorderedElementsAre("model.onnx", "genai_config.json", "tokenizer.json"));
  if (!hasGenAi())
    GTEST_SKIP() << NoGenAi;
  ProcessResult text = generate();
  EXPECT_EQ(text.out, Expected) << text.err;
}

TEST_F(GenAiTest, RunsAChainOfComponents) {
  ProcessResult run = exportModel("targets: [genai], external-data: single, max-shard-size: 100KB",
                                  {"split-by-count: {splits: 3}"});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  if (!hasGenAi())
    GTEST_SKIP() << NoGenAi;
  ProcessResult text = generate();
  EXPECT_EQ(text.out, Expected) << text.err;
}

TEST_F(GenAiTest, IsRefusedBeforeTheRunWhenNothingDescribesTheModel) {
  const std::string recipe =
      folder.write("recipe.yaml", "recipe: 1\npasses:\n  - capture: {model: " +
                                      fixture("onnx/llama-kv-optimum.onnx") +
                                      "}\n  - export: {output: out, targets: [genai]}\n");
  ProcessResult run = runOptRun({recipe});
  EXPECT_EQ(run.exitCode, 2);
  EXPECT_THAT(run.err, HasSubstr("recipe.yaml:4:36: error: export: genai and safetensors are for "
                                 "decoders captured from a checkpoint"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST_F(GenAiTest, SaysWhenThereIsNoTokenizer) {
  std::filesystem::remove(folder.path("checkpoint/tokenizer.json"));
  ProcessResult run = exportModel("targets: [genai]");
  EXPECT_EQ(run.exitCode, 0);
  EXPECT_THAT(run.err, HasSubstr("warning: export: the checkpoint comes without files of a "
                                 "tokenizer: put the files"));
}

/// The tokenizer in out/ is an earlier run's copy, and the only one that this run has.
TEST_F(GenAiTest, DoesNotRemoveATokenizerThatItReads) {
  ASSERT_EQ(exportCheckpoint("checkpoint", "targets: [genai]").exitCode, 0);
  for (const char *name : {"config.json", "generation_config.json", "model.safetensors"})
    std::filesystem::rename(folder.path("checkpoint") + "/" + name,
                            folder.path("out") + "/" + name);
  const std::vector<std::string> names = namesIn("out");
  ProcessResult run = exportCheckpoint("out", "targets: [genai], overwrite: true");
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("tokenizer.json' is read by this run and would be replaced or "
                                 "removed by it: choose another output folder"));
  EXPECT_EQ(namesIn("out"), names);
}

TEST_F(GenAiTest, AnotherRunReplacesItsFiles) {
  ASSERT_EQ(exportModel("targets: [genai]").exitCode, 0);
  folder.write("out/notes.txt", "mine");
  ProcessResult run = exportModel("targets: [onnx], overwrite: true");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(namesIn("out"), ElementsAre("manifest.json", "model.onnx", "notes.txt"));
}

} // namespace
