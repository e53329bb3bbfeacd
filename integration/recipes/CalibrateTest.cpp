// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models that run before they are compressed, and recipes in which they cannot.

#include "RecipeRunTest.h"
#include "TestSupport/NpyBytes.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

class Calibrate : public RecipeRunTest {
protected:
  static std::string capture(const std::string &model) { return "capture: {model: " + model + "}"; }
  static std::string palettize(const std::string &importance) {
    return "palettize: {min-elements: 16, bits: 2, granularity: per-channel, use-importance: " +
           importance + "}";
  }
  /// Four rows of ids below 256.
  std::string writeIds() const {
    std::vector<int64_t> ids(4 * 16);
    for (size_t i = 0; i != ids.size(); ++i)
      ids[i] = static_cast<int64_t>(i * i % 251);
    return folder.write("ids.npy", npyOfIds({4, 16}, ids));
  }

  ProcessResult run(const std::vector<std::string> &passes,
                    const std::vector<std::string> &options = {}) const {
    std::vector<std::string> arguments = {writeRecipe(passes)};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return runOptRun(arguments);
  }
  /// What is exported to out/ after \p passes: the data of all components.
  std::string dataAfter(std::vector<std::string> passes,
                        const std::vector<std::string> &options = {}) const {
    std::filesystem::remove_all(folder.path("out"));
    passes.push_back("export: {output: out, external-data: single}");
    const ProcessResult result = run(passes, options);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    std::string data;
    for (const std::string &name : namesIn(folder.path("out")))
      if (llvm::StringRef(name).ends_with(".data"))
        data += contentOf(folder.path("out/" + name));
    EXPECT_FALSE(data.empty());
    return data;
  }
};

TEST_F(Calibrate, DecidesWhichErrorsCount) {
  const std::string model = capture(fixture("checkpoints/qwen3"));
  const std::string calibrate = "calibrate: {data: " + writeIds() + "}";
  const std::string measured = dataAfter({model, calibrate, palettize("true")});
  EXPECT_EQ(measured, dataAfter({model, calibrate, palettize("auto")}, {"--threads", "3"}))
      << "whatever the threads";
  EXPECT_NE(measured, dataAfter({model, palettize("auto")}));
  EXPECT_NE(measured, dataAfter({model, "calibrate: {window: 16}", palettize("true")}))
      << "other tokens, drawn at random";
}

TEST_F(Calibrate, MeasuresTheWholeModelOfASplitOne) {
  const std::string model = capture(fixture("checkpoints/llama"));
  const std::string calibrate = "calibrate: {data: " + writeIds() + "}";
  const std::string split = "split-by-count: {splits: 2}";
  const std::string data = dataAfter({model, split, calibrate, palettize("true")});
  EXPECT_EQ(data, dataAfter({model, calibrate, palettize("true"), split}));
}

/// Models that others exported: with a KV cache, with Gemm, in half precision.
class CalibratedModels : public Calibrate, public testing::WithParamInterface<const char *> {};
TEST_P(CalibratedModels, AreMeasuredAndLeaveNoScratchFile) {
  const std::string scratch = folder.path("scratch");
  std::filesystem::create_directory(scratch);
  const ProcessResult result =
      run({capture(fixture(GetParam())), "calibrate: {data: " + writeIds() + ", window: 8}",
           palettize("true"), "export: {output: out}", "verify: {}"},
          {"--scratch", scratch});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.err, AllOf(HasSubstr("weights on 64 tokens"), Not(HasSubstr("warning"))));
  EXPECT_THAT(namesIn(scratch), IsEmpty());
}
INSTANTIATE_TEST_SUITE_P(Fixtures, CalibratedModels,
                         testing::Values("onnx/llama-kv-optimum.onnx", "onnx/gpt2-dynamo.onnx",
                                         "onnx/opt-torchscript.onnx", "checkpoints/phi3",
                                         "checkpoints/gemma2", "checkpoints/mistral"),
                         [](const auto &test) {
                           std::string name = std::filesystem::path(test.param).stem();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(Calibrate, RunsByItsRecipe) {
  const ProcessResult result =
      runConfig("palettize-calibrated",
                {{"model", fixture("checkpoints/llama3-tied")}, {"output", folder.path("out")}});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.err, HasSubstr("weights on 8192 tokens drawn at random"));
  EXPECT_THAT(result.out, HasSubstr("4 bits, groups of 4"));
}

/// They have 128 positions, as an input and made in the graph.
TEST_F(Calibrate, DrawsNoMoreTokensThanTheModelTakes) {
  for (const char *model : {"checkpoints/gpt2", "onnx/gpt2-dynamo.onnx"}) {
    const ProcessResult result = run({capture(fixture(model)), "calibrate: {}", palettize("true"),
                                      "export: {output: out, overwrite: true}"});
    EXPECT_EQ(result.exitCode, 0) << result.err;
    EXPECT_THAT(result.err, HasSubstr("on 4096 tokens drawn at random")) << model;
  }
  const ProcessResult tooLong = run(
      {capture(fixture("checkpoints/gpt2")), "calibrate: {window: 129}", "export: {output: none}"});
  EXPECT_EQ(tooLong.exitCode, 1);
  EXPECT_THAT(tooLong.err, HasSubstr("sequence 128, while a window is batch 1, sequence 129"));
}

TEST_F(Calibrate, RefusesWhatCannotBeBeforeAnythingRuns) {
  const ProcessResult result =
      run({capture(fixture("checkpoints/llama")),
           "calibrate: {tensor: ids, collect: [ranges], method: minmax}", "export: {output: out}"});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("recipe.yaml:4:"),
                                HasSubstr("ranges are not measured yet; leave them out"),
                                HasSubstr("method is about ranges"),
                                HasSubstr("tensor chooses one of the tensors of data")));
  const ProcessResult noData = run({capture(fixture("checkpoints/llama")),
                                    "calibrate: {data: none.npy}", "export: {output: out}"});
  EXPECT_EQ(noData.exitCode, 2);
  EXPECT_THAT(noData.err, HasSubstr("none.npy"));
}

TEST_F(Calibrate, SaysWhatTheModelDoesNotTake) {
  const ProcessResult result =
      run({capture(testModel("rapidocr/ch_ppocr_mobile_v2.0_cls_infer.onnx")), "calibrate: {}",
           "export: {output: out}"});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_THAT(result.err, HasSubstr("calibrate: none of its inputs takes token ids"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

} // namespace
