// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What nodes cost, against numbers worked out by hand. B batch, S sequence, P past, T = P + S.

#include "optrun/Analysis/NodeCost.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

constexpr InputExtents Small = {2, 5, 3};
constexpr uint64_t B = 2, S = 5, T = 8;

GraphCost estimate(const std::string &text, const InputExtents &extents = Small) {
  auto component = parseModel(
      R"(<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1, "local" : 1]> )" + text);
  return valueOf(
      estimateGraphCost(*component, valueOf(Dataflow::build(component->graph)), extents));
}

/// The cost of the last node of a graph.
NodeCost last(const std::string &text, const InputExtents &extents = Small) {
  GraphCost cost = estimate(text, extents);
  EXPECT_EQ(cost.incompleteNodes, 0u) << text;
  return cost.nodes.back();
}

TEST(NodeCost, MatMulWithAWeight) {
  const NodeCost cost = last("g (float[B,S,8] x) => (float[B,S,3] y) <" +
                             zeros("float", "w", {8, 3}) + "> { y = MatMul(x, w) }");
  EXPECT_EQ(cost.flops, 2 * B * S * 3 * 8);
  EXPECT_EQ(cost.attentionFlops, 0u);
  EXPECT_EQ(cost.outputBytes, B * S * 3 * 4);
  EXPECT_EQ(cost.movedBytes, 4 * (B * S * 8 + 8 * 3 + B * S * 3));
}

TEST(NodeCost, MatMulOfActivationsIsAttention) {
  const NodeCost cost = last("g (float[B,4,S,8] q, float[B,4,8,S] k) => (float[B,4,S,S] y) "
                             "{ y = MatMul(q, k) }");
  EXPECT_EQ(cost.flops, 2 * B * 4 * S * S * 8);
  EXPECT_EQ(cost.attentionFlops, cost.flops);
  const NodeCost angles = last("g (float[B,8,1] f, float[B,1,S] p) => (float[B,8,S] y) "
                               "{ y = MatMul(f, p) }");
  EXPECT_EQ(angles.flops, 2 * B * 8 * S);
  EXPECT_EQ(angles.attentionFlops, 0u) << "an outer product";
}

TEST(NodeCost, GemmWithAndWithoutBias) {
  const std::string weights = "<" + zeros("float", "w", {3, 8}) + ", " + zeros("float", "b", {3});
  EXPECT_EQ(last("g (float[B,8] x) => (float[B,3] y) " + weights +
                 "> { y = Gemm <transB = 1> (x, w, b) }")
                .flops,
            2 * B * 3 * 8 + B * 3);
  EXPECT_EQ(last("g (float[8,B] x) => (float[B,3] y) " + weights +
                 "> { y = Gemm <transA = 1, transB = 1> (x, w) }")
                .flops,
            2 * B * 3 * 8);
}

TEST(NodeCost, QuantizedProducts) {
  EXPECT_EQ(last("g (uint8[B,S,8] x) => (int32[B,S,3] y) <" + zeros("int8", "w", {8, 3}) +
                 "> { y = MatMulInteger(x, w) }")
                .flops,
            2 * B * S * 3 * 8);
  const NodeCost cost =
      last("g (float[B,S,32] x) => (float[B,S,3] y) <" + zeros("uint8", "w", {3, 1, 16}) + ", " +
           zeros("float", "s", {3}) +
           "> { y = com.microsoft.MatMulNBits <K = 32, N = 3, bits = 4, block_size = 32> "
           "(x, w, s) }");
  EXPECT_EQ(cost.flops, 2 * B * S * 3 * 32);
  EXPECT_EQ(cost.movedBytes, 4 * B * S * 32 + 48 + 12 + 4 * B * S * 3);
}

TEST(NodeCost, Convolutions) {
  EXPECT_EQ(last("g (float[B,4,6,6] x) => (float[B,8,4,4] y) <" +
                 zeros("float", "w", {8, 2, 3, 3}) + ", " + zeros("float", "b", {8}) +
                 "> { y = Conv <group = 2> (x, w, b) }")
                .flops,
            2 * B * 8 * 4 * 4 * (2 * 3 * 3) + B * 8 * 4 * 4);
  EXPECT_EQ(last("g (float[B,4,6,6] x) => (float[B,2,8,8] y) <" +
                 zeros("float", "w", {4, 2, 3, 3}) + "> { y = ConvTranspose(x, w) }")
                .flops,
            2 * B * 4 * 6 * 6 * (2 * 3 * 3));
}

TEST(NodeCost, Einsum) {
  const NodeCost scores = last("g (float[B,4,S,8] q, float[B,4,S,8] k) => (float[B,4,S,S] y) "
                               "{ y = Einsum <equation = \"bhqd,bhkd->bhqk\"> (q, k) }");
  EXPECT_EQ(scores.flops, 2 * B * 4 * S * S * 8);
  EXPECT_EQ(scores.attentionFlops, scores.flops);
  EXPECT_EQ(last("g (float[B,S,8] x) => (float[B,S,3] y) <" + zeros("float", "w", {8, 3}) +
                 "> { y = Einsum <equation = \"...d,dk->...k\"> (x, w) }")
                .flops,
            2 * B * S * 3 * 8);
}

TEST(NodeCost, RecurrentLayers) {
  EXPECT_EQ(last("g (float[seq,B,3] x) => (float[seq,1,B,4] y) <" +
                 zeros("float", "w", {1, 16, 3}) + ", " + zeros("float", "r", {1, 16, 4}) +
                 "> { y = LSTM <hidden_size = 4> (x, w, r) }")
                .flops,
            2 * S * B * 16 * (3 + 4));
}

TEST(NodeCost, ElementwiseAndNormalization) {
  auto flops = [](const std::string &node) {
    return last("g (float[B,S,8] x) => (float[B,S,8] y) <" + zeros("float", "w", {8}) + "> { " +
                node + " }")
        .flops;
  };
  EXPECT_EQ(flops("y = Add(x, x)"), B * S * 8);
  EXPECT_EQ(flops("y = Sigmoid(x)"), 5 * B * S * 8);
  EXPECT_EQ(flops("y = Softmax(x)"), 5 * B * S * 8);
  EXPECT_EQ(flops("y = Gelu(x)"), 8 * B * S * 8);
  EXPECT_EQ(flops("y = LayerNormalization(x, w)"), 4 * B * S * 8);
  EXPECT_EQ(flops("y = com.microsoft.SkipSimplifiedLayerNormalization(x, x, w)"), 5 * B * S * 8);
  EXPECT_EQ(flops("y = Max(x, x, x)"), 2 * B * S * 8);
  EXPECT_EQ(
      last("g (float[B,S,8] x) => (float[B,S,1] y) { y = ReduceMax <keepdims = 1> (x) }").flops,
      B * S * 8);
}

TEST(NodeCost, MovementIsNoArithmetic) {
  EXPECT_EQ(last("g (int64[B,S] a) => (int64[B,S] y) { y = Add(a, a) }").flops, 0u);
  const NodeCost view = last("g (float[B,S] x) => (float[B,S,1] y) <int64[1] a = {2}> "
                             "{ y = Unsqueeze(x, a) }");
  EXPECT_EQ(view.movedBytes, 0u);
  EXPECT_EQ(view.outputBytes, 0u);
  const NodeCost rows = last("g (int64[B,S] i) => (float[B,S,4] y) <" +
                             zeros("float", "t", {100, 4}) + "> { y = Gather(t, i) }");
  EXPECT_EQ(rows.flops, 0u);
  EXPECT_EQ(rows.movedBytes, 8 * B * S + 2 * (4 * B * S * 4))
      << "the rows looked up, not the table";
}

TEST(NodeCost, FoldedConstantsAreFreeAndReadAsStored) {
  const GraphCost cost =
      estimate("g (float[B,S,8] x) => (float[B,S,3] y) <" + zeros("int8", "q", {8, 3}) +
               ", float s = {1}> "
               "{ w = DequantizeLinear(q, s) y = MatMul(x, w) }");
  EXPECT_EQ(cost.nodes[0].flops, 0u);
  EXPECT_EQ(cost.nodes[0].movedBytes, 0u);
  EXPECT_EQ(cost.nodes[1].attentionFlops, 0u);
  EXPECT_EQ(cost.nodes[1].movedBytes, 4 * B * S * 8 + (8 * 3 + 4) + 4 * B * S * 3);
}

TEST(NodeCost, FusedAttention) {
  const NodeCost grouped = last(
      R"(g (float[B,S,64] q, float[B,S,32] k, float[B,S,32] v,
            float[B,2,past_sequence_length,16] past_key_values_0_key,
            float[B,2,past_sequence_length,16] past_key_values_0_value, int32[B] n, int32 t)
         => (float[B,S,64] y, float[B,2,total_sequence_length,16] present_0_key,
             float[B,2,total_sequence_length,16] present_0_value) {
           y, present_0_key, present_0_value = com.microsoft.GroupQueryAttention
             <num_heads = 4, kv_num_heads = 2, do_rotary = 1>
             (q, k, v, past_key_values_0_key, past_key_values_0_value, n, t) })");
  EXPECT_EQ(grouped.attentionFlops, 4 * B * 4 * S * T * 16);
  EXPECT_EQ(grouped.flops, 4 * B * 4 * S * T * 16 + 5 * B * 4 * S * T + 3 * B * S * (4 + 2) * 16);
  EXPECT_EQ(grouped.cacheBytes, 2 * B * 2 * T * 16 * 4);
  const std::string cached = R"(
      g (int64[B,S] input_ids, float[B,4,past,16] past_key, float[B,4,past,16] past_value,
         float[B,4,S,16] q) => (float[B,4,S,16] y, float[B,4,T,16] present_key,
                                float[B,4,T,16] present_value) {
        y, present_key, present_value = Attention (q, q, q, "", past_key, past_value) })";
  auto component = parseModel(R"(<ir_version: 11, opset_import: ["" : 23]> )" + cached);
  const GraphCost cost =
      valueOf(estimateGraphCost(*component, valueOf(Dataflow::build(component->graph)), Small));
  EXPECT_EQ(cost.extents, Small);
  EXPECT_EQ(cost.incompleteNodes, 0u);
  EXPECT_EQ(cost.nodes[0].attentionFlops, 4 * B * 4 * S * T * 16);
  EXPECT_EQ(cost.nodes[0].flops, 4 * B * 4 * S * T * 16 + 5 * B * 4 * S * T);
  EXPECT_EQ(cost.nodes[0].cacheBytes, 2 * B * 4 * T * 16 * 4);
}

TEST(NodeCost, AttentionThatProjects) {
  const NodeCost cost = last("g (float[B,S,8] x) => (float[B,S,8] y) <" +
                             zeros("float", "w", {8, 24}) + ", " + zeros("float", "b", {24}) +
                             "> { y = com.microsoft.Attention <num_heads = 2> (x, w, b) }");
  EXPECT_EQ(cost.attentionFlops, 4 * B * 2 * S * S * 4);
  EXPECT_EQ(cost.flops, 4 * B * 2 * S * S * 4 + 5 * B * 2 * S * S + B * S * (2 * 8 * 24 + 24));
}

const char *const Branches = R"(
    <then_branch = a () => (float[B,S,8] p) { p = Gelu(x) },
     else_branch = b () => (float[B,S,8] q) { r = Relu(x) q = Relu(r) }>)";

TEST(NodeCost, IfCostsItsDearerBranch) {
  EXPECT_EQ(last(std::string("g (bool c, float[B,S,8] x) => (float[B,S,8] y) { y = If (c)") +
                 Branches + "}")
                .flops,
            8 * B * S * 8);
  EXPECT_EQ(last(std::string("g (float[B,S,8] x) => (float[B,S,8] y) <int64[1] d = {7}> {"
                             "n = Size(x) c = Equal(n, d) y = If (c)") +
                 Branches + "}")
                .flops,
            2 * B * S * 8)
      << "known not to be taken";
}

TEST(NodeCost, LoopCostsItsBodyTimesTheIterations) {
  const char *const loop = R"(
      y = Loop (n, "", x) <body = l (int64 i, bool c, float[B,S,8] v) => (bool d, float[B,S,8] w) {
        d = Identity(c) w = Relu(v) }>)";
  EXPECT_EQ(
      last(std::string("g (float[B,S,8] x) => (float[B,S,8] y) <int64 n = {3}> {") + loop + "}")
          .flops,
      3 * B * S * 8);
  const GraphCost unknown =
      estimate(std::string("g (int64 n, float[B,S,8] x) => (float[B,S,8] y) {") + loop + "}");
  EXPECT_EQ(unknown.nodes.back().flops, B * S * 8);
  EXPECT_EQ(unknown.incompleteNodes, 1u);
}

TEST(NodeCost, CallsCostTheirBodies) {
  const GraphCost cost =
      estimate("g (float[B,S,8] x) => (float[B,S,8] y) <" + zeros("float", "w", {8, 8}) + R"(>
    { h = local.Twice <alpha = 2> (x, w) y = Relu(h) }
    <opset_import: ["" : 21, "local" : 1], domain: "local">
    Twice <alpha> (a, b) => (c) { d = local.Once(a, b) c = local.Once(d, b) }
    <opset_import: ["" : 21], domain: "local">
    Once (a, b) => (c) { e = MatMul(a, b) c = Sigmoid(e) })");
  ASSERT_EQ(cost.nodes.size(), 2u);
  EXPECT_EQ(cost.nodes[0].flops, 2 * (2 * B * S * 8 * 8 + 5 * B * S * 8));
  EXPECT_EQ(cost.nodes[0].attentionFlops, 0u);
  EXPECT_EQ(cost.nodes[1].flops, B * S * 8);
  EXPECT_EQ(cost.incompleteNodes, 0u);
}

TEST(NodeCost, SaysWhatItDoesNotKnow) {
  const GraphCost cost =
      estimate("g (float[B,channels,8] x) => (float[B,3,8] y) { a = local.Foo(x) y = Relu(a) }");
  EXPECT_THAT(cost.unknownOperators, ElementsAre("local.Foo"));
  EXPECT_THAT(cost.unexplainedDimensions, ElementsAre("axis 1 of 'x' (channels)"));
  EXPECT_EQ(cost.incompleteNodes, 2u) << "Foo's result has no shape, and Relu reads it";
  EXPECT_EQ(cost.nodes[1].flops, B * 3 * 8);
}

TEST(NodeCost, HostileExtentsSaturate) {
  const GraphCost cost = estimate("g (float[9223372036854775807,9223372036854775807] x) => "
                                  "(float[A,B] y) { y = Softmax(x) }");
  EXPECT_EQ(cost.nodes[0].flops, ~uint64_t(0));
  EXPECT_EQ(cost.incompleteNodes, 1u);
}

TEST(NodeCost, EquationsThatAreNoneCostNothing) {
  for (const char *equation : {"......", "...a...->a", "abc1->a", "a-bc", "....", ",,,"}) {
    const GraphCost cost = estimate(std::string("g (float[B,S,8] x) => (float[B] y) "
                                                "{ y = Einsum <equation = \"") +
                                    equation + "\"> (x) }");
    EXPECT_EQ(cost.nodes[0].attentionFlops, 0u) << equation;
  }
}

/// Attention of the fixtures, four layers of four heads (two for keys in llama) of 16, over all
/// tokens.
TEST(NodeCost, OfRealModelsIsComplete) {
  for (const char *name : {"gpt2-dynamo", "llama-dynamo", "opt-dynamo", "opt-torchscript",
                           "llama-kv-optimum", "opt-kv-optimum"}) {
    auto component = readModel(fixture(std::string("onnx/") + name + ".onnx"));
    const GraphCost cost =
        valueOf(estimateGraphCost(*component, valueOf(Dataflow::build(component->graph)), Small));
    EXPECT_EQ(cost.incompleteNodes, 0u) << name;
    EXPECT_THAT(cost.unknownOperators, IsEmpty());
    NodeCost total;
    for (const NodeCost &node : cost.nodes)
      total += node;
    const bool hasCache = llvm::StringRef(name).contains("-kv-");
    const uint64_t tokens = hasCache ? T : S,
                   heads = llvm::StringRef(name).contains("llama") ? 2 : 4;
    EXPECT_EQ(total.attentionFlops, 4 * 4 * B * 4 * S * tokens * 16) << name;
    EXPECT_EQ(total.cacheBytes, hasCache ? 4 * 2 * B * heads * T * 16 * 4 : 0) << name;
  }
}

} // namespace
