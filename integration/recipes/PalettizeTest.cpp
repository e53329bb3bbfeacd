// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Palettized models in ONNX Runtime, and recipes with palettize that cannot be.

#include "RecipeRunTest.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class Palettize : public RecipeRunTest {
protected:
  static std::string capture(const std::string &model) { return "capture: {model: " + model + "}"; }
  static std::string palettize(const std::string &options) {
    return "palettize: {min-elements: 16, " + options + "}";
  }

  ProcessResult run(const std::vector<std::string> &passes) const {
    return runOptRun({writeRecipe(passes)});
  }
};

TEST_F(Palettize, IsAsCloseToTheOriginalAsTold) {
  for (const auto &[tolerance, exitCode] : {std::pair("1e-5", 1), std::pair("0.2", 0)}) {
    const ProcessResult result =
        run({capture(fixture("checkpoints/llama")), palettize("bits: 8, granularity: per-channel"),
             "export: {output: out}",
             std::string("verify: {exact: false, tolerance: ") + tolerance + "}"});
    EXPECT_EQ(result.exitCode, exitCode) << result.err;
  }
}

/// Convolutions and what is around them, with the opset as it is.
TEST_F(Palettize, TakesConvolutions) {
  const ProcessResult result = run(
      {capture(testModel("rapidocr/ch_ppocr_mobile_v2.0_cls_infer.onnx")),
       "palettize: {bits: 6, granularity: per-channel}", "export: {output: out}", "verify: {}"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
}

TEST_F(Palettize, SharesAModelWithQuantize) {
  const ProcessResult result =
      run({capture(fixture("checkpoints/llama3-tied")),
           "quantize: {min-elements: 16, dtype: int4, include: [\"*.mlp\"]}",
           palettize("bits: 4, group-size: 4"), "split-by-count: {splits: 2}",
           "export: {output: out}", "verify: {}"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("int4, blocks of 32"), HasSubstr("4 bits, groups of 4")));
}

/// Q4_1: with the minimums of its blocks, which products read.
TEST_F(Palettize, LeavesWhatIsQuantizedAlready) {
  if (!std::filesystem::exists(languageModel()))
    GTEST_SKIP() << "set-up did not provide the language model";
  const ProcessResult result =
      run({capture(languageModel()), palettize("bits: 4"), "export: {output: out}"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("is part of a matrix that is quantized already"),
                                HasSubstr("no weight was palettized")));
}

TEST_F(Palettize, RefusesWhatCannotBeBeforeAnythingRuns) {
  const ProcessResult result =
      run({capture(fixture("checkpoints/llama")),
           "palettize: {bits: 4, use-importance: true, rules: [{match: a, bits: 5}]}",
           "export: {output: out}"});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("recipe.yaml:4:42: error: palettize: no pass before this one "
                              "measures importance"),
                    HasSubstr("indices have 1, 2, 3, 4, 6 or 8 bits")));
}

TEST_F(Palettize, RunsByItsRecipes) {
  const std::string model = fixture("checkpoints/llama3-tied");
  const ProcessResult result =
      runConfig("palettize", {{"model", model}, {"output", folder.path("out")}, {"bits", "3"}});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("3 bits, groups of 4"));
  const ProcessResult sizes =
      runConfig("palettize-sizes", {{"model", model}, {"bits", "3"}, {"group-size", "1"}});
  EXPECT_EQ(sizes.exitCode, 0) << sizes.err;
  EXPECT_THAT(sizes.out, HasSubstr("3 bits, groups of 1"));
}

} // namespace
