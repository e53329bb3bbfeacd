// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Graphs with com.microsoft's operators.

#include "QuantizeFixture.h"

using namespace optrun;
using namespace optrun::quantize;
using namespace optrun::test;

namespace {

class OperatorForm : public QuantizeTest {
protected:
  static QuantizeOptions operatorOptions() {
    QuantizeOptions options = QuantizeTest::options();
    options.dtype = ir::DataType::Int4;
    options.format = Format::Operator;
    options.blockSize = 16;
    return options;
  }
};

/// Three weights of -8 in a block of 16: codes of 0, then padding.
TEST_F(OperatorForm, OfAMatMul) {
  QuantizeOptions options = operatorOptions();
  options.accuracyLevel = 1;
  const Quantized result = quantizeModel(model(R"(g (float[B,3] x) => (float[B,1] y)
      <float[3,1] w = {-8, -8, -8}> { ["up"] y = MatMul(x, w) })"),
                                         options);
  EXPECT_TRUE(modelsEqual(*microsoftModel(R"(g (float[B,3] x) => (float[B,1] y)
      <float[1,1] w_scale = {1}, uint8[1,1,8] w_quantized = {0, 0, 0, 0, 0, 0, 0, 0}> {
        ["up"] y = com.microsoft.MatMulNBits<K = 3, N = 1, bits = 4, block_size = 16,
                                             accuracy_level = 1>(x, w_quantized, w_scale) })"),
                          result.model()));
}

TEST_F(OperatorForm, TakesTheBiasOfALinear) {
  QuantizeOptions options = operatorOptions();
  options.mode = Mode::Asymmetric;
  const Quantized result = quantizeModel(model(R"(g (float[B,3] x) => (float[B,1] y)
      <float[1,3] w = {-5, 10, 0}, float[1] b = {3}> {
        ["up"] y = Gemm<transB = 1>(x, w, b) })"),
                                         options);
  EXPECT_TRUE(modelsEqual(*microsoftModel(R"(g (float[B,3] x) => (float[B,1] y)
      <float[1] b = {3}, float[1,1] w_scale = {1}, uint8[1,1] w_zero_point = {5},
       uint8[1,1,8] w_quantized = {240, 5, 0, 0, 0, 0, 0, 0}> {
        ["up"] y = com.microsoft.MatMulNBits<K = 3, N = 1, bits = 4, block_size = 16>
            (x, w_quantized, w_scale, w_zero_point, "", b) })"),
                          result.model()));
}

TEST_F(OperatorForm, AddsWhatIsNoVector) {
  const Quantized result = quantizeModel(model(R"(g (float[2,1] x, float[2,1] c) => (float[2,1] y)
      <float[1,1] w = {-8}> { ["up"] y = Gemm(x, w, c) })"),
                                         operatorOptions());
  EXPECT_TRUE(modelsEqual(*microsoftModel(R"(g (float[2,1] x, float[2,1] c) => (float[2,1] y)
      <float[1,1] w_scale = {1}, uint8[1,1,8] w_quantized = {0, 0, 0, 0, 0, 0, 0, 0}> {
        ["up/MatMulNBits"] "up/MatMulNBits_output_0" =
            com.microsoft.MatMulNBits<K = 1, N = 1, bits = 4, block_size = 16>
              (x, w_quantized, w_scale)
        ["up"] y = Add("up/MatMulNBits_output_0", c) })"),
                          result.model()));
}

/// Both operators read the same bytes; rows of the lookup are cut to their length.
TEST_F(OperatorForm, SharesTiedEmbeddings) {
  const Quantized result = quantizeModel(model(R"(g (int64[N] ids) => (float[N,2] y)
      <float[2,1] table = {-8, -8}> {
        ["embed"] rows = Gather(table, ids)
        ["head"] y = Gemm<transB = 1>(rows, table) })"),
                                         operatorOptions());
  EXPECT_TRUE(modelsEqual(*microsoftModel(R"(g (int64[N] ids) => (float[N,2] y)
      <float[2,1] table_scale = {1, 1},
       uint8[2,8] table_quantized_rows = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
       int64[1] integers_0 = {0}, int64[1] integers_1 = {1},
       int64[1] "integers_-1" = {-1},
       uint8[2,1,8] table_quantized = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}> {
        ["embed/GatherBlockQuantized"] "embed/GatherBlockQuantized_output_0" =
            com.microsoft.GatherBlockQuantized<bits = 4, block_size = 16, gather_axis = 0,
                                               quantize_axis = 1>
              (table_quantized_rows, ids, table_scale)
        ["embed"] rows = Slice("embed/GatherBlockQuantized_output_0", integers_0, integers_1,
                               "integers_-1")
        ["head"] y = com.microsoft.MatMulNBits<K = 1, N = 2, bits = 4, block_size = 16>
            (rows, table_quantized, table_scale) })"),
                          result.model()));
  EXPECT_EQ(ir::weightBytes(result.model()), 16 + 8 + 3 * sizeof(int64_t));
}

TEST_F(OperatorForm, LeavesToDequantizeLinearWhatHasNoOperator) {
  const Quantized result = quantizeModel(model(R"(g (float[2,B] x, float[1,1,4,4] image)
      => (float[3,B] y, float[1,1,3,3] z, float[2,3] t)
      <float[3,2] left = {1, 2, 3, 4, 5, 6}, float[1,1,2,2] kernel = {1, 2, 3, 4},
       float[2,3] right = {1, 2, 3, 4, 5, 6}, float[2,2] a = {1, 2, 3, 4}> {
        y = MatMul(left, x)
        z = Conv(image, kernel)
        u = Identity(a)
        v = Relu(u)
        t = Gemm<transA = 1>(v, right) })"),
                                         operatorOptions());
  for (const ir::Node &node : result.model().graph.nodes())
    EXPECT_NE(node.domain(), "com.microsoft");
  EXPECT_EQ(result.weights.size(), 3U);
}

} // namespace
