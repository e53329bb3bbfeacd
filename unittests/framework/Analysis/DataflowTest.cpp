// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Edges between nodes, and nodes that fold constants.

#include "optrun/Analysis/Dataflow.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/WeightedNodes.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

constexpr uint32_t None = Dataflow::None;

std::unique_ptr<ir::Component> model(llvm::StringRef graph) {
  return parseModel(
      ("<ir_version: 10, opset_import: [\"\" : 21, \"com.microsoft\" : 1]>" + graph).str());
}

std::vector<bool> folding(const Dataflow &flow) {
  std::vector<bool> result;
  for (uint32_t node = 0; node < flow.size(); ++node)
    result.push_back(flow.foldsConstants(node));
  return result;
}

TEST(Dataflow, NumbersEdgesCapturesIncluded) {
  auto component = model(R"(
    g (bool c, float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      a = Relu(x)
      b = Clip(a, "", w)
      y = If (c) <
        then_branch = t () => (float[2] t1) { t1 = Add(b, w) },
        else_branch = e () => (float[2] e1) { e1 = Neg(a) }>
    })");
  Dataflow flow = valueOf(Dataflow::build(component->graph));
  ASSERT_EQ(flow.size(), 3u);
  EXPECT_THAT(flow.producers(0), ElementsAre(None));
  EXPECT_THAT(flow.producers(1), ElementsAre(0, None));
  EXPECT_THAT(flow.producers(2), ElementsAre(None, 1, None, 0));
  const ir::Node &nested = *component->graph.findValue("b")->uses().begin()->user();
  EXPECT_EQ(flow.indexOf(nested), 2u) << "a nested node counts as the one that holds it";
  EXPECT_TRUE(flow.isConstant(*component->graph.findValue("w")));
  EXPECT_FALSE(flow.isConstant(*component->graph.findValue("x")));
}

TEST(Dataflow, ConstantsFoldThroughDeterministicOperators) {
  auto component = model(R"(
    g (bool c, float[2] x) => (float[2] y)
    <int8[2] q = {1, 2}, float s = {0.5}, float[2] mean = {0, 1}> {
      k = Constant<value = float {2.0}>()
      w = DequantizeLinear(q, s)
      v = com.microsoft.DequantizeLinear(q, s, s)
      kw = Mul(k, w)
      random = RandomNormal<shape = [2]>()
      like = RandomNormalLike(kw)
      drawn = Bernoulli(mean)
      contrib = com.microsoft.Gelu(kw)
      branch = If (c) <
        then_branch = t () => (float[2] t1) { t1 = Neg(kw) },
        else_branch = e () => (float[2] e1) { e1 = Abs(kw) }>
      y = Add(x, kw)
    })");
  Dataflow flow = valueOf(Dataflow::build(component->graph));
  EXPECT_THAT(folding(flow),
              ElementsAre(true, true, true, true, false, false, false, false, false, false));
}

TEST(WeightedNodes, AreThoseWithLargeConstantsOfFloatingOrQuantizedTypes) {
  auto component = model(R"(
    g (float[2] x, float[2, 2] z) => (float[2, 2] y)
    <int8[2, 2] q = {1, 2, 3, 4}, float s = {0.5}, float[2] bias = {1, 2}, int64[2] shape = {2, 1}> {
      w = DequantizeLinear(q, s)
      t = Transpose(w)
      scaled = Mul(x, s)
      reshaped = Reshape(scaled, shape)
      biased = Add(x, bias)
      y = Gemm(z, t, bias)
    })");
  Dataflow flow = valueOf(Dataflow::build(component->graph));
  const auto weights = weightsOfNodes(flow);
  const ir::Tensor *q = component->graph.findValue("q")->tensor().get();
  const ir::Tensor *bias = component->graph.findValue("bias")->tensor().get();
  EXPECT_THAT(weights, ElementsAre(nullptr, nullptr, nullptr, nullptr, bias, q));
  EXPECT_THAT(weightedLevels(flow, weights), ElementsAre(0, 0, 0, 0, 1, 1));
}

TEST(Dataflow, DescribesNodesByNameOrOutput) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y) { ["a/b"] h = Relu(x)  y = com.microsoft.Gelu(h) })");
  EXPECT_EQ(describeNode(component->graph.nodes().front()), "node 'a/b' (Relu)");
  EXPECT_EQ(describeNode(component->graph.nodes().back()),
            "the com.microsoft.Gelu node that produces 'y'");
}

} // namespace
