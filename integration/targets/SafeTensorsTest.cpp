// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// `targets: [safetensors]` gives back the checkpoint that was captured, divided anew.

#include "optrun/Checkpoint/SafeTensors.h"

#include "TargetTest.h"

#include "optrun/Checkpoint/Checkpoint.h"

using namespace optrun;
using namespace optrun::test;
using checkpoint::Checkpoint;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class SafeTensorsTargetTest : public TargetTest {
protected:
  /// out/ holds the same names, types, shapes and bytes as \p original.
  void expectTheCheckpoint(const std::string &original) const {
    const Checkpoint expected = valueOf(checkpoint::openCheckpoint(original));
    const Checkpoint actual = valueOf(checkpoint::openCheckpoint(folder.path("out")));
    EXPECT_EQ(actual.configJson, expected.configJson);
    ASSERT_EQ(actual.tensors().size(), expected.tensors().size());
    for (const ir::TensorRef &tensor : expected.tensors()) {
      ir::TensorRef found = actual.find(tensor->name());
      ASSERT_TRUE(found) << tensor->name().str();
      EXPECT_EQ(found->dataType(), tensor->dataType());
      EXPECT_EQ(found->dims(), tensor->dims());
      EXPECT_EQ(valueOf(found->readAll()), valueOf(tensor->readAll()));
    }
  }
};

TEST_F(SafeTensorsTargetTest, IsOneFile) {
  ProcessResult run = exportModel("targets: [safetensors]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(namesIn("out"), ElementsAre("config.json", "generation_config.json", "manifest.json",
                                          "model.safetensors", "tokenizer.json"));
  expectTheCheckpoint(folder.path("checkpoint"));
  EXPECT_THAT(run.out, HasSubstr("read back"));
}

TEST_F(SafeTensorsTargetTest, IsDividedAtALimit) {
  ProcessResult run =
      exportModel("targets: [safetensors], max-shard-size: 300KB", {"split-by-count: {splits: 2}"});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(namesIn("out"),
              ElementsAre("config.json", "generation_config.json", "manifest.json",
                          "model-00001-of-00003.safetensors", "model-00002-of-00003.safetensors",
                          "model-00003-of-00003.safetensors", "model.safetensors.index.json",
                          "tokenizer.json"));
  expectTheCheckpoint(folder.path("checkpoint"));
  checkpoint::SafeTensorsFile shard = valueOf(
      checkpoint::SafeTensorsFile::open(folder.path("out/model-00002-of-00003.safetensors")));
  EXPECT_THAT(shard.metadata(), ElementsAre(testing::Pair("format", "pt")));
}

TEST_F(SafeTensorsTargetTest, ShardsBecomeOneFile) {
  const std::string model = fixture("checkpoints/mistral");
  ProcessResult run = exportCheckpoint(model, "targets: [safetensors]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(namesIn("out"), ElementsAre("config.json", "generation_config.json", "manifest.json",
                                          "model.safetensors"));
  expectTheCheckpoint(model);
  EXPECT_EQ(contentOf("out/generation_config.json"),
            valueOf(checkpoint::openCheckpoint(model)).generationConfigJson);
}

TEST_F(SafeTensorsTargetTest, HasTheTypesOfTheCheckpointWhateverTheGraphHas) {
  const std::string model = fixture("checkpoints/qwen2"); // bfloat16
  ProcessResult run = exportThrough("", "{model: " + model + ", precision: fp16}", {},
                                    "targets: [onnx, safetensors]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  expectTheCheckpoint(model);
}

TEST_F(SafeTensorsTargetTest, MayStandBesideOnnxFiles) {
  ProcessResult run = exportModel("targets: [onnx, genai, safetensors]", {});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(namesIn("out"),
              ElementsAre("config.json", "genai_config.json", "generation_config.json",
                          "manifest.json", "model.onnx", "model.safetensors", "tokenizer.json"));
}

TEST_F(SafeTensorsTargetTest, IsRefusedWhenAPassHasReplacedAWeight) {
  ProcessResult run = exportModel("targets: [safetensors]", {}, ", replace-weight: true");
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("export: safetensors: it holds the weights of the checkpoint, and "
                                 "the weight "));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST_F(SafeTensorsTargetTest, HasNoExternalData) {
  const ProcessResult run = exportModel("targets: [safetensors], external-data: single");
  EXPECT_EQ(run.exitCode, 2);
  EXPECT_THAT(run.err, HasSubstr("targets has neither onnx nor genai"));
}

TEST_F(SafeTensorsTargetTest, CannotBeVerifiedByRunningIt) {
  const ProcessResult run = exportModel("targets: [safetensors]}\n  - verify: {");
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("add onnx to the targets of export"));
}

} // namespace
