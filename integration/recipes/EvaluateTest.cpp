// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Models and chains, evaluated by whole recipes.

#include "RecipeRunTest.h"
#include "TestSupport/NpyBytes.h"

#include "optrun/Checkpoint/SafeTensors.h"

#include <cmath>
#include <cstring>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

class EvaluateTest : public RecipeRunTest {
protected:
  /// Ids of a vocabulary of 256, spread by a linear congruence.
  static std::string ids(const std::vector<int64_t> &dims, int64_t count) {
    std::vector<int64_t> result(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i)
      result[static_cast<size_t>(i)] = (i * 97 + i / 7) % 256;
    return npyOfIds(dims, result);
  }
  std::string writeIds() const { return folder.write("ids.npy", ids({3, 24}, 72)); }

  /// Runs a recipe with these lines of passes.
  ProcessResult runPasses(const std::string &passes) const {
    return runOptRun({folder.write("recipe.yaml", "recipe: 1\npasses:\n" + passes)});
  }
  /// One that evaluates \p model in place, with more options.
  ProcessResult evaluate(const std::string &model, const std::string &options) const {
    return runPasses("  - evaluate: {model: " + model + ", " + options + "}\n");
  }
  /// One that splits \p model into out/, and evaluates that.
  ProcessResult splitAndEvaluate(const std::string &model, const std::string &options) const {
    return runPasses("  - capture: {model: " + model + "}\n" + "  - split-by-count: {splits: 3}\n" +
                     "  - export: {output: out}\n" + "  - evaluate: {" + options + "}\n");
  }
  EvaluationFigures figures() const {
    Manifest manifest = manifestOf(folder.path("out"));
    EXPECT_TRUE(manifest.evaluation);
    return manifest.evaluation.value_or(EvaluationFigures());
  }
};

// Chains.

class EvaluateChainTest : public EvaluateTest, public testing::WithParamInterface<const char *> {};

TEST_P(EvaluateChainTest, GivesTheFiguresOfTheModelBitForBit) {
  const std::string model = fixture(std::string("onnx/") + GetParam());
  ProcessResult run = splitAndEvaluate(model, "data: " + writeIds() + ", reference: " + model +
                                                  ", optimize: false");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("3 × 24 tokens"), HasSubstr("perplexity"),
                             HasSubstr("100.000%"), HasSubstr("tokens per second")));
  const EvaluationFigures found = figures();
  EXPECT_EQ(found.windows, 3u);
  EXPECT_EQ(found.scoredTokens(), 3u * 23);
  EXPECT_EQ(found.model.perplexity, found.reference->perplexity);
  EXPECT_EQ(found.agreement, 1);
  EXPECT_EQ(found.divergence, 0);
  EXPECT_EQ(found.maxAbsoluteError, 0);
  EXPECT_EQ(found.maxRelativeError, 0);
  EXPECT_GT(found.model.speed->tokensPerSecond, 0);
  EXPECT_GT(found.reference->speed->loadSeconds, 0);
}
INSTANTIATE_TEST_SUITE_P(Exporters, EvaluateChainTest,
                         testing::Values("llama-kv-optimum.onnx", "gpt2-dynamo.onnx",
                                         "opt-torchscript.onnx"),
                         [](const auto &test) {
                           std::string name = std::filesystem::path(test.param).stem();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(EvaluateTest, FiguresOfAnotherModelAreNotTheExportedOnes) {
  const std::string model = fixture("onnx/gpt2-dynamo.onnx"), data = writeIds();
  ProcessResult run =
      runPasses("  - capture: {model: " + model + "}\n" + "  - evaluate: {model: " + model +
                ", data: " + data + "}\n" + "  - export: {output: out}\n");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_FALSE(manifestOf(folder.path("out")).evaluation);
}

TEST_F(EvaluateTest, TakesExportedFoldersAsModelAndReference) {
  const std::string model = fixture("onnx/llama-kv-optimum.onnx"), data = writeIds();
  ASSERT_EQ(splitAndEvaluate(model, "data: " + data).exitCode, 0);
  ProcessResult run =
      evaluate(folder.path("out"),
               "data: " + data + ", reference: " + folder.path("out") + ", metrics: [top1]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("100.000%"), Not(HasSubstr("perplexity")),
                             Not(HasSubstr("tokens per second"))));
}

// The figures themselves.

/// exp of the mean loss of the next token, from the reference implementation's own logits.
double perplexityOf(const checkpoint::SafeTensorsFile &golden) {
  const ir::Tensor &logits = *golden.find("logits"), &ids = *golden.find("input_ids");
  const auto tokens = static_cast<size_t>(logits.dims()[1]),
             vocabulary = static_cast<size_t>(logits.dims()[2]);
  const std::vector<uint8_t> logitBytes = valueOf(logits.readAll()),
                             idBytes = valueOf(ids.readAll());
  double loss = 0;
  for (size_t position = 0; position + 1 < tokens; ++position) {
    std::vector<float> row(vocabulary);
    std::memcpy(row.data(), &logitBytes[position * vocabulary * sizeof(float)],
                vocabulary * sizeof(float));
    int64_t next = 0;
    std::memcpy(&next, &idBytes[(position + 1) * sizeof(int64_t)], sizeof(next));
    double sum = 0;
    for (float logit : row)
      sum += std::exp(static_cast<double>(logit));
    loss += std::log(sum) - row[static_cast<size_t>(next)];
  }
  return std::exp(loss / static_cast<double>(tokens - 1));
}

TEST_F(EvaluateTest, FindsThePerplexityOfTheReferenceImplementation) {
  const std::string golden = fixture("checkpoints/llama/golden.safetensors");
  const double expected = perplexityOf(valueOf(checkpoint::SafeTensorsFile::open(golden)));
  // The second row of this file is padded.
  ProcessResult run = splitAndEvaluate(fixture("onnx/llama-kv-optimum.onnx"),
                                       "data: " + golden + ", tensor: input_ids, rows: 1");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_NEAR(*figures().model.perplexity, expected, 1e-4 * expected);
}

TEST_F(EvaluateTest, SeesHowAModelDiffersFromItsReference) {
  ProcessResult run =
      splitAndEvaluate(fixture("onnx/gpt2-dynamo.onnx"),
                       "data: " + writeIds() + ", reference: " + fixture("onnx/opt-dynamo.onnx"));
  ASSERT_EQ(run.exitCode, 0) << run.err;
  const EvaluationFigures found = figures();
  EXPECT_LT(found.agreement, 0.5);
  EXPECT_GT(found.divergence, 0.01);
  EXPECT_GT(found.maxAbsoluteError, 0.1);
  EXPECT_NE(found.model.perplexity, found.reference->perplexity);
}

TEST_F(EvaluateTest, WithACacheIsWithout) {
  ProcessResult run =
      splitAndEvaluate(fixture("onnx/llama-kv-optimum.onnx"),
                       "data: " + writeIds() + ", reference: " + fixture("onnx/llama-dynamo.onnx"));
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_EQ(figures().agreement, 1);
  EXPECT_LT(figures().divergence, 1e-9);
  EXPECT_LT(figures().maxRelativeError, 1e-5);
}

TEST_F(EvaluateTest, MemoryDoesNotGrowWithTheData) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "sanitizers keep what was freed";
#endif
  const std::string data = folder.write("many.npy", ids({4000, 16}, 64000));
  auto peakOf = [&](const std::string &rows) {
    ProcessResult run =
        splitAndEvaluate(fixture("onnx/gpt2-dynamo.onnx"), "data: " + data + ", rows: " + rows);
    EXPECT_EQ(run.exitCode, 0) << run.err;
    const uint64_t peak = manifestOf(folder.path("out")).passes.back().peakRssBytes;
    std::filesystem::remove_all(folder.path("out"));
    return peak;
  };
  const uint64_t few = peakOf("40"), many = peakOf("4000"); // logits of 16 KB each
  EXPECT_LT(many, few + (8 << 20));
}

// What is refused, and when.

TEST_F(EvaluateTest, RefusesBadDataBeforeAnythingRuns) {
  const std::string model = fixture("onnx/gpt2-dynamo.onnx");
  auto errorFor = [&](const std::string &name, const std::string &content) {
    ProcessResult run = evaluate(model, "data: " + folder.write(name, content));
    EXPECT_EQ(run.exitCode, 2) << run.err;
    return run.err;
  };
  EXPECT_THAT(errorFor("a.npy", ""), HasSubstr("too few for an .npy file"));
  EXPECT_THAT(errorFor("b.npy", ids({4, 1}, 4)), HasSubstr("one token each"));
  EXPECT_THAT(errorFor("c.npy", npyOf("<f4", "(2,)", "12345678")), HasSubstr("float numbers"));
  EXPECT_THAT(errorFor("d.npy", ids({0, 4}, 0)), HasSubstr("no token ids"));
  EXPECT_THAT(errorFor("e.csv", "1,2"), HasSubstr("neither a .safetensors nor an .npy"));
}

TEST_F(EvaluateTest, RefusesIdsOutsideTheVocabularyBeforeLoadingAModel) {
  std::vector<int64_t> wrong(48, 255);
  wrong[30] = 256;
  const std::string data = folder.write("ids.npy", npyOfIds({2, 24}, wrong));
  ProcessResult run = evaluate(fixture("onnx/llama-kv-optimum.onnx"), "data: " + data);
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, AllOf(HasSubstr("token id 256"), HasSubstr("row 1, position 6"),
                             HasSubstr("vocabulary, 0 to 255")));
}

TEST_F(EvaluateTest, RefusesModelsAndMetricsThatDoNotFit) {
  const std::string data = "data: " + writeIds(), model = fixture("onnx/gpt2-dynamo.onnx");
  EXPECT_THAT(evaluate(model, data + ", metrics: [kl]").err, HasSubstr("set reference"));
  EXPECT_THAT(evaluate(model, data + ", logits: hidden").err,
              HasSubstr("no output 'hidden', but 'linear'"));
  EXPECT_THAT(evaluate(folder.path("none.onnx"), data).err, HasSubstr("there is no file"));
  EXPECT_THAT(evaluate(model, data + ", reference: " + folder.path("")).err,
              HasSubstr("no manifest.json"));
}

TEST_F(EvaluateTest, WantsOneModelBeforeAnythingRuns) {
  const std::string data = "data: " + writeIds(), model = fixture("onnx/gpt2-dynamo.onnx");
  ProcessResult none = runPasses("  - evaluate: {" + data + "}\n");
  EXPECT_EQ(none.exitCode, 2);
  EXPECT_THAT(none.err, HasSubstr("no model to evaluate: put export before evaluate"));
  ProcessResult two = splitAndEvaluate(model, data + ", model: " + model);
  EXPECT_EQ(two.exitCode, 2);
  EXPECT_THAT(two.err, AllOf(HasSubstr("recipe.yaml:6:"), HasSubstr("two models to evaluate")));
}

TEST_F(EvaluateTest, WantsAModelInOnnx) {
  const std::string data = "data: " + writeIds();
  const std::string passes = "  - capture: {model: " + fixture("checkpoints/llama") +
                             "}\n  - export: {output: out, targets: [safetensors]}\n";
  EXPECT_THAT(runPasses(passes + "  - evaluate: {" + data + "}\n").err,
              HasSubstr("no ONNX files to run: add onnx to the targets of export"));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out"))) << "nothing half is published";
  ASSERT_EQ(runPasses(passes).exitCode, 0);
  EXPECT_THAT(evaluate("out", data).err,
              HasSubstr("names no component: export with onnx among its targets"));
}

TEST_F(EvaluateTest, ThePublishedRecipesRun) {
  const std::string model = fixture("onnx/opt-kv-optimum.onnx"), data = writeIds();
  ProcessResult alone = runConfig("evaluate", {{"model", model}, {"data", data}});
  ASSERT_EQ(alone.exitCode, 0) << alone.err;
  EXPECT_THAT(alone.out, AllOf(HasSubstr("perplexity"), Not(HasSubstr("top-1"))));
  ProcessResult compared =
      runConfig("compare",
                {{"model", model}, {"reference", fixture("onnx/opt-dynamo.onnx")}, {"data", data}});
  ASSERT_EQ(compared.exitCode, 0) << compared.err;
  EXPECT_THAT(compared.out, AllOf(HasSubstr("opt-kv-optimum.onnx"), HasSubstr("opt-dynamo.onnx"),
                                  HasSubstr("top-1 agreement"), HasSubstr("100.000%")));
}

} // namespace
