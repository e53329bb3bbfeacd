// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Perplexities of what passes make of SmolLM2-135M, on real text.

#ifndef OPTRUN_INTEGRATION_RECIPES_PERPLEXITYRUN_H
#define OPTRUN_INTEGRATION_RECIPES_PERPLEXITYRUN_H

#include "RecipeRunTest.h"

namespace optrun::test {

class PerplexityRun : public RecipeRunTest {
protected:
  /// What the reference implementation measures on the first eight rows.
  static constexpr double PerplexityOfEightRows = 22.668;

  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "the set-up of tests has not got the language model";
  }

  /// Of the first rows, for what comes out of capture, \p passes and export into out/.
  double perplexityAfter(const std::vector<std::string> &passes, int rows = 8,
                         const std::string &precision = "keep") const {
    const EvaluationFigures evaluation = evaluationAfter(
        passes, precision, "rows: " + std::to_string(rows) + ", metrics: [perplexity]");
    EXPECT_TRUE(evaluation.model.perplexity);
    return evaluation.model.perplexity.value_or(0);
  }

  /// Likewise, by \p options of evaluate.
  EvaluationFigures evaluationAfter(const std::vector<std::string> &passes,
                                    const std::string &precision,
                                    const std::string &options) const {
    std::vector<std::string> recipe = {captureIn(precision)};
    recipe.insert(recipe.end(), passes.begin(), passes.end());
    recipe.push_back("export: {output: out, overwrite: true}");
    recipe.push_back("evaluate: {data: " + fixture("corpus/eval_handbook.safetensors") + ", " +
                     options + "}");
    const ProcessResult run = runOptRun({writeRecipe(recipe)});
    EXPECT_EQ(run.exitCode, 0) << run.err;
    const Manifest manifest = manifestOf(folder.path("out"));
    EXPECT_TRUE(manifest.evaluation);
    return manifest.evaluation.value_or(EvaluationFigures());
  }

  static std::string captureIn(const std::string &precision) {
    return "capture: {model: " + languageModel() + ", precision: " + precision + "}";
  }

  uint64_t weightBytes() const {
    return manifestOf(folder.path("out")).components.front().weightBytes;
  }
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_RECIPES_PERPLEXITYRUN_H
