// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// SmolLM2-135M on real text, whole and in three components, against what the reference
/// implementation measures.

#include "RecipeRunTest.h"

#include "llvm/Support/JSON.h"

using namespace optrun;
using namespace optrun::test;

namespace {

constexpr double PerplexityOfEightRows = 22.668, Tolerance = 0.02;

class PerplexityTest : public RecipeRunTest {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "the set-up of tests has not got the language model";
  }

  /// Of the first rows, for what comes out of capture, \p pass, if there is one, and export.
  double perplexityAfter(const std::string &pass, int rows = 8,
                         const std::string &precision = "keep") const {
    const std::string recipe =
        folder.write("recipe.yaml", "recipe: 1\npasses:\n  - capture: {model: " + languageModel() +
                                        ", precision: " + precision + "}\n" + pass +
                                        "  - export: {output: out, overwrite: true}\n"
                                        "  - evaluate: {data: " +
                                        fixture("corpus/eval_handbook.safetensors") + ", rows: " +
                                        std::to_string(rows) + ", metrics: [perplexity]}\n");
    const ProcessResult run = runOptRun({recipe});
    EXPECT_EQ(run.exitCode, 0) << run.err;
    const Manifest manifest = manifestOf(folder.path("out"));
    EXPECT_TRUE(manifest.evaluation && manifest.evaluation->model.perplexity);
    return manifest.evaluation->model.perplexity.value_or(0);
  }
};

TEST_F(PerplexityTest, isThatOfTheReference) {
  const double whole = perplexityAfter("");
  EXPECT_NEAR(whole, PerplexityOfEightRows, Tolerance);
  const double chain = perplexityAfter("  - split-by-memory: {memory: 60MB}\n");
  EXPECT_EQ(manifestOf(folder.path("out")).components.size(), 3u);
  EXPECT_NEAR(chain, whole, 1e-4);
}

/// The reference computes in single precision with weights in half precision.
TEST_F(PerplexityTest, ofSixteenRowsIsThatOfTheReference) {
  const llvm::json::Value reference =
      valueOf(llvm::json::parse(contentOf(fixture("smollm2/smollm2_ppl.json"))));
  EXPECT_NEAR(perplexityAfter("", 16, "fp16"),
              reference.getAsObject()->getNumber("perplexity_first16").value(), Tolerance);
}

} // namespace
