// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Quantized models, whole and in parts, in ONNX Runtime.

#include "RecipeRunTest.h"

#include "optrun/Results/CostCsv.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

class Quantize : public RecipeRunTest {
protected:
  static std::string capture(const std::string &model) { return "capture: {model: " + model + "}"; }
  static std::string quantize(const std::string &options) {
    return "quantize: {min-elements: 16, " + options + "}";
  }
  std::string exportTo(const std::string &name) const {
    return "export: {output: " + folder.path(name) + "}";
  }

  ProcessResult run(const std::vector<std::string> &passes) const {
    return runOptRun({writeRecipe(passes)});
  }
};

/// Every form, in graphs of each exporter and family.
class QuantizedParts : public Quantize, public testing::WithParamInterface<const char *> {};

TEST_P(QuantizedParts, AreTheSameBeforeAndAfterTheSplit) {
  const std::string model = fixture(GetParam());
  for (const char *options :
       {"dtype: int8", "dtype: uint4, mode: asymmetric, block-size: 16", "dtype: int2",
        "dtype: int4, format: operator, mode: asymmetric", "kind: dynamic"}) {
    SCOPED_TRACE(options);
    std::filesystem::remove_all(folder.path("before"));
    std::filesystem::remove_all(folder.path("after"));
    // Bit-equal to the quantized model as a whole.
    ProcessResult before = run({capture(model), quantize(options), "split-by-count: {splits: 2}",
                                exportTo("before"), "verify: {}"});
    ASSERT_EQ(before.exitCode, 0) << before.err;
    ProcessResult after = run({capture(model), "split-by-count: {splits: 2}", quantize(options),
                               exportTo("after"), "verify: {}"});
    ASSERT_EQ(after.exitCode, 0) << after.err;
    for (const std::string &name : namesIn(folder.path("before")))
      if (name != "manifest.json")
        EXPECT_TRUE(contentOf(folder.path("before/" + name)) ==
                    contentOf(folder.path("after/" + name)))
            << name;
    for (const char *result : {"before", "after"})
      for (const Manifest::Component &component : manifestOf(folder.path(result)).components)
        EXPECT_EQ(component.plannedBytes, component.weightBytes);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, QuantizedParts,
    testing::Values("checkpoints/llama3-tied", "checkpoints/gpt2", "onnx/gpt2-dynamo.onnx",
                    "onnx/opt-torchscript.onnx", "onnx/llama-kv-optimum.onnx"),
    [](const auto &info) {
      std::string name = info.param;
      std::replace_if(name.begin(), name.end(), [](char c) { return !std::isalnum(c); }, '_');
      return name;
    });

TEST_F(Quantize, IsAsCloseToTheOriginalAsTold) {
  const std::string model = fixture("checkpoints/llama");
  const std::vector<std::string> passes = {capture(model), quantize("dtype: int8"),
                                           exportTo("out")};
  auto withVerify = [&](const std::string &options) {
    std::vector<std::string> all = passes;
    all.push_back("verify: {" + options + "}");
    return run(all);
  };
  ProcessResult tight = withVerify("exact: false, tolerance: 1e-5");
  EXPECT_EQ(tight.exitCode, 1);
  EXPECT_THAT(tight.err, HasSubstr("do not compute what the model computes"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
  ProcessResult loose = withVerify("exact: false, tolerance: 0.2");
  EXPECT_EQ(loose.exitCode, 0) << loose.err;
}

/// Convolutions and what is around them, with the opset raised from 12.
TEST_F(Quantize, TakesConvolutions) {
  ProcessResult result =
      run({capture(testModel("rapidocr/ch_ppocr_mobile_v2.0_cls_infer.onnx")),
           "quantize: {dtype: int8}", exportTo("out"), "verify: {exact: false, tolerance: 0.1}"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
}

TEST_F(Quantize, KeepsParametersAndCountsTheirBytes) {
  auto totalOf = [&](const std::vector<std::string> &quantization) {
    std::vector<std::string> passes = {capture(fixture("checkpoints/llama3-tied"))};
    passes.insert(passes.end(), quantization.begin(), quantization.end());
    passes.push_back("cost-estimate: {output: " + folder.path("costs.csv") + "}");
    passes.push_back("export: {overwrite: true, output: " + folder.path("out") + "}");
    ProcessResult result = run(passes);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return totalCost(valueOf(parseCostCsv(contentOf(folder.path("costs.csv")), "costs.csv")).rows);
  };
  const uint64_t params = totalOf({}).params;
  for (const char *options :
       {"dtype: int8", "dtype: int4, format: operator, mode: asymmetric", "kind: dynamic"}) {
    const ModuleCost total = totalOf({quantize(options)});
    EXPECT_EQ(total.params, params) << options;
    EXPECT_EQ(total.storedBytes, manifestOf(folder.path("out")).components[0].weightBytes)
        << options;
  }
}

/// Q4_1: with the minimums of its blocks, which products read.
TEST_F(Quantize, LeavesWhatIsQuantizedAlready) {
  if (!std::filesystem::exists(languageModel()))
    GTEST_SKIP() << "set-up did not provide the language model";
  ProcessResult result = run({capture(languageModel()), quantize("dtype: int4"), exportTo("out")});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("is part of a matrix that is quantized already"),
                                HasSubstr("no weight was quantized")));
}

TEST_F(Quantize, RefusesWhatCannotBeBeforeAnythingRuns) {
  ProcessResult result =
      run({capture(fixture("checkpoints/llama")),
           "quantize: {format: operator, block-size: 24, rules: [{match: a, granularity: "
           "per-channel}]}",
           exportTo("out")});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("recipe.yaml:4:46: error: quantize: com.microsoft's operators take "
                              "blocks of 16"),
                    HasSubstr("take weights in blocks: use per-block")));
}

TEST_F(Quantize, SaysWhichPatternsMatchNothing) {
  ProcessResult result =
      run({capture(fixture("checkpoints/llama")),
           "quantize: {exclude: [lm_haed], rules: [{match: '*', skip: true}, {match: lm_head, "
           "dtype: int4}]}",
           exportTo("out")});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_THAT(result.err, AllOf(HasSubstr("recipe.yaml:4:26: error: quantize: exclude 'lm_haed' "
                                          "matches none of the weights (there are 'model."),
                                HasSubstr("recipe.yaml:4:78: error: quantize: the rule 'lm_head' "
                                          "never applies")));
}

} // namespace
