// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checkpoints through whole recipes: captured, split, and compared with what was captured.

#include "RecipeRunTest.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class CheckpointTest : public RecipeRunTest {
protected:
  /// Runs a recipe of these passes.
  ProcessResult run(const std::string &passes) const {
    return runOptRun({folder.write("recipe.yaml", "recipe: 1\npasses:\n" + passes)});
  }
  static std::string capture(const std::string &model) {
    return "  - capture: {model: " + model + "}\n";
  }
};

// Of every kind of storage: shards, fp16, bf16, tied, with projections.
class FamilyTest : public CheckpointTest, public testing::WithParamInterface<const char *> {
protected:
  static std::string checkpoint() { return fixture("checkpoints/" + std::string(GetParam())); }

  void expectVerified(const ProcessResult &run, const std::string &inputs) const {
    ASSERT_EQ(run.exitCode, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("bit-equal on " + inputs));
    EXPECT_THAT(namesIn(folder.path("")), testing::Not(testing::Contains(HasSubstr("optrun"))));
    for (const Manifest::Component &component : manifestOf(folder.path("parts")).components)
      EXPECT_EQ(component.weightBytes, component.plannedBytes);
  }
};

TEST_P(FamilyTest, SplitByCount) {
  ProcessResult run = split({{"model", checkpoint()}, {"output", folder.path("parts")}});
  expectVerified(run, "3 inputs");
  EXPECT_THAT(namesIn(folder.path("parts")),
              testing::IsSupersetOf({"manifest.json", "split_0.onnx", "split_1.onnx"}));
  EXPECT_THAT(namesIn(folder.path("parts")), testing::Not(testing::Contains(HasSubstr("original"))))
      << "what verify needed of the checkpoint is gone";
}

TEST_P(FamilyTest, SplitByMemory) {
  // More than any of them has in half of its layers, less than any has in all.
  ProcessResult run = runConfig("split-by-memory",
                                {{"model", checkpoint()},
                                 {"memory", GetParam() == std::string("phi3") ? "250KB" : "600KB"},
                                 {"samples", "2"},
                                 {"output", folder.path("parts")}});
  expectVerified(run, "2 inputs");
  EXPECT_EQ(manifestOf(folder.path("parts")).components.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyTest,
                         testing::Values("gemma2", "gpt2", "llama", "llama3-tied", "mistral", "opt",
                                         "opt-postnorm", "phi3", "qwen2", "qwen3"),
                         [](const auto &test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

/// The original is what was captured, not what the passes after it left.
TEST_F(CheckpointTest, AnExportIsAReferenceToo) {
  const std::string model = fixture("checkpoints/phi3");
  ProcessResult whole = run(capture(model) + "  - export: {output: whole}\n");
  ASSERT_EQ(whole.exitCode, 0) << whole.err;
  ProcessResult parts = run(capture(model) + "  - split-by-count: {splits: 2}\n"
                                             "  - export: {output: parts}\n"
                                             "  - verify: {reference: whole/model.onnx}\n");
  ASSERT_EQ(parts.exitCode, 0) << parts.err;
  EXPECT_THAT(parts.out, HasSubstr("bit-equal on 3 inputs"));
}

TEST_F(CheckpointTest, ValuesInHalfPrecisionAreComparedRounded) {
  for (const char *model : {"llama", "qwen2"}) { // used in place, and from a scratch file
    ProcessResult half =
        run("  - capture: {model: " + fixture("checkpoints/" + std::string(model)) +
            ", precision: fp16}\n"
            "  - split-by-count: {splits: 2}\n"
            "  - export: {output: half, overwrite: true}\n"
            "  - verify: {samples: 1}\n");
    ASSERT_EQ(half.exitCode, 0) << half.err;
    EXPECT_THAT(half.err, HasSubstr("in half precision"));
    EXPECT_THAT(half.out, HasSubstr("bit-equal on 1 input"));
  }
}

/// Quantized in blocks, so its weights are dequantized for verify, too.
TEST_F(CheckpointTest, AGgufFileIsSplitForDevices) {
  if (!std::filesystem::exists(languageModel()))
    GTEST_SKIP() << "set-up did not provide the language model";
  ProcessResult run = runConfig("split-for-devices", {{"model", languageModel()},
                                                      {"first-memory", "150MB"},
                                                      {"second-memory", "300MB"},
                                                      {"samples", "1"},
                                                      {"output", folder.path("parts")}});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("bit-equal on 1 input"));
  EXPECT_EQ(namesIn(folder.path("parts")),
            (std::vector<std::string>{"manifest.json", "split_0.onnx", "split_1.onnx"}));
}

TEST_F(CheckpointTest, ACheckpointHasACostModel) {
  for (const std::string &model : {fixture("checkpoints/gemma2"), languageModel()}) {
    if (!std::filesystem::exists(model))
      continue;
    ProcessResult run =
        runConfig("cost-model", {{"model", model}, {"output", folder.path("costs.csv")}});
    EXPECT_EQ(run.exitCode, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("model.embed_tokens"));
    std::filesystem::remove(folder.path("costs.csv"));
  }
}

/// Of a checkpoint that is used in place, and of one whose weights are converted into a data file.
TEST_F(CheckpointTest, SharedInItsOwnFolderItCanBeSplitAgain) {
  for (const std::string name : {"llama", "qwen2"}) {
    std::filesystem::copy(fixture("checkpoints/" + name), folder.path(name));
    const Settings settings = {{"model", folder.path(name)},
                               {"output", folder.path(name)},
                               {"external-data", "shared"},
                               {"overwrite", "true"}};
    ProcessResult first = split(settings);
    ASSERT_EQ(first.exitCode, 0) << first.err;
    const std::vector<std::string> names = namesIn(folder.path(name));
    ProcessResult again = split(settings);
    ASSERT_EQ(again.exitCode, 0) << again.err;
    EXPECT_THAT(again.out, HasSubstr("bit-equal on 3 inputs"));
    EXPECT_EQ(namesIn(folder.path(name)), names);
    const std::string data = manifestOf(folder.path(name)).components[1].data.at(0);
    EXPECT_EQ(data, name == "llama" ? "model.safetensors" : "model.data");
  }
}

using WrongCheckpointTest = CheckpointTest;

TEST_F(WrongCheckpointTest, IsRefusedBeforeTheRun) {
  std::filesystem::create_directory(folder.path("model"));
  std::filesystem::copy(fixture("checkpoints/llama/model.safetensors"), folder.path("model"));
  folder.write("model/config.json", R"({"model_type": "llama", "hidden_size": 0})");
  ProcessResult refused = run(capture("model") + "  - export: {output: out}\n");
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err,
              AllOf(HasSubstr("recipe.yaml:3:22: error: capture: config.json: 'hidden_size' is 0"),
                    HasSubstr("'vocab_size' is missing")));
}

TEST_F(WrongCheckpointTest, TheLimitOfOnnxFilesIsNotIgnored) {
  ProcessResult refused =
      run("  - capture: {model: " + fixture("checkpoints/llama") + ", max-file-size: 1KB}\n");
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("max-file-size is for ONNX models"));
}

TEST_F(WrongCheckpointTest, OnnxModelsAreNotConverted) {
  ProcessResult refused =
      run("  - capture: {model: " + fixture("onnx/gpt2-dynamo.onnx") + ", precision: fp16}\n");
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("an ONNX model is captured as it is; precision is for "
                                     "checkpoints"));
}

} // namespace
