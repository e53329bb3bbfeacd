// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// SmolLM2-135M on real text, whole and in three components, against what the reference
/// implementation measures.

#include "RecipeRunTest.h"

using namespace optrun;
using namespace optrun::test;

namespace {

/// Of the first rows: that of 16 is in smollm2_ppl.json.
constexpr double PerplexityOfEightRows = 22.668, PerplexityOfSixteenRows = 21.6312,
                 Tolerance = 0.02;

class PerplexityTest : public RecipeRunTest {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "the set-up of tests has not got the language model";
  }

  /// Of what comes out of capture, \p pass, if there is one, and export.
  double perplexityAfter(const std::string &pass, int rows) const {
    const std::string recipe =
        folder.write("recipe.yaml",
                     "recipe: 1\npasses:\n  - capture: {model: " + languageModel() + "}\n" + pass +
                         "  - export: {output: out, overwrite: true}\n"
                         "  - evaluate: {data: " +
                         fixture("corpus/eval_handbook.safetensors") +
                         ", rows: " + std::to_string(rows) + ", metrics: [perplexity]}\n");
    const ProcessResult run = runOptRun({recipe});
    EXPECT_EQ(run.exitCode, 0) << run.err;
    const Manifest manifest = manifestOf(folder.path("out"));
    EXPECT_TRUE(manifest.evaluation && manifest.evaluation->model.perplexity);
    return manifest.evaluation->model.perplexity.value_or(0);
  }
};

TEST_F(PerplexityTest, isThatOfTheReference) {
  EXPECT_NEAR(perplexityAfter("", 16), PerplexityOfSixteenRows, Tolerance);
}

TEST_F(PerplexityTest, isTheSameInComponents) {
  const double whole = perplexityAfter("", 8);
  EXPECT_NEAR(whole, PerplexityOfEightRows, Tolerance);
  const double chain = perplexityAfter("  - split-by-memory: {memory: 60MB}\n", 8);
  EXPECT_EQ(manifestOf(folder.path("out")).components.size(), 3u);
  EXPECT_NEAR(chain, whole, 1e-4);
}

} // namespace
