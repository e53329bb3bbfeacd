// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Graphs with DequantizeLinear. Weights are such that scales are 1 and codes the weights.

#include "QuantizeFixture.h"

using namespace optrun;
using namespace optrun::quantize;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

using DequantizeForm = QuantizeTest;

TEST_F(DequantizeForm, OfAMatMulHasItsAxisInFront) {
  const Quantized result = quantizeModel(model(R"(g (float[B,2] x) => (float[B,3] y)
      <float[2,3] w = {127, 5, -127, 1, -127, 64}> { ["up"] y = MatMul(x, w) })"),
                                         options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[B,2] x) => (float[B,3] y)
      <int8[2,3] w_quantized = {127, 5, -127, 1, -127, 64}, float[3] w_scale = {1, 1, 1}> {
        ["up/DequantizeLinear"] "up/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1>(w_quantized, w_scale)
        ["up"] y = MatMul(x, "up/DequantizeLinear_output_0") })"),
                          result.model()));
  EXPECT_EQ(result.error, "");
}

/// ONNX Runtime fuses Gemm with what is before it only without transB.
TEST_F(DequantizeForm, TurnsTheWeightOfALinear) {
  const Quantized result = quantizeModel(model(R"(g (float[B,2] x) => (float[B,3] y)
      <float[3,2] w = {127, 1, 5, -127, -127, 64}, float[3] b = {1, 2, 3}> {
        ["up"] y = Gemm<transB = 1>(x, w, b) })"),
                                         options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[B,2] x) => (float[B,3] y)
      <float[3] b = {1, 2, 3},
       int8[2,3] w_quantized = {127, 5, -127, 1, -127, 64}, float[3] w_scale = {1, 1, 1}> {
        ["up/DequantizeLinear"] "up/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1>(w_quantized, w_scale)
        ["up"] y = Gemm<transB = 0>(x, "up/DequantizeLinear_output_0", b) })"),
                          result.model()));
}

TEST_F(DequantizeForm, HasAScaleForEachBlock) {
  QuantizeOptions options = this->options();
  options.dtype = ir::DataType::Int4;
  options.blockSize = 2;
  // Three inputs: the last block is shorter. The largest magnitude becomes -8.
  const Quantized result = quantizeModel(model(R"(g (float[B,3] x) => (float[B,2] y)
      <float[3,2] w = {-8, 7, 5, -8, -16, -32}> { ["up"] y = MatMul(x, w) })"),
                                         options);
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[B,3] x) => (float[B,2] y)
      <int4[3,2] w_quantized = {-8, 7, 5, -8, -8, -8}, float[2,2] w_scale = {1, 1, 2, 4}> {
        ["up/DequantizeLinear"] "up/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 0, block_size = 2>(w_quantized, w_scale)
        ["up"] y = MatMul(x, "up/DequantizeLinear_output_0") })"),
                          result.model()));
}

TEST_F(DequantizeForm, StoresZeroPointsOfRangesAndOfUnsignedIntegers) {
  QuantizeOptions options = this->options();
  options.dtype = ir::DataType::UInt8;
  options.mode = Mode::Asymmetric;
  options.granularity = Granularity::PerTensor;
  const std::string graph = R"(g (float[B,2] x) => (float[B,2] y)
      <float[2,2] w = {-55, 200, 0, 1}> { ["up"] y = MatMul(x, w) })";
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[B,2] x) => (float[B,2] y)
      <uint8[2,2] w_quantized = {0, 255, 55, 56}, float w_scale = {1}, uint8 w_zero_point = {55}> {
        ["up/DequantizeLinear"] "up/DequantizeLinear_output_0" =
            DequantizeLinear(w_quantized, w_scale, w_zero_point)
        ["up"] y = MatMul(x, "up/DequantizeLinear_output_0") })"),
                          quantizeModel(model(graph), options).model()));
  options.mode = Mode::Symmetric;
  const Quantized symmetric = quantizeModel(model(graph), options);
  ASSERT_TRUE(symmetric.model().graph.findValue("w_zero_point"));
  EXPECT_THAT(valueOf(symmetric.model().graph.findValue("w_zero_point")->tensor()->readAll()),
              ElementsAre(128));
}

/// One weight, stored as rows since the lookup reads rows, and a node for each use.
TEST_F(DequantizeForm, SharesTiedEmbeddings) {
  const Quantized result = quantizeModel(model(R"(g (int64[N] ids) => (float[N,2] y, float[N,2] z)
      <float[2,2] table = {127, 1, -127, 2}> {
        ["embed"] rows = Gather(table, ids)
        ["head"] y = Gemm<transB = 1>(rows, table)
        ["turn"] turned = Transpose<perm = [1, 0]>(table)
        ["other"] z = MatMul(rows, turned) })"),
                                         options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (int64[N] ids) => (float[N,2] y, float[N,2] z)
      <int8[2,2] table_quantized = {127, 1, -127, 2}, float[2] table_scale = {1, 1}> {
        ["embed/DequantizeLinear"] "embed/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 0>(table_quantized, table_scale)
        ["embed"] rows = Gather("embed/DequantizeLinear_output_0", ids)
        ["head/DequantizeLinear"] "head/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 0>(table_quantized, table_scale)
        ["head"] y = Gemm<transB = 1>(rows, "head/DequantizeLinear_output_0")
        ["other/DequantizeLinear"] "other/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 0>(table_quantized, table_scale)
        ["other/Transpose"] "other/Transpose_output_0" =
            Transpose<perm = [1, 0]>("other/DequantizeLinear_output_0")
        ["other"] z = MatMul(rows, "other/Transpose_output_0") })"),
                          result.model()));
  EXPECT_EQ(result.weights.size(), 1U);
}

TEST_F(DequantizeForm, FlattensKernelsIntoBlocks) {
  QuantizeOptions options = this->options();
  options.blockSize = 2;
  const std::string graph = R"(g (float[1,2,4,4] x) => (float[1,1,4,3] y)
      <float[1,2,1,2] w = {-128, 1, 2, -128}> { ["conv"] y = Conv(x, w) })";
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[1,2,4,4] x) => (float[1,1,4,3] y)
      <int8[1,4] w_quantized = {-128, 1, 2, -128}, float[1,2] w_scale = {1, 1},
       int64[4] integers_1_2_1_2 = {1, 2, 1, 2}> {
        ["conv/DequantizeLinear"] "conv/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1, block_size = 2>(w_quantized, w_scale)
        ["conv/Reshape"] "conv/Reshape_output_0" =
            Reshape("conv/DequantizeLinear_output_0", integers_1_2_1_2)
        ["conv"] y = Conv(x, "conv/Reshape_output_0") })"),
                          quantizeModel(model(graph), options).model()));
  // Whole channels keep the shape.
  const Quantized whole = quantizeModel(model(graph), this->options());
  EXPECT_THAT(whole.model().graph.findValue("w_quantized")->tensor()->dims(),
              ElementsAre(1, 2, 1, 2));
}

/// Channels of several matrices are more than one axis: blocks as long as the axis say the same.
TEST_F(DequantizeForm, TakesStacksOfMatrices) {
  const Quantized result = quantizeModel(model(R"(g (float[2,B,2] x) => (float[2,B,1] y)
      <float[2,2,1] w = {127, 3, -254, 4}> { ["experts"] y = MatMul(x, w) })"),
                                         options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[2,B,2] x) => (float[2,B,1] y)
      <int8[2,2,1] w_quantized = {127, 3, -127, 2}, float[2,1,1] w_scale = {1, 2}> {
        ["experts/DequantizeLinear"] "experts/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1, block_size = 2>(w_quantized, w_scale)
        ["experts"] y = MatMul(x, "experts/DequantizeLinear_output_0") })"),
                          result.model()));
}

/// Of one direction, so that channels are an axis.
TEST_F(DequantizeForm, TakesRecurrentWeights) {
  const Quantized result = quantizeModel(model(R"(g (float[S,1,2] x) => (float[S,1,1,1] y)
      <float[1,1,2] w = {127, 3}, float[1,1,1] r = {254}> {
        ["rnn"] y = RNN<hidden_size = 1>(x, w, r) })"),
                                         options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[S,1,2] x) => (float[S,1,1,1] y)
      <int8[1,1,2] w_quantized = {127, 3}, float[1] w_scale = {1},
       int8[1,1,1] r_quantized = {127}, float[1] r_scale = {2}> {
        ["rnn/DequantizeLinear"] "rnn/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1>(w_quantized, w_scale)
        ["rnn/DequantizeLinear_1"] "rnn/DequantizeLinear_1_output_0" =
            DequantizeLinear<axis = 1>(r_quantized, r_scale)
        ["rnn"] y = RNN<hidden_size = 1>(x, "rnn/DequantizeLinear_output_0",
                                         "rnn/DequantizeLinear_1_output_0") })"),
                          result.model()));
}

/// Scales in half precision, products as they were; the cast of the weight is gone. (The text has
/// the bits of numbers in half precision: 127, 5, and 1.)
TEST_F(DequantizeForm, WidensScalesInsteadOfWeights) {
  const Quantized result = quantizeModel(model(R"(g (float[B,2] x) => (float[B,1] y)
      <bfloat16[2,1] w = {17150, 16544}> {
        ["cast"] wide = Cast<to = 1>(w)
        ["up"] y = MatMul(x, wide) })"),
                                         options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[B,2] x) => (float[B,1] y)
      <int8[2,1] w_quantized = {127, 5}, float16[1] w_scale = {15360}> {
        ["up/Cast"] "up/Cast_output_0" = Cast<to = 1>(w_scale)
        ["up/DequantizeLinear"] "up/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1>(w_quantized, "up/Cast_output_0")
        ["up"] y = MatMul(x, "up/DequantizeLinear_output_0") })"),
                          result.model()));
}

/// In the graph that the constant belongs to.
TEST_F(DequantizeForm, ReachesNestedGraphsAndConstantNodes) {
  const Quantized result = quantizeModel(
      model(R"(g (bool c, float[B,1] x) => (float[B,2] y) <float[1,2] v = {127, 127}> {
        ["if"] y = If (c) <
          then_branch = t () => (float[B,2] a) {
            w = Constant<value = float[1,2] {127.0, 254.0}>()
            ["up"] a = MatMul(x, w) },
          else_branch = e () => (float[B,2] b) { ["down"] b = MatMul(x, v) }> })"),
      options());
  EXPECT_TRUE(modelsEqual(*model(R"(g (bool c, float[B,1] x) => (float[B,2] y)
      <int8[1,2] v_quantized = {127, 127}, float[2] v_scale = {1, 1}> {
        ["down/DequantizeLinear"] "down/DequantizeLinear_output_0" =
            DequantizeLinear<axis = 1>(v_quantized, v_scale)
        ["if"] y = If (c) <
          then_branch = t () => (float[B,2] a)
              <int8[1,2] w_quantized = {127, 127}, float[2] w_scale = {1, 2}> {
            ["up/DequantizeLinear"] "up/DequantizeLinear_output_0" =
                DequantizeLinear<axis = 1>(w_quantized, w_scale)
            ["up"] a = MatMul(x, "up/DequantizeLinear_output_0") },
          else_branch = e () => (float[B,2] b) {
            ["down"] b = MatMul(x, "down/DequantizeLinear_output_0") }> })"),
                          result.model()));
}

TEST_F(DequantizeForm, RaisesTheOpset) {
  QuantizeOptions options = this->options();
  const std::string graph = "g (float[B,2] x) => (float[B,2] y) <" + zeros("float", "w", {2, 2}) +
                            "> { y = MatMul(x, w) }";
  auto opsetFor = [&](ir::DataType type) {
    options.dtype = type;
    const Quantized result = quantizeModel(model(graph, 12), options);
    EXPECT_EQ(result.error, "");
    return result.model().opsetVersion("").value_or(0);
  };
  EXPECT_EQ(opsetFor(ir::DataType::Int8), 13);
  EXPECT_EQ(opsetFor(ir::DataType::Int4), 21);
  EXPECT_EQ(opsetFor(ir::DataType::Int2), 25);
}

} // namespace
