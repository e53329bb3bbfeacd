// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checkpoints through whole recipes: captured and exported, captured and split, and the one
/// compared with the other.

#include "RecipeRunTest.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class CheckpointTest : public RecipeRunTest, public testing::WithParamInterface<const char *> {
protected:
  /// Runs a recipe of these passes.
  ProcessResult run(const std::string &passes) const {
    return runOptRun({folder.write("recipe.yaml", "recipe: 1\npasses:\n" + passes)});
  }
  static std::string capture(const std::string &model) {
    return "  - capture: {model: " + model + "}\n";
  }
};

TEST_P(CheckpointTest, SplitsAreTheModel) {
  const std::string model = fixture("checkpoints/" + std::string(GetParam()));
  ProcessResult whole = run(capture(model) + "  - export: {output: whole}\n");
  ASSERT_EQ(whole.exitCode, 0) << whole.err;
  ProcessResult split = run(capture(model) + "  - split-by-count: {splits: 2}\n"
                                             "  - export: {output: parts}\n"
                                             "  - verify: {reference: whole/model.onnx}\n");
  ASSERT_EQ(split.exitCode, 0) << split.err;
  EXPECT_THAT(split.out, HasSubstr("bit-equal on 3 inputs"));
  const Manifest manifest = manifestOf(folder.path("parts"));
  ASSERT_EQ(manifest.components.size(), 2u);
  for (const Manifest::Component &component : manifest.components)
    EXPECT_EQ(component.weightBytes, component.plannedBytes);
}

// Of every kind of storage: shards, fp16, bf16, tied, with projections.
INSTANTIATE_TEST_SUITE_P(Families, CheckpointTest,
                         testing::Values("mistral", "phi3", "gemma2", "gpt2", "opt-postnorm"),
                         [](const auto &test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

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

TEST_F(WrongCheckpointTest, OnnxModelsAreNotConverted) {
  ProcessResult refused =
      run("  - capture: {model: " + fixture("onnx/gpt2-dynamo.onnx") + ", precision: fp16}\n");
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("an ONNX model is captured as it is; precision is for "
                                     "checkpoints"));
}

} // namespace
