// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Real models, split and compared with the original by the recipe itself.

#include "RecipeRunTest.h"
#include "TestSupport/TestModels.h"

using namespace optrun;
using namespace optrun::test;
using testing::Each;
using testing::HasSubstr;

namespace {

struct Case {
  std::string model; // under fixtures/ or among the pinned models
  int splits;
};

class SplitModelTest : public RecipeRunTest, public testing::WithParamInterface<Case> {
protected:
  void expectVerified(const std::string &model) const {
    std::string output = folder.path("out");
    auto splits = static_cast<size_t>(GetParam().splits);
    ProcessResult run =
        split({{"model", model}, {"splits", std::to_string(splits)}, {"output", output}});
    ASSERT_EQ(run.exitCode, 0) << run.err;
    EXPECT_THAT(run.out, HasSubstr("bit-equal on 3 inputs"));

    Manifest manifest = manifestOf(output);
    ASSERT_EQ(manifest.components.size(), splits);
    for (size_t i = 0; i != splits; ++i) {
      const Manifest::Component &component = manifest.components[i];
      EXPECT_EQ(component.file, "split_" + std::to_string(i) + ".onnx");
      EXPECT_TRUE(std::filesystem::exists(output + "/" + component.file));
      EXPECT_GT(component.weightBytes, 0u);
      EXPECT_EQ(component.weightBytes, component.plannedBytes);
      EXPECT_THAT(contentOf(output + "/" + component.file), HasSubstr("split_assignments"));
    }
    ASSERT_TRUE(manifest.verification);
    EXPECT_TRUE(manifest.verification->bitEqual);
    EXPECT_EQ(namesIn(output).size(), manifest.files.size() + 1);
  }
};

std::string nameOf(const testing::TestParamInfo<Case> &testCase) {
  std::string name = std::filesystem::path(testCase.param.model).stem();
  if (name == "model")
    name = std::filesystem::path(testCase.param.model).parent_path().filename();
  std::replace(name.begin(), name.end(), '-', '_');
  return name + "_in_" + std::to_string(testCase.param.splits);
}

std::vector<Case> inEach(const std::vector<std::string> &models, const std::vector<int> &splits) {
  std::vector<Case> cases;
  for (const std::string &model : models)
    for (int count : splits)
      cases.push_back({model, count});
  return cases;
}

class SplitFixtureTest : public SplitModelTest {};
TEST_P(SplitFixtureTest, computesWhatTheModelComputes) {
  expectVerified(fixture("onnx/" + GetParam().model));
}
INSTANTIATE_TEST_SUITE_P(Exporters, SplitFixtureTest,
                         testing::ValuesIn(inEach({"gpt2-dynamo.onnx", "llama-dynamo.onnx",
                                                   "llama-kv-optimum.onnx", "opt-dynamo.onnx",
                                                   "opt-kv-optimum.onnx", "opt-torchscript.onnx"},
                                                  {2, 3, 4})),
                         nameOf);

class SplitRealModelTest : public SplitModelTest {};
TEST_P(SplitRealModelTest, computesWhatTheModelComputes) {
  expectVerified(testModel(GetParam().model));
}
INSTANTIATE_TEST_SUITE_P(Pinned, SplitRealModelTest,
                         testing::ValuesIn(inEach({"minilm-int8/model.onnx"}, {2, 3})), nameOf);

using SplitTest = RecipeRunTest;

TEST_F(SplitTest, refusesMoreComponentsThanLayers) {
  ProcessResult run = split({{"model", fixture("onnx/opt-dynamo.onnx")},
                             {"splits", "5"},
                             {"output", folder.path("out")}});
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("4 layers"));
  EXPECT_TRUE(namesIn(folder.path("")).empty());
}

TEST_F(SplitTest, writesResultsToStandardOutputAndTheRestToStandardError) {
  ProcessResult run =
      split({{"model", fixture("onnx/opt-dynamo.onnx")}, {"output", folder.path("out")}});
  EXPECT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, testing::StartsWith("component"));
  EXPECT_THAT(run.out, testing::Not(HasSubstr("capture")));
  EXPECT_THAT(run.err, HasSubstr("4 layers"));
}

TEST_F(SplitTest, takesHuggingFaceCaches) {
  std::string model = makeDecoder({});
  std::filesystem::create_directories(folder.path("cache/blobs"));
  std::filesystem::create_directories(folder.path("cache/snapshots/main"));
  for (const char *name : {"model.onnx", "model.onnx.data"}) {
    std::string blob =
        std::string("cache/blobs/") + (std::string(name) == "model.onnx" ? "a" : "b");
    std::filesystem::rename(folder.path(std::string("model/") + name), folder.path(blob));
    std::filesystem::create_symlink("../../" + blob.substr(6),
                                    folder.path(std::string("cache/snapshots/main/") + name));
  }
  ProcessResult run =
      split({{"model", folder.path("cache/snapshots/main")}, {"output", folder.path("out")}});
  EXPECT_EQ(run.exitCode, 0) << run.err;
}

/// ONNX Runtime computes such a model in single precision throughout, but a value that goes from
/// one component to another has half of it.
TEST_F(SplitTest, verifiesModelsInHalfPrecision) {
  std::string nodes, input = "x";
  for (const char *layer : {"0", "1", "2", "3"}) {
    const std::string prefix = std::string("\n[\"/layers.") + layer + "/";
    const std::string product = std::string("m") + layer, bent = std::string("t") + layer,
                      result = std::string("h") + layer;
    nodes += prefix + "up_proj/MatMul\"] " + product + " = MatMul(" + input + ", w)";
    nodes += prefix + "act/Tanh\"] " + bent + " = Tanh(" + product + ")";
    nodes += prefix + "Add\"] " + result + " = Add(" + bent + ", " + input + ")";
    input = result;
  }
  writeModel(*parseModel("<ir_version: 10, opset_import: [\"\" : 21]>\n"
                         "g (float16[B, 4] x) => (float16[B, 4] h3)\n"
                         "<float[4, 4] v = {0.11, 0.7, -0.3, 0.9, 0.13, -0.77, 0.31, 0.21, -0.55, "
                         "0.37, 0.171, -0.93, 0.61, 0.43, -0.17, 0.29}> {\nw = Cast<to = 10>(v)" +
                         nodes + "}"),
             folder.path("half.onnx"));
  for (const char *splits : {"2", "3", "4"}) {
    ProcessResult run = split(
        {{"model", folder.path("half.onnx")}, {"splits", splits}, {"output", folder.path(splits)}});
    EXPECT_EQ(run.exitCode, 0) << run.err;
    EXPECT_THAT(run.err, HasSubstr("in half precision"));
    EXPECT_THAT(run.out, HasSubstr("bit-equal"));
  }
}

TEST_F(SplitTest, isTheSameForEveryNumberOfThreads) {
  std::string model = makeDecoder({"--layers", "6"});
  for (const char *threads : {"1", "4"}) {
    std::vector<std::string> arguments =
        splitArguments({{"model", model}, {"splits", "3"}, {"output", folder.path(threads)}});
    arguments.insert(arguments.end(), {"--threads", threads});
    ProcessResult run = runOptRun(arguments);
    ASSERT_EQ(run.exitCode, 0) << run.err;
  }
  std::vector<std::string> names = namesIn(folder.path("1"));
  EXPECT_EQ(names.size(), 7u);
  EXPECT_EQ(names, namesIn(folder.path("4")));
  for (const std::string &name : names)
    if (name != "manifest.json") {
      EXPECT_TRUE(contentOf(folder.path("1/" + name)) == contentOf(folder.path("4/" + name)))
          << name;
    }
}

TEST_F(SplitTest, saysHowToGetOnnxRuntimeWhenThereIsNone) {
  std::string output = folder.path("out");
  ProcessResult run = split({{"model", fixture("onnx/opt-dynamo.onnx")}, {"output", output}},
                            {"ONNXRUNTIME_ROOT=" + folder.path("nowhere")});
  EXPECT_EQ(run.exitCode, 2);
  EXPECT_THAT(run.err, HasSubstr("ONNXRUNTIME_ROOT"));
  EXPECT_FALSE(std::filesystem::exists(output));

  std::vector<std::string> arguments =
      splitArguments({{"model", fixture("onnx/opt-dynamo.onnx")}, {"output", output}});
  std::string plain = folder.write(
      "plain.yaml", "recipe: 1\npasses:\n  - capture: {model: " + fixture("onnx/opt-dynamo.onnx") +
                        "}\n  - export: {output: out}\n");
  run = runOptRun({plain}, {"ONNXRUNTIME_ROOT=" + folder.path("nowhere")});
  EXPECT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("not verified"));
}

} // namespace
