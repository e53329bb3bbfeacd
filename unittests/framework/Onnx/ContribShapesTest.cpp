// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes of com.microsoft operators. The expected types are those that ONNX Runtime 1.31.1 gives
/// for the same models, except where it guesses or gives none (marked).

#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"

#include <gtest/gtest.h>

namespace optrun::onnx {
namespace {

struct Case {
  const char *name;
  const char *inputs;
  const char *constants;
  const char *node;
  const char *outputs; // "?" is any unknown dimension
};

const Case cases[] = {
    {"MatMulNBits", "float[B, S, 64] x, uint8[96,2,16] w, float[96,2] s", "",
     "y = com.microsoft.MatMulNBits<K=64,N=96,bits=4,block_size=32>(x, w, s)", "y float[B,S,96]"},
    {"MatMulBnb4", "float[B, S, 64] x, uint8[3072] w, float[96] s", "",
     "y = com.microsoft.MatMulBnb4<K=64,N=96,block_size=64,quant_type=1>(x, w, s)",
     "y float[B,S,96]"},
    {"FusedMatMul", "float[B, 8, 64] x, float[96,64] w", "",
     "y = com.microsoft.FusedMatMul<transB=1>(x, w)", "y float[B,8,96]"},
    {"FusedMatMulTransA", "float[B, 64, 8] x, float[64,96] w", "",
     "y = com.microsoft.FusedMatMul<transA=1>(x, w)", "y float[B,8,96]"},
    {"FusedMatMulBatch", "float[8, 2, 64] x, float[64, 2, 96] w", "",
     "y = com.microsoft.FusedMatMul<transBatchA=1,transBatchB=1>(x, w)", "y float[2,8,96]"},
    {"FusedMatMulBatchAndMatrix", "float[64, 2, 8] x, float[96, 2, 64] w", "",
     "y = com.microsoft.FusedMatMul<transBatchA=1,transBatchB=1,transA=1,transB=1>(x, w)",
     "y float[2,8,96]"},
    {"FusedMatMulVector", "float[B, 8, 64] x, float[64] w", "",
     "y = com.microsoft.FusedMatMul(x, w)", "y float[B,8]"},
    {"DynamicQuantizeMatMul", "float[B, S, 64] x, uint8[64,96] w, float s", "",
     "y = com.microsoft.DynamicQuantizeMatMul(x, w, s)", "y float[B,S,96]"},
    {"MatMulIntegerToFloat", "uint8[B, S, 64] x, float16 a, uint8[64,96] w, float16 s", "",
     "y = com.microsoft.MatMulIntegerToFloat(x, w, a, s)", "y float16[B,S,96]"},
    {"MatMulInteger16", "int16[B, S, 64] x, int16[64,96] w", "",
     "y = com.microsoft.MatMulInteger16(x, w)", "y int32[B,S,96]"},
    {"QGemmFloat", "uint8[64, 8] a, float s, uint8 z, uint8[96, 64] b, int32[96] c", "",
     "y = com.microsoft.QGemm<transA=1,transB=1>(a, s, z, b, s, z, c)", "y float[8,96]"},
    {"QGemm8", "uint8[8, 64] a, float s, uint8 z, uint8[64, 96] b, int32[96] c", "",
     "y = com.microsoft.QGemm(a, s, z, b, s, z, c, s, z)", "y uint8[8,96]"},
    {"GatherBlockQuantized4", "int64[B, S] i, uint4[100,64] d, float[100,4] s", "",
     "y = com.microsoft.GatherBlockQuantized<block_size=16>(d, i, s)", "y float[B,S,64]"},
    {"GatherBlockQuantizedPacked", "int64[B, S] i, uint8[100,32] d, float[100,4] s", "",
     "y = com.microsoft.GatherBlockQuantized<block_size=16,bits=4>(d, i, s)", "y float[B,S,64]"},
    {"GatherBlockQuantized8", "int64[B, S] i, uint8[100,64] d, float[100,4] s", "",
     "y = com.microsoft.GatherBlockQuantized<block_size=16,bits=8>(d, i, s)", "y float[B,S,64]"},
    {"RotaryEmbedding", "float[B, S, 64] x, int64[B, S] p, float[100,8] c, float[100,8] s", "",
     "y = com.microsoft.RotaryEmbedding<num_heads=4>(x, p, c, s)", "y float[B,S,64]"},
    {"SkipLayerNormalization", "float[B, S, 64] x, float[64] g, float[64] b", "",
     "y, m, v, sum = com.microsoft.SkipLayerNormalization(x, x, g, b)",
     "y float[B,S,64]; m float[B,S,1]; v float[B,S,1]; sum float[B,S,64]"},
    {"SkipSimplifiedLayerNormalization", "float[B, S, 64] x, float[64] g", "",
     "y, , , sum = com.microsoft.SkipSimplifiedLayerNormalization(x, x, g)",
     "y float[B,S,64]; sum float[B,S,64]"},
    {"SimplifiedLayerNormalization", "float[B, S, 64] x, float[64] g", "",
     "y = SimplifiedLayerNormalization<axis=-1>(x, g)", "y float[B,S,64]"},
    {"SimplifiedLayerNormalizationStat", "float[B, S, 64] x, float[64] g", "",
     "y, v = SimplifiedLayerNormalization<axis=-1>(x, g)", "y float[B,S,64]; v float[B,S,1]"},
    {"EmbedLayerNormalization",
     "int32[B, S] i, int32[B, S] t, float[100,64] we, float[50,64] pe, float[2,64] se, float[64] "
     "g, float[64] b",
     "",
     "y, m, sum = com.microsoft.EmbedLayerNormalization<mask_index_type=1>(i, t, we, pe, se, g, b)",
     "y float[B,S,64]; m int32[B]; sum float[B,S,64]"},
    {"BiasGelu", "float[B, S, 64] x, float[64] b", "", "y = com.microsoft.BiasGelu(x, b)",
     "y float[B,S,64]"},
    {"FastGelu", "float[B, S, 64] x, float[64] b", "", "y = com.microsoft.FastGelu(x, b)",
     "y float[B,S,64]"},
    {"QuickGelu", "float[B, S, 64] x", "", "y = com.microsoft.QuickGelu<alpha=1.7>(x)",
     "y float[B,S,64]"},
    {"Gelu", "float[B, S, 64] x", "", "y = com.microsoft.Gelu(x)", "y float[B,S,64]"},
    {"Attention", "float[B, S, 64] x, float[64,192] w, float[192] b", "",
     "y = com.microsoft.Attention<num_heads=4>(x, w, b)", "y float[B,S,64]"},
    {"AttentionSizes", "float[B, S, 64] x, float[64,160] w, float[160] b", "",
     "y = com.microsoft.Attention<num_heads=4,qkv_hidden_sizes=[64,64,32]>(x, w, b)",
     "y float[B,S,32]"},
    {"AttentionPast", "float[B, 1, 64] x, float[2, B, 4, 7, 16] p, float[64,192] w, float[192] b",
     "", "y, present = com.microsoft.Attention<num_heads=4>(x, w, b, , p)",
     "y float[B,1,64]; present float[2,B,4,8,16]"},
    // ONNX Runtime gives no shape for present.
    {"AttentionPastUnknown",
     "float[B, S, 64] x, float[2, B, 4, P, 16] p, float[64,192] w, float[192] b", "",
     "y, present = com.microsoft.Attention<num_heads=4>(x, w, b, , p)",
     "y float[B,S,64]; present float[2,B,4,?,16]"},
    {"QAttention", "uint8[B, S, 64] x, float s, uint8 z, int8[64,192] w, float[192] b, float t", "",
     "y = com.microsoft.QAttention<num_heads=4>(x, w, b, s, t, , z)", "y float[B,S,64]"},
    {"MultiHeadAttention", "float[B, S, 64] q, float[B, K, 64] k, float[B, K, 32] v", "",
     "y = com.microsoft.MultiHeadAttention<num_heads=4>(q, k, v)", "y float[B,S,32]"},
    {"MultiHeadAttentionPast",
     "float[B, 1, 64] q, float[B, 1, 64] k, float[B, 1, 64] v, float[B, 4, 7, 16] p", "",
     "y, pk, pv = com.microsoft.MultiHeadAttention<num_heads=4>(q, k, v, , , , p, p)",
     "y float[B,1,64]; pk float[B,4,8,16]; pv float[B,4,8,16]"},
    {"MultiHeadAttentionPacked", "float[B, S, 4, 3, 16] q", "",
     "y = com.microsoft.MultiHeadAttention<num_heads=4>(q)", "y float[B,S,64]"},
    {"MultiHeadAttentionPackedKV", "float[B, S, 64] q, float[B, K, 4, 2, 16] k", "",
     "y = com.microsoft.MultiHeadAttention<num_heads=4>(q, k)", "y float[B,S,64]"},
    {"MultiHeadAttentionCross", "float[B, S, 64] q, float[B, 4, K, 16] k, float[B, 4, K, 8] v", "",
     "y = com.microsoft.MultiHeadAttention<num_heads=4>(q, k, v)", "y float[B,S,32]"},
    // ONNX Runtime gives no shape for present.
    {"DecoderMaskedMultiHeadAttention",
     "float[B, 1, 64] q, float[B, 1, 64] k, float[B, 1, 64] v, float[B, 4, 7, 16] p, int32[1] n",
     "",
     "y, pk, pv = "
     "com.microsoft.DecoderMaskedMultiHeadAttention<num_heads=4,past_present_share_buffer=1>(q, k, "
     "v, , , p, p, n)",
     "y float[B,1,64]; pk float[B,4,7,16]; pv float[B,4,7,16]"},
    // ONNX Runtime takes the length of past, which holds only if both share a buffer.
    {"GroupQueryAttention",
     "float[B, S, 64] q, float[B, S, 32] k, float[B, S, 32] v, float[B, 2, P, 16] p, int32[B] l, "
     "int32 t",
     "",
     "y, pk, pv = com.microsoft.GroupQueryAttention<num_heads=4,kv_num_heads=2>(q, k, v, p, p, l, "
     "t)",
     "y float[B,S,64]; pk float[B,2,?,16]; pv float[B,2,?,16]"},
    // ONNX Runtime takes the length of past, which holds only if both share a buffer.
    {"GroupQueryAttentionNum",
     "float[B, S, 64] q, float[B, S, 32] k, float[B, S, 32] v, float[B, 2, 9, 16] p, int32[B] l, "
     "int32 t",
     "",
     "y, pk, pv = com.microsoft.GroupQueryAttention<num_heads=4,kv_num_heads=2>(q, k, v, p, p, l, "
     "t)",
     "y float[B,S,64]; pk float[B,2,?,16]; pv float[B,2,?,16]"},
    {"GroupQueryAttentionTotal",
     "float[B, S, 64] q, float[B, S, 32] k, float[B, S, 32] v, float[B, 2, 9, 16] p, int32[B] l",
     "int32 t = {12}",
     "y, pk, pv = com.microsoft.GroupQueryAttention<num_heads=4,kv_num_heads=2>(q, k, v, p, p, l, "
     "t)",
     "y float[B,S,64]; pk float[B,2,12,16]; pv float[B,2,12,16]"},
    // ONNX Runtime takes the length of past, which holds only if both share a buffer.
    {"GroupQueryAttentionPacked", "float[B, S, 128] q, float[B, 2, P, 16] p, int32[B] l, int32 t",
     "",
     "y, pk, pv = com.microsoft.GroupQueryAttention<num_heads=4,kv_num_heads=2>(q, , , p, p, l, t)",
     "y float[B,S,64]; pk float[B,2,?,16]; pv float[B,2,?,16]"},
    {"GroupQueryAttentionNoPast",
     "float[B, S, 64] q, float[B, S, 32] k, float[B, S, 32] v, int32[B] l, int32 t", "",
     "y, pk, pv = com.microsoft.GroupQueryAttention<num_heads=4,kv_num_heads=2>(q, k, v, , , l, t)",
     "y float[B,S,64]; pk float[B,2,S,16]; pv float[B,2,S,16]"},
    {"QuantizeLinear", "float[B, S, 64] x, float s, int8 z", "",
     "y = com.microsoft.QuantizeLinear(x, s, z)", "y int8[B,S,64]"},
    {"DequantizeLinear", "int8[B, 4] x, float s, int8 z", "",
     "y = com.microsoft.DequantizeLinear(x, s, z)", "y float[B,4]"},
    {"QLinearAdd", "uint8[B, S, 64] x, float s, uint8 z, uint8[64] w", "",
     "y = com.microsoft.QLinearAdd(x, s, z, w, s, z, s, z)", "y uint8[B,S,64]"},
    {"QLinearMul", "uint8[S, 1] x, float s, uint8 z, uint8[B, 1, 64] w", "",
     "y = com.microsoft.QLinearMul(x, s, z, w, s, z, s, z)", "y uint8[B,S,64]"},
    {"QLinearSigmoid", "uint8[B, 64] x, float s, uint8 z", "",
     "y = com.microsoft.QLinearSigmoid(x, s, z, s, z)", "y uint8[B,64]"},
    {"QLinearSoftmax", "uint8[B, 64] x, float s, uint8 z", "",
     "y = com.microsoft.QLinearSoftmax<opset=13>(x, s, z, s, z)", "y uint8[B,64]"},
    {"QLinearConcat", "uint8[B, 3] x, uint8[B, 4] w, float s, uint8 z", "",
     "y = com.microsoft.QLinearConcat<axis=1>(s, z, x, s, z, w, s, z)", "y uint8[B,7]"},
    {"QLinearConcatNeg", "uint8[B, 3] x, uint8[B, N] w, float s, uint8 z", "",
     "y = com.microsoft.QLinearConcat<axis=-1>(s, z, x, s, z, w, s, z)", "y uint8[B,?]"},
    {"QLinearWhere", "bool[B, 1] c, uint8[1, 4] x, uint8[B, 4] w, float s, uint8 z", "",
     "y = com.microsoft.QLinearWhere(c, x, s, z, w, s, z, s, z)", "y uint8[B,4]"},
    // ONNX Runtime has no CPU kernel.
    {"QLinearReduceMean", "uint8[B, 3, 4] x, float s, uint8 z", "",
     "y = com.microsoft.QLinearReduceMean<axes=[-1],keepdims=0>(x, s, z, s, z)", "y uint8[B,3]"},
    {"QLinearGlobalAveragePool", "uint8[B, 3, 4, 5] x, float s, uint8 z", "",
     "y = com.microsoft.QLinearGlobalAveragePool(x, s, z, s, z)", "y uint8[B,3,1,1]"},
    {"QLinearGlobalAveragePoolLast", "uint8[B, 4, 5, 3] x, float s, uint8 z", "",
     "y = com.microsoft.QLinearGlobalAveragePool<channels_last=1>(x, s, z, s, z)",
     "y uint8[B,1,1,3]"},
    {"MoE", "float[B, 64] x, float[B, 4] r, float[4,64,32] a, float[4,32,64] b", "",
     "y = com.microsoft.MoE(x, r, a, , b)", "y float[B,64]"},
    // ONNX Runtime has no CPU kernel.
    {"BiasAdd", "float[B, S, 64] x, float[64] b", "", "y = com.microsoft.BiasAdd(x, b, x)",
     "y float[B,S,64]"},
    {"BiasDropout", "float[B, S, 64] x, float[64] b", "",
     "y, mask = com.microsoft.BiasDropout(x, b)", "y float[B,S,64]; mask bool[B,S,64]"},
    {"Inverse", "float[B, 4, 4] x", "", "y = com.microsoft.Inverse(x)", "y float[B,4,4]"},
    {"GridSample", "float[B, 3, 8, 8] x, float[B, H, 16, 2] g", "",
     "y = com.microsoft.GridSample(x, g)", "y float[B,3,H,16]"},
    {"Trilu", "float[B, S, S] x", "", "y = com.microsoft.Trilu(x)", "y float[B,S,S]"},
    {"FusedMatMulActivation", "float[B, 8, 64] x, float[96,64] w", "",
     "y = com.microsoft.FusedMatMulActivation<activation=\"Relu\",transB=1>(x, w)",
     "y float[B,8,96]"},
    {"BiasSplitGelu", "float[B, S, 64] x, float[64] b", "", "y = com.microsoft.BiasSplitGelu(x, b)",
     "y float[B,S,32]"},
};

std::ostream &operator<<(std::ostream &os, const Case &test) { return os << test.name; }

class ContribShapesTest : public testing::TestWithParam<Case> {};

/// "y float[B,4]" for each output of the node.
std::string describeOutputs(const ir::Node &node) {
  std::string text;
  llvm::raw_string_ostream os(text);
  for (const ir::Value *value : node.outputs()) {
    if (!value)
      continue;
    os << (text.empty() ? "" : "; ") << value->name() << ' ';
    ir::Type type = value->type();
    if (type.shape()) {
      ir::Shape shape = *type.shape();
      for (ir::Dimension &dimension : shape)
        if (llvm::StringRef(dimension.symbol).starts_with("unk__"))
          dimension.symbol.clear();
      type.setShape(shape);
    }
    type.print(os);
  }
  return text;
}

TEST_P(ContribShapesTest, AreThoseOfOnnxRuntime) {
  const Case &test = GetParam();
  std::string text = "<ir_version: 10, opset_import: [\"\" : 21, \"com.microsoft\" : 1]> m (";
  text = text + test.inputs + ") => () <" + test.constants + "> { " + test.node + " }";
  auto component = test::parseModel(text);
  llvm::Error error = inferShapes(*component);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  EXPECT_EQ(describeOutputs(component->graph.nodes().front()), test.outputs);
}

INSTANTIATE_TEST_SUITE_P(All, ContribShapesTest, testing::ValuesIn(cases),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
} // namespace optrun::onnx
