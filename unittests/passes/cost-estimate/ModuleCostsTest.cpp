// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Rows of modules: what they hold, what they share, what the published rules make of them.

#include "ModuleCosts.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"

#include <filesystem>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

CostModel estimate(ir::Component &component, const InputExtents &extents = {},
                   CostPrecision precision = CostPrecision::Keep) {
  EXPECT_EQ(errorOf(onnx::inferShapes(component)), "");
  Dataflow flow = valueOf(Dataflow::build(component.graph));
  return costOfModules(component, flow, valueOf(estimateGraphCost(component, flow, extents)),
                       precision);
}

/// Nodes are named "module/Operator", as TorchScript does; here each says its module itself.
CostModel estimate(const std::string &text, const InputExtents &extents = {},
                   CostPrecision precision = CostPrecision::Keep) {
  auto component = parseModel(
      R"(<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1, "local" : 1]> )" + text);
  for (ir::Node &node : component->graph.nodes())
    node.modulePath = node.name;
  CostModel model = estimate(*component, extents, precision);
  EXPECT_EQ(totalCost(model.rows).storedBytes, ir::weightBytes(*component));
  return model;
}

std::vector<std::string> modules(const CostModel &model) {
  std::vector<std::string> names;
  for (const ModuleCost &row : model.rows)
    names.push_back(row.module);
  return names;
}

const std::string Decoder = "g (int64[B,S] ids) => (float[B,S,6] y) <" +
                            zeros("float", "table", {6, 4}) + ", " + zeros("float", "norm", {4}) +
                            ", " + zeros("float", "w", {4, 8}) + ", " + zeros("float", "b", {8}) +
                            ", " + zeros("float", "v", {8, 4}) + R"(> {
  [embed] x = Gather(table, ids)
  ["layers.0.norm"] n = LayerNormalization(x, norm)
  ["layers.0.up"] u = MatMul(n, w)
  ["layers.0.up"] a = Add(u, b)
  ["layers.0.act"] s = Sigmoid(a)
  ["layers.0.act"] h = Mul(a, s)
  ["layers.0.down"] d = MatMul(h, v)
  ["layers.0"] r = Add(x, d)
  t = Transpose(table)
  [head] y = MatMul(r, t)
})";

TEST(ModuleCosts, FollowThePublishedRules) {
  const CostModel model = estimate(Decoder);
  EXPECT_THAT(modules(model), ElementsAre("embed", "layers.0.norm", "layers.0.up", "layers.0.act",
                                          "layers.0.down", "layers.0", "head"));
  std::vector<uint64_t> flops, params, bytes;
  for (const ModuleCost &row : model.rows) {
    params.push_back(row.params);
    bytes.push_back(row.bytes);
    flops.push_back(row.publishedFlops);
  }
  EXPECT_THAT(params, ElementsAre(24, 4, 40, 0, 32, 0, 24));
  EXPECT_THAT(bytes, ElementsAre(96, 16, 160, 0, 128, 0, 96));
  // Embedding 1, norm 4 · hidden, Linear 2 · params with the bias, SiLU 6 · hidden.
  EXPECT_THAT(flops, ElementsAre(1, 4 * 4, 2 * 40, 6 * 4, 2 * 32, 0, 2 * 24));
  EXPECT_EQ(model.rows[3].flops, 6u * 8) << "by operator: of its own width";

  const CostModel more = estimate(Decoder, {3, 5, 0});
  for (size_t row = 0; row < flops.size(); ++row)
    EXPECT_EQ(more.rows[row].publishedFlops, 15 * flops[row]);
}

TEST(ModuleCosts, TiedWeightsCountOnceInTotals) {
  const CostModel model = estimate(Decoder);
  const ModuleCost &head = model.rows.back();
  EXPECT_EQ(head.tiedTo, "embed");
  EXPECT_EQ(head.tiedParams, 24u);
  EXPECT_EQ(head.tiedBytes, 96u);
  EXPECT_EQ(head.tiedStoredBytes, 96u);
  EXPECT_EQ(totalCost(model.rows).params, 24u + 4 + 40 + 32);
  EXPECT_TRUE(model.rows.front().tiedTo.empty());
}

TEST(ModuleCosts, AtAnotherPrecision) {
  const CostModel model = estimate(Decoder, {}, CostPrecision::Int4);
  EXPECT_EQ(model.rows[0].bytes, 12u);
  EXPECT_EQ(model.rows[0].storedBytes, 96u) << "as it is";
  EXPECT_EQ(model.rows.back().tiedBytes, 12u);
  EXPECT_EQ(totalCost(model.rows).bytes, 12u + 2 + 20 + 16);
}

TEST(ModuleCosts, ScalesAndZeroPointsAreStoredButNoParameters) {
  const CostModel model =
      estimate("g (float[B,4] x) => (float[B,8] y) <" + zeros("int8", "q", {4, 8}) + ", " +
               zeros("float", "s", {8}) + ", " + zeros("int8", "z", {8}) + R"(> {
    w = DequantizeLinear <axis = 1> (q, s, z)
    [up] y = MatMul(x, w) })");
  ASSERT_EQ(model.rows.size(), 1u);
  EXPECT_EQ(model.rows[0].params, 32u);
  EXPECT_EQ(model.rows[0].bytes, 32u);
  EXPECT_EQ(model.rows[0].storedBytes, 32u + 8 * 4 + 8);
  EXPECT_EQ(model.rows[0].publishedFlops, 64u);
}

TEST(ModuleCosts, ParametersOfModulesWithChildrenCount) {
  const CostModel model =
      estimate("g (float[B,4] x) => (float[E,B,4] y) <" + zeros("float", "experts", {3, 4, 4}) +
               ", " + zeros("float", "w", {4, 4}) + R"(> {
    [mlp] e = MatMul(x, experts)
    ["mlp.gate"] y = MatMul(e, w) })");
  EXPECT_EQ(model.rows[0].params, 48u);
  EXPECT_EQ(model.rows[0].publishedFlops, 96u);
}

TEST(ModuleCosts, NodesAndPayloadsWithoutAModuleHaveRows) {
  const CostModel model =
      estimate("g (float[B,4] x) => (float[B,4] y) <" + zeros("float", "w", {4, 4}) + ", " +
               zeros("float", "lost", {5}) + R"(> {
    y = MatMul(x, w) })");
  EXPECT_THAT(modules(model), ElementsAre("(no module)", "(unused)"));
  EXPECT_EQ(model.rows[0].params, 16u);
  EXPECT_EQ(model.rows[0].publishedFlops, 0u) << "no module, no rule";
  EXPECT_EQ(model.rows[1].storedBytes, 20u);
  EXPECT_EQ(model.rows[1].params, 0u);
}

TEST(ModuleCosts, CallsOfFunctionsAreModulesOfTheirOwn) {
  const CostModel model = estimate(R"(g (float[B,2] x) => (float[B,2] y) {
    [b] i = local.Inner(x)
    [c] y = local.Inner(i) }
    <opset_import: ["" : 21], domain: "local"> Inner (a) => (b) {
      k = Constant <value = float[2,2] {1,2,3,4}> () b = MatMul(a, k) })");
  EXPECT_THAT(modules(model), ElementsAre("b", "c"));
  EXPECT_EQ(model.rows[0].params, 4u);
  EXPECT_EQ(model.rows[0].flops, 2u * 2 * 2);
  EXPECT_EQ(model.rows[1].tiedTo, "b");
}

TEST(ModuleCosts, LoseNoByteOfRealModels) {
  std::vector<std::string> models;
  for (const char *folder : {"minilm-int8", "rapidocr", "silero-vad"})
    for (const auto &entry : std::filesystem::recursive_directory_iterator(testModel(folder)))
      if (entry.path().extension() == ".onnx")
        models.push_back(entry.path());
  for (const auto &entry : std::filesystem::directory_iterator(fixture("onnx")))
    models.push_back(entry.path());
  ASSERT_GE(models.size(), 9u);
  for (const std::string &path : models) {
    auto component = readModel(path);
    EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
    valueOf(recoverModuleHierarchy(*component));
    for (CostPrecision precision : {CostPrecision::Keep, CostPrecision::Int4}) {
      const ModuleCost total = totalCost(estimate(*component, {1, 4, 2}, precision).rows);
      EXPECT_EQ(total.storedBytes, ir::weightBytes(*component)) << path;
      EXPECT_GT(total.flops, 0u) << path;
    }
  }
}

} // namespace
