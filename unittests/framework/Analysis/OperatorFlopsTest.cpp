// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What operators cost, against numbers worked out by hand.

#include "CostOfText.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;

namespace {

TEST(OperatorFlops, MatMulWithAWeight) {
  const NodeCost cost = last("g (float[B,S,8] x) => (float[B,S,3] y) <" +
                             zeros("float", "w", {8, 3}) + "> { y = MatMul(x, w) }");
  EXPECT_EQ(cost.flops, 2 * B * S * 3 * 8);
  EXPECT_EQ(cost.attentionFlops, 0u);
  EXPECT_EQ(cost.outputBytes, B * S * 3 * 4);
  EXPECT_EQ(cost.movedBytes, 4 * (B * S * 8 + 8 * 3 + B * S * 3));
}

TEST(OperatorFlops, MatMulOfActivationsIsAttention) {
  const NodeCost cost = last("g (float[B,4,S,8] q, float[B,4,8,S] k) => (float[B,4,S,S] y) "
                             "{ y = MatMul(q, k) }");
  EXPECT_EQ(cost.flops, 2 * B * 4 * S * S * 8);
  EXPECT_EQ(cost.attentionFlops, cost.flops);
  const NodeCost angles = last("g (float[B,8,1] f, float[B,1,S] p) => (float[B,8,S] y) "
                               "{ y = MatMul(f, p) }");
  EXPECT_EQ(angles.flops, 2 * B * 8 * S);
  EXPECT_EQ(angles.attentionFlops, 0u) << "an outer product";
}

TEST(OperatorFlops, GemmWithAndWithoutBias) {
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

TEST(OperatorFlops, QuantizedProducts) {
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

TEST(OperatorFlops, BiasesOfQuantizedProducts) {
  const std::string weights = "<" + zeros("uint8", "w", {8, 3}) +
                              ", float a = {1}, float c = {1}, " + zeros("float", "b", {3}) +
                              "> { y = com.microsoft.";
  EXPECT_EQ(last("g (float[B,S,8] x) => (float[B,S,3] y) " + weights +
                 "DynamicQuantizeMatMul(x, w, a, \"\", b) }")
                .flops,
            2 * B * S * 3 * 8 + B * S * 3);
  EXPECT_EQ(last("g (uint8[B,S,8] x) => (float[B,S,3] y) " + weights +
                 "MatMulIntegerToFloat(x, w, a, c, \"\", \"\", b) }")
                .flops,
            2 * B * S * 3 * 8 + B * S * 3);
}

TEST(OperatorFlops, Experts) {
  constexpr uint64_t Chosen = 2;
  EXPECT_EQ(last("g (float[B,S,8] x, float[tokens,4] p) => (float[B,S,8] y) <" +
                 zeros("float", "w1", {4, 8, 16}) + ", " + zeros("float", "b1", {4, 16}) + ", " +
                 zeros("float", "w2", {4, 16, 8}) +
                 "> { y = com.microsoft.MoE <k = 2> (x, p, w1, b1, w2) }")
                .flops,
            2 * B * S * Chosen * (8 * 16 + 16 * 8));
  EXPECT_EQ(last("g (float[B,S,8] x, float[tokens,4] p) => (float[B,S,8] y) <" +
                 zeros("uint8", "w1", {4, 16, 4}) + ", " + zeros("float", "s1", {4, 16}) + ", " +
                 zeros("uint8", "w2", {4, 8, 8}) + ", " + zeros("float", "s2", {4, 8}) +
                 "> { y = com.microsoft.QMoE <k = 2, expert_weight_bits = 4> "
                 "(x, p, w1, s1, \"\", w2, s2) }")
                .flops,
            2 * B * S * Chosen * (8 * 16 + 16 * 8))
      << "two weights in a byte";
}

TEST(OperatorFlops, Convolutions) {
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

TEST(OperatorFlops, Einsum) {
  const NodeCost scores = last("g (float[B,4,S,8] q, float[B,4,S,8] k) => (float[B,4,S,S] y) "
                               "{ y = Einsum <equation = \"bhqd,bhkd->bhqk\"> (q, k) }");
  EXPECT_EQ(scores.flops, 2 * B * 4 * S * S * 8);
  EXPECT_EQ(scores.attentionFlops, scores.flops);
  EXPECT_EQ(last("g (float[B,S,8] x) => (float[B,S,3] y) <" + zeros("float", "w", {8, 3}) +
                 "> { y = Einsum <equation = \"...d,dk->...k\"> (x, w) }")
                .flops,
            2 * B * S * 3 * 8);
}

TEST(OperatorFlops, RecurrentLayers) {
  EXPECT_EQ(last("g (float[seq,B,3] x) => (float[seq,1,B,4] y) <" +
                 zeros("float", "w", {1, 16, 3}) + ", " + zeros("float", "r", {1, 16, 4}) +
                 "> { y = LSTM <hidden_size = 4> (x, w, r) }")
                .flops,
            2 * S * B * 16 * (3 + 4));
}

TEST(OperatorFlops, ElementwiseAndNormalization) {
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

TEST(OperatorFlops, FusedAttention) {
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

TEST(OperatorFlops, AttentionThatProjects) {
  const NodeCost cost = last("g (float[B,S,8] x) => (float[B,S,8] y) <" +
                             zeros("float", "w", {8, 24}) + ", " + zeros("float", "b", {24}) +
                             "> { y = com.microsoft.Attention <num_heads = 2> (x, w, b) }");
  EXPECT_EQ(cost.attentionFlops, 4 * B * 2 * S * S * 4);
  EXPECT_EQ(cost.flops, 4 * B * 2 * S * S * 4 + 5 * B * 2 * S * S + B * S * (2 * 8 * 24 + 24));
  EXPECT_EQ(last("g (float[B,S,8] x) => (float[B,S,8] y) <" + zeros("float", "w", {8, 24}) +
                 "> { y = com.microsoft.Attention <num_heads = 2> (x, w) }")
                .flops,
            cost.flops - B * S * 24)
      << "without a bias";
}

TEST(OperatorFlops, HostileExtentsSaturate) {
  const GraphCost cost = estimate("g (float[9223372036854775807,9223372036854775807] x) => "
                                  "(float[A,B] y) { y = Softmax(x) }");
  EXPECT_EQ(cost.nodes[0].flops, ~uint64_t(0));
  EXPECT_EQ(cost.incompleteNodes, 1u);
}

TEST(OperatorFlops, EquationsThatAreNoneCostNothing) {
  for (const char *equation : {"......", "...a...->a", "abc1->a", "a-bc", "....", ",,,"}) {
    const GraphCost cost = estimate(std::string("g (float[B,S,8] x) => (float[B] y) "
                                                "{ y = Einsum <equation = \"") +
                                    equation + "\"> (x) }");
    EXPECT_EQ(cost.nodes[0].attentionFlops, 0u) << equation;
  }
}

} // namespace
