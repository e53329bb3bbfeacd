// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// cost-model.yaml on real models and on a model of the published example's shapes.

#include "PublishedExample.h"
#include "RecipeRunTest.h"
#include "TestSupport/TestModels.h"

#include "optrun/Results/CostCsv.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

class CostModelTest : public RecipeRunTest {
protected:
  ProcessResult estimate(Settings settings) const {
    settings.try_emplace("output", folder.path("costs.csv"));
    return runConfig("cost-model", settings);
  }

  CostCsv costsOf(const std::string &model, Settings settings = {}) const {
    settings["model"] = model;
    ProcessResult result = estimate(settings);
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return valueOf(readCostCsv(folder.path("costs.csv")));
  }

  static const ModuleCost &row(const CostCsv &csv, const std::string &module) {
    for (const ModuleCost &each : csv.rows)
      if (each.module == module)
        return each;
    throw std::runtime_error("no row for " + module);
  }
};

TEST_F(CostModelTest, noByteOfTheFixturesIsLost) {
  for (const char *name : {"gpt2-dynamo", "llama-dynamo", "opt-dynamo", "opt-torchscript",
                           "llama-kv-optimum", "opt-kv-optimum"}) {
    const std::string path = fixture(std::string("onnx/") + name + ".onnx");
    EXPECT_EQ(totalCost(costsOf(path).rows).storedBytes, ir::weightBytes(*readModel(path))) << name;
  }
}

/// Vocabulary 256, width 64: the head is the table of embeddings.
TEST_F(CostModelTest, tiedWeightsCountOnce) {
  constexpr uint64_t Table = 256 * 64;
  const CostCsv gpt2 = costsOf(fixture("onnx/gpt2-dynamo.onnx"));
  const ModuleCost &head = row(gpt2, "lm_head");
  EXPECT_EQ(head.params, Table);
  EXPECT_EQ(head.tiedParams, Table);
  EXPECT_EQ(head.tiedTo, "transformer.wte");
  EXPECT_EQ(head.publishedFlops, 2 * Table);
  // 128 positions; in each of 4 layers two norms and 12 · 64² weights with 9 · 64 biases.
  EXPECT_EQ(totalCost(gpt2.rows).params,
            Table + 128 * 64 + 4 * (4 * 64 + 12 * 64 * 64 + 9 * 64) + 2 * 64);
  const CostCsv opt = costsOf(fixture("onnx/opt-dynamo.onnx"));
  EXPECT_EQ(row(opt, "lm_head").tiedParams, Table);
}

TEST_F(CostModelTest, thePublishedExampleHasThePublishedTotals) {
  constexpr uint64_t Hidden = PublishedExample::Hidden, Layers = PublishedExample::Layers,
                     Linear = PublishedExample::LinearOfLayer, Table = PublishedExample::Table,
                     Params = PublishedExample::Params;
  const std::string model = makeDecoder(PublishedExample::decoder());

  const CostCsv csv = costsOf(model, {{"precision", "fp16"}});
  const ModuleCost total = totalCost(csv.rows);
  EXPECT_EQ(total.params, Params);
  EXPECT_EQ(total.bytes, 2 * Params);
  EXPECT_EQ(total.storedBytes, 2 * Params) << "7.64 GB";
  // The embedding, the norms, SiLU, and the Linear ones.
  EXPECT_EQ(total.publishedFlops, 1 + (2 * Layers + 1) * 4 * Hidden + Layers * 6 * Hidden +
                                      Layers * 2 * Linear + 2 * Table);
  EXPECT_EQ(row(csv, "model.embed_tokens").publishedFlops, 1u);
  EXPECT_EQ(row(csv, "model.layers.7.self_attn.qkv_proj").publishedFlops, 2 * 3 * Hidden * Hidden);
  EXPECT_EQ(row(csv, "model.layers.7.mlp.act_fn").publishedFlops, 6 * Hidden);
  EXPECT_EQ(row(csv, "model.layers.7.input_layernorm").publishedFlops, 4 * Hidden);
  EXPECT_EQ(row(csv, "lm_head").flops, 2 * Table) << "exact, too";

  EXPECT_EQ(totalCost(costsOf(model, {{"precision", "int4"}}).rows).bytes, Params / 2);
  EXPECT_EQ(totalCost(costsOf(model, {{"batch", "2"}, {"sequence", "5"}}).rows).publishedFlops,
            10 * total.publishedFlops);
}

TEST_F(CostModelTest, onlyCostModelsAreReplaced) {
  const std::string model = fixture("onnx/opt-dynamo.onnx");
  costsOf(model);
  const std::string first = contentOf(folder.path("costs.csv"));
  costsOf(model);
  EXPECT_EQ(contentOf(folder.path("costs.csv")), first) << "the same bytes again";

  folder.write("notes.csv", "mine\n");
  ProcessResult refused = estimate({{"model", model}, {"output", folder.path("notes.csv")}});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("is no cost model and will not be replaced"));
  EXPECT_EQ(contentOf(folder.path("notes.csv")), "mine\n");

  refused = estimate({{"model", model}, {"output", "/dev/null"}});
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("is a device, pipe or socket; name a file")) << "not opened";
  EXPECT_THAT(estimate({{"model", model}, {"output", folder.path("new") + "/"}}).err,
              HasSubstr("is a folder; name a file in it"));
}

TEST_F(CostModelTest, thePublishedColumnsAlone) {
  const CostCsv csv = costsOf(fixture("onnx/opt-dynamo.onnx"), {{"format", "published"}});
  EXPECT_FALSE(csv.hasOwnColumns);
  EXPECT_THAT(csv.warnings, testing::IsEmpty());
  EXPECT_EQ(row(csv, "lm_head").params, 256u * 64);
}

TEST_F(CostModelTest, aRunThatFailsLeavesNoFile) {
  const std::string recipe = folder.write(
      "fails.yaml", "recipe: 1\npasses:\n  - capture: {model: " + fixture("onnx/opt-dynamo.onnx") +
                        "}\n  - cost-estimate: {output: out/costs.csv}\n"
                        "  - split-by-count: {splits: 1000}\n");
  EXPECT_EQ(runOptRun({recipe}).exitCode, 1);
  EXPECT_FALSE(fs::exists(folder.path("out")));
}

TEST_F(CostModelTest, theTableHasTheLayersInOneRow) {
  const ProcessResult result =
      estimate({{"model", fixture("onnx/llama-kv-optimum.onnx")}, {"context", "7"}});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("model.layers (4 layers)"));
  EXPECT_THAT(result.out, HasSubstr("lm_head"));
  EXPECT_THAT(result.err, HasSubstr("costs of batch 1, sequence 1, past 7"));
}

} // namespace
