// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Graphs with products in integers.

#include "QuantizeFixture.h"

using namespace optrun;
using namespace optrun::quantize;
using namespace optrun::test;

namespace {

class DynamicForm : public QuantizeTest {
protected:
  static QuantizeOptions dynamicOptions() {
    QuantizeOptions options = QuantizeTest::options();
    options.kind = Kind::Dynamic;
    return options;
  }
};

/// As ONNX Runtime's quantize_dynamic writes it. What reads the same activations shares theirs.
TEST_F(DynamicForm, SharesActivationsAndKeepsBiases) {
  const Quantized result = quantizeModel(model(R"(g (float[B,2] x) => (float[B,1] y, float[B,1] z)
      <float[2,1] w = {127, 5}, float[1,2] v = {127, 3}, float[1] b = {1}> {
        ["q"] y = MatMul(x, w)
        ["k"] z = Gemm<transB = 1>(x, v, b) })"),
                                         dynamicOptions());
  EXPECT_TRUE(modelsEqual(*model(R"(g (float[B,2] x) => (float[B,1] y, float[B,1] z)
      <float[1] b = {1}, int8[2,1] w_quantized = {127, 5}, float[1] w_scale = {1},
       int8[2,1] v_quantized = {127, 3}, float[1] v_scale = {1}> {
        ["q/DynamicQuantizeLinear"] "q/DynamicQuantizeLinear_output_0",
            "q/DynamicQuantizeLinear_output_1", "q/DynamicQuantizeLinear_output_2" =
            DynamicQuantizeLinear(x)
        ["q/MatMulInteger"] "q/MatMulInteger_output_0" = MatMulInteger(
            "q/DynamicQuantizeLinear_output_0", w_quantized, "q/DynamicQuantizeLinear_output_2")
        ["q/Cast"] "q/Cast_output_0" = Cast<to = 1>("q/MatMulInteger_output_0")
        ["q/Mul"] "q/Mul_output_0" = Mul("q/DynamicQuantizeLinear_output_1", w_scale)
        ["q"] y = Mul("q/Cast_output_0", "q/Mul_output_0")
        ["k/MatMulInteger"] "k/MatMulInteger_output_0" = MatMulInteger(
            "q/DynamicQuantizeLinear_output_0", v_quantized, "q/DynamicQuantizeLinear_output_2")
        ["k/Cast"] "k/Cast_output_0" = Cast<to = 1>("k/MatMulInteger_output_0")
        ["k/Mul"] "k/Mul_output_0" = Mul("q/DynamicQuantizeLinear_output_1", v_scale)
        ["k/Mul_1"] "k/Mul_1_output_0" = Mul("k/Cast_output_0", "k/Mul_output_0")
        ["k"] z = Add("k/Mul_1_output_0", b) })"),
                          result.model()));
}

/// The model's own may stand anywhere.
TEST_F(DynamicForm, RoundsActivationsBeforeTheProduct) {
  const Quantized result = quantizeModel(model(R"(g (float[B,2] x) => (float[B,1] y, uint8[B,2] i)
      <float[2,1] w = {127, 5}> {
        ["q"] y = MatMul(x, w)
        ["own"] i, s, z = DynamicQuantizeLinear(x) })"),
                                         dynamicOptions());
  EXPECT_EQ(result.error, "");
  EXPECT_EQ(result.model().graph.nodes().front().name, "q/DynamicQuantizeLinear");
}

/// The lookup is dequantized, the product turns the same integers.
TEST_F(DynamicForm, SharesTiedEmbeddings) {
  QuantizeOptions options = dynamicOptions();
  options.dtype = ir::DataType::UInt8;
  options.mode = Mode::Asymmetric;
  options.granularity = Granularity::PerTensor;
  const Quantized result = quantizeModel(model(R"(g (int64[N] ids) => (float[N,2] y)
      <float[2,2] table = {-55, 200, 0, 1}> {
        ["embed"] rows = Gather(table, ids)
        ["head"] y = Gemm<transB = 1>(rows, table) })"),
                                         options);
  EXPECT_TRUE(modelsEqual(*model(R"(g (int64[N] ids) => (float[N,2] y)
      <uint8[2,2] table_quantized = {0, 255, 55, 56}, float table_scale = {1},
       uint8 table_zero_point = {55}> {
        ["embed/DequantizeLinear"] "embed/DequantizeLinear_output_0" =
            DequantizeLinear(table_quantized, table_scale, table_zero_point)
        ["embed"] rows = Gather("embed/DequantizeLinear_output_0", ids)
        ["head/DynamicQuantizeLinear"] "head/DynamicQuantizeLinear_output_0",
            "head/DynamicQuantizeLinear_output_1", "head/DynamicQuantizeLinear_output_2" =
            DynamicQuantizeLinear(rows)
        ["head/Transpose"] "head/Transpose_output_0" = Transpose<perm = [1, 0]>(table_quantized)
        ["head/MatMulInteger"] "head/MatMulInteger_output_0" = MatMulInteger(
            "head/DynamicQuantizeLinear_output_0", "head/Transpose_output_0",
            "head/DynamicQuantizeLinear_output_2", table_zero_point)
        ["head/Cast"] "head/Cast_output_0" = Cast<to = 1>("head/MatMulInteger_output_0")
        ["head/Mul"] "head/Mul_output_0" = Mul("head/DynamicQuantizeLinear_output_1", table_scale)
        ["head"] y = Mul("head/Cast_output_0", "head/Mul_output_0") })"),
                          result.model()));
}

/// DynamicQuantizeLinear takes float only.
TEST_F(DynamicForm, WidensHalfPrecision) {
  const Quantized result = quantizeModel(model(R"(g (float16[B,1] x) => (float16[B,1] y)
      <float16[1,1] w = {15360}> { ["up"] y = MatMul(x, w) })"),
                                         dynamicOptions());
  EXPECT_EQ(result.error, "");
  const ir::Node &first = result.model().graph.nodes().front(),
                 &last = result.model().graph.nodes().back();
  EXPECT_TRUE(first.isOp("Cast"));
  EXPECT_TRUE(last.isOp("Cast"));
  EXPECT_EQ(last.intAttribute("to"), static_cast<int64_t>(ir::DataType::Float16));
}

TEST_F(DynamicForm, LeavesOtherWeightsToDequantizeLinear) {
  const Quantized result = quantizeModel(model(R"(g (float[1,1,4,4] x) => (float[1,1,3,3] y)
      <float[1,1,2,2] w = {1, 2, 3, 4}> { ["conv"] y = Conv(x, w) })"),
                                         dynamicOptions());
  EXPECT_TRUE(result.model().graph.nodes().front().isOp("DequantizeLinear"));
  EXPECT_EQ(result.weights.size(), 1U);
}

} // namespace
