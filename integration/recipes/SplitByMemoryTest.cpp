// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Real models under one budget for all components, compared with the original by the recipe
/// itself.

#include "SplitByMemoryRun.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

class SplitByMemoryTest : public SplitByMemoryRun {
protected:
  static std::string onnx(const std::string &name) { return fixture("onnx/" + name + ".onnx"); }

  ProcessResult split(const std::string &model, uint64_t memory) const {
    return splitAndVerify(model, "memory: " + std::to_string(memory));
  }
  Components parts() const { return componentsOf(folder.path("out")); }
};

struct Case {
  const char *model;
  unsigned parts; // the budget is the model's size divided by it
};

class SplitFixtureByMemoryTest : public SplitByMemoryTest,
                                 public testing::WithParamInterface<Case> {};

TEST_P(SplitFixtureByMemoryTest, everyComponentFits) {
  const std::string model = onnx(GetParam().model);
  const uint64_t bytes = ir::weightBytes(*readModel(model)), parts = GetParam().parts,
                 budget = (bytes + parts - 1) / parts;
  const ProcessResult run = split(model, budget);
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("bit-equal on 2 inputs"));
  expectWithinBudgets(folder.path("out"));

  const Manifest manifest = manifestOf(folder.path("out"));
  EXPECT_EQ(manifest.components.front().budgetBytes, budget);
  EXPECT_GE(manifest.components.size(), parts);
  if (parts == 1) {
    EXPECT_EQ(manifest.components.size(), 1u) << "just enough";
  }
  EXPECT_EQ(bytesOf(this->parts()), bytes + statistic(run, "repeated-weight-bytes"));
}

std::vector<Case> fixturesInParts(const std::vector<unsigned> &parts) {
  std::vector<Case> cases;
  for (const char *model : {"gpt2-dynamo", "llama-dynamo", "llama-kv-optimum", "opt-dynamo",
                            "opt-kv-optimum", "opt-torchscript"})
    for (unsigned each : parts)
      cases.push_back({model, each});
  return cases;
}
INSTANTIATE_TEST_SUITE_P(Exporters, SplitFixtureByMemoryTest,
                         testing::ValuesIn(fixturesInParts({1, 2, 4, 8})), [](const auto &each) {
                           std::string name = each.param.model;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + "_by_" + std::to_string(each.param.parts);
                         });

/// Vocabulary 256, width 64, single precision.
TEST_F(SplitByMemoryTest, aUnitThatFitsNowhereIsNamed) {
  for (const auto &[model, largest, bytes] :
       std::vector<std::tuple<const char *, const char *, const char *>>{
           {"gpt2-dynamo", "transformer.h.0.mlp.c_fc", "66584"},
           {"llama-dynamo", "model.embed_tokens", "65536"},
           {"opt-dynamo", "model.decoder.layers.0.fc1", "66560"}}) {
    const uint64_t enough = std::stoull(bytes);
    EXPECT_EQ(split(onnx(model), enough).exitCode, 0) << model;
    std::filesystem::remove_all(folder.path("out"));
    const ProcessResult run = split(onnx(model), enough - 1);
    EXPECT_EQ(run.exitCode, 1) << model;
    EXPECT_THAT(run.err, AllOf(HasSubstr(std::string("'") + largest + "' needs"),
                               HasSubstr(std::string("raise it to ") + bytes + " or more")));
    EXPECT_FALSE(std::filesystem::exists(folder.path("out"))) << model;
  }
}

/// Half of its bytes are the table of 30522 words, 384 numbers in int8 and a scale each.
TEST_F(SplitByMemoryTest, aModelWithInt8Weights) {
  const std::string model = testModel("minilm-int8/model.onnx");
  const uint64_t bytes = ir::weightBytes(*readModel(model));
  constexpr uint64_t Table = 30522 * (384 + 4);
  for (uint64_t budget : {bytes, Table}) {
    const ProcessResult run = split(model, budget);
    ASSERT_EQ(run.exitCode, 0) << run.err;
    expectWithinBudgets(folder.path("out"));
    EXPECT_EQ(parts().size(), budget == bytes ? 1u : 2u);
  }
  for (uint64_t budget : {Table - 1, bytes / 4, bytes / 8}) {
    const ProcessResult run = split(model, budget);
    EXPECT_EQ(run.exitCode, 1);
    EXPECT_THAT(run.err, AllOf(HasSubstr("'inner.embeddings.word_embeddings' needs"),
                               HasSubstr("raise it to " + std::to_string(Table) + " or more")));
  }
}

/// The head is the table of embeddings. It is at both ends, so an undivided model has it once and a
/// divided one twice, which the plan says.
/// Residual layers of 32 and 64 features with int8 weights that DequantizeLinear opens.
std::string quantizedLayers(unsigned count) {
  constexpr unsigned Elements = 32 * 64;
  std::string initializers, nodes, scales;
  for (unsigned i = 0; i < 64; ++i)
    scales += (i ? ", 0.00" : "0.00") + std::to_string(1 + i % 7);
  initializers = "float[64] s64 = {" + scales + "}, float[32] s32 = {" +
                 scales.substr(0, scales.size() / 2 - 1) + "}";
  for (unsigned layer = 0; layer < count; ++layer) {
    const std::string n = std::to_string(layer), next = std::to_string(layer + 1),
                      path = "[\"/layers." + n + "/";
    for (const char *weight : {"int8[32, 64] up", "int8[64, 32] down"}) {
      std::string values;
      for (unsigned i = 0; i < Elements; ++i)
        values += (i ? "," : "") + std::to_string(int((i * 2654435761u + layer) >> 24 & 255) - 128);
      initializers += ", " + (weight + n) + " = {" + values + "}";
    }
    nodes += path + "up/DQ\"] u" + n + " = DequantizeLinear<axis = 1>(up" + n + ", s64)\n" + //
             path + "up/MatMul\"] a" + n + " = MatMul(h" + n + ", u" + n + ")\n" +           //
             path + "act/Tanh\"] b" + n + " = Tanh(a" + n + ")\n" +                          //
             path + "down/DQ\"] d" + n + " = DequantizeLinear<axis = 1>(down" + n + ", s32)\n" +
             path + "down/MatMul\"] c" + n + " = MatMul(b" + n + ", d" + n + ")\n" + //
             path + "Add\"] h" + next + " = Add(h" + n + ", c" + n + ")\n";
  }
  return "<ir_version: 10, opset_import: [\"\" : 21]>\ng (float[n, 32] h0) => (float[n, 32] h" +
         std::to_string(count) + ") <" + initializers + "> {\n" + nodes + "}";
}

TEST_F(SplitByMemoryTest, optimizationsThatRoundAreNoFaultOfTheSplit) {
  // With them, ONNX Runtime would multiply int8 weights with activations that it rounds to int8 in
  // components of one linear layer each, but not in the model.
  writeModel(*parseModel(quantizedLayers(4)), folder.path("model.onnx"));
  const ProcessResult run = split(folder.path("model.onnx"), 2560);
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("bit-equal on 2 inputs"));
  EXPECT_EQ(parts().size(), 8u);
}

TEST_F(SplitByMemoryTest, tiedWeightsAreCountedOnceInEachComponent) {
  constexpr uint64_t Table = 256 * 64 * 4;
  for (const char *name : {"gpt2-dynamo", "opt-dynamo"}) {
    const uint64_t bytes = ir::weightBytes(*readModel(onnx(name)));
    EXPECT_EQ(split(onnx(name), bytes).exitCode, 0);
    EXPECT_EQ(bytesOf(parts()), bytes);

    const ProcessResult run = split(onnx(name), bytes - 1);
    ASSERT_EQ(run.exitCode, 0) << run.err;
    expectWithinBudgets(folder.path("out"));
    const Components two = parts();
    ASSERT_EQ(two.size(), 2u);
    for (const auto &component : two) {
      const ir::Value *table = component->graph.findValue("lm_head.weight");
      ASSERT_TRUE(table && table->isInitializer()) << name;
      EXPECT_EQ(table->tensor()->byteSize(), Table);
    }
    const uint64_t repeated = bytesOf(two) - bytes;
    EXPECT_GE(repeated, Table);
    EXPECT_LT(repeated, Table + 1000) << "small constants";
    EXPECT_EQ(statistic(run, "repeated-weight-bytes"), repeated);
    EXPECT_THAT(run.err, HasSubstr("of weights are in several components"));
  }
}

/// What crosses with `never` is a mask of all tokens by all tokens, for each head or layer.
TEST_F(SplitByMemoryTest, recomputedMasksAreNotHandedOn) {
  for (const char *name : {"gpt2-dynamo", "llama-dynamo", "opt-dynamo", "opt-torchscript"}) {
    std::map<std::string, uint64_t> handedOn;
    for (const char *recompute : {"never", "when-smaller", "always"}) {
      const ProcessResult run =
          splitAndVerify(onnx(name), std::string("memory: 300KB, recompute: ") + recompute);
      ASSERT_EQ(run.exitCode, 0) << run.err;
      EXPECT_THAT(run.out, HasSubstr("bit-equal"));
      expectWithinBudgets(folder.path("out"));
      handedOn[recompute] = statistic(run, "crossing-bytes");

      const Manifest manifest = manifestOf(folder.path("out"));
      std::vector<std::vector<std::string>> inputs;
      for (const Manifest::Component &component : manifest.components)
        inputs.push_back(component.inputs);
      ASSERT_GT(inputs.size(), 2u);
      if (recompute == std::string("always")) {
        EXPECT_THAT(inputs, Each(Contains("attention_mask"))) << name;
      } else if (recompute == std::string("never")) {
        EXPECT_THAT(inputs.back(), Not(Contains("attention_mask"))) << name;
      }
    }
    EXPECT_LT(handedOn["when-smaller"] * 3 / 2, handedOn["never"]) << name;
    EXPECT_LE(handedOn["always"], handedOn["when-smaller"]) << name;
  }
}

TEST_F(SplitByMemoryTest, theRecipeThatComesWithOptRun) {
  const std::string output = folder.path("out");
  const ProcessResult run = runConfig(
      "split-by-memory",
      {{"model", onnx("opt-dynamo")}, {"memory", "0.4MB"}, {"output", output}, {"samples", "1"}});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("budget"), HasSubstr("FLOPs/byte"), HasSubstr("bit-equal")));
  EXPECT_EQ(manifestOf(output).components.size(), 3u);
  expectWithinBudgets(output);

  const ProcessResult wrong = runConfig(
      "split-by-memory",
      {{"model", onnx("opt-dynamo")}, {"memory", "4 apples"}, {"output", folder.path("other")}});
  EXPECT_EQ(wrong.exitCode, 2);
  EXPECT_THAT(wrong.err, HasSubstr("'memory' must be a size"));
  EXPECT_THAT(wrong.out, IsEmpty());
}

TEST_F(SplitByMemoryTest, aRecipeSplitsOnce) {
  const ProcessResult run = runOptRun({writeRecipe(
      {capture(onnx("opt-dynamo")), splitPass("memory: 400KB"), "split-by-count: {splits: 2}"})});
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("split-by-count: the model has 3 components: it has been split "
                                 "already, and a recipe splits once"));
}

TEST_F(SplitByMemoryTest, isTheSameForEveryNumberOfThreads) {
  for (const char *threads : {"1", "4"}) {
    std::vector<std::string> arguments = configArguments(
        "split-by-memory",
        {{"model", onnx("llama-dynamo")}, {"memory", "200KB"}, {"output", folder.path(threads)}});
    arguments.insert(arguments.end(), {"--threads", threads, "--stop-after=export"});
    ASSERT_EQ(runOptRun(arguments).exitCode, 0);
  }
  const std::vector<std::string> names = namesIn(folder.path("1"));
  EXPECT_EQ(names, namesIn(folder.path("4")));
  for (const std::string &name : names)
    if (name != "manifest.json") {
      EXPECT_TRUE(contentOf(folder.path("1/" + name)) == contentOf(folder.path("4/" + name)))
          << name;
    }
}

} // namespace
