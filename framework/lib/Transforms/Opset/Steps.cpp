// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tables. Looked up, step by step, in ONNX's definitions (onnx/defs, what docs/Changelog.md is
/// made of) and in the adapters of its version converter. Where these two contradict each other
/// (Hardmax 13, Resize 11, whose adapters keep what the definition changed), the definition counts.

#include "Steps.h"

namespace optrun::opset {
namespace {

struct WidenedOperators {
  int64_t version;
  llvm::StringLiteral operators; // with spaces between
};

/// More types, ranks and axes below zero; new inputs, outputs and attributes whose absence means
/// what was meant before.
constexpr WidenedOperators Widened[] = {
    {8, "Max MaxPool Mean Min Sum"},
    {9, "Cast Constant Flatten Gemm Greater Less MatMul PRelu"},
    {10, "AveragePool MaxPool"},
    {11, "ArgMax ArgMin AveragePool Compress Concat Constant Conv DepthToSpace Equal "
         "Flatten Gather Gemm Hardmax If LogSoftmax Loop LpPool MaxPool MaxUnpool "
         "NonMaxSuppression ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax "
         "ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Scan Slice Softmax "
         "Split Squeeze TopK Unsqueeze"},
    {12, "ArgMax ArgMin Clip Constant GatherND Max MaxPool Min Pow ReduceMax ReduceMin"},
    {13, "Abs Add ArgMax ArgMin Cast Ceil Clip Concat Constant DepthToSpace "
         "DequantizeLinear Div Dropout Equal Exp Expand Flatten Floor Gather "
         "GatherElements GatherND Gemm Greater Identity If IsNaN LRN Less Log Loop MatMul "
         "Max Mean MeanVarianceNormalization Min Mod Mul Neg NegativeLogLikelihoodLoss "
         "NonZero Pad Pow QuantizeLinear Reciprocal ReduceL1 ReduceL2 ReduceLogSum "
         "ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare Relu "
         "Reshape ScatterElements ScatterND Shape Sigmoid Sign Size Slice "
         "SoftmaxCrossEntropyLoss SpaceToDepth Sqrt Sub Sum Tanh Tile Transpose"},
    {14, "Add CumSum Div GRU Identity LSTM Mul RNN Relu Reshape Sub"},
    {15, "BatchNormalization Pow Shape"},
    {16, "GreaterOrEqual Identity If LeakyRelu LessOrEqual Loop PRelu Scan ScatterElements "
         "ScatterND Where"},
    {18, "LpPool OptionalGetElement OptionalHasElement Pad Resize ScatterElements "
         "ScatterND"},
    {19, "AveragePool Cast CastLike Constant DequantizeLinear Equal Identity If Loop Pad "
         "QuantizeLinear Reshape Resize Scan Shape Size"},
    {20, "ConstantOfShape IsInf IsNaN ReduceMax ReduceMin"},
    {21, "Cast CastLike Constant ConstantOfShape DequantizeLinear Flatten Identity If Loop "
         "Pad QLinearMatMul QuantizeLinear Reshape Scan Shape Size Squeeze Transpose "
         "Unsqueeze"},
    {22, "Acos Acosh Asin Asinh Atan Atanh Bernoulli Conv ConvTranspose Cos Cosh "
         "DeformConv Det Dropout Elu EyeLike GRU GlobalAveragePool GlobalLpPool "
         "GlobalMaxPool GridSample HardSigmoid HardSwish InstanceNormalization LSTM "
         "LpNormalization LpPool MaxRoiPool MaxUnpool Mish Multinomial "
         "NegativeLogLikelihoodLoss RNN RandomNormal RandomNormalLike RandomUniform "
         "RandomUniformLike RoiAlign Round Selu Sin Sinh Softplus Softsign Tan "
         "ThresholdedRelu"},
    {23, "Cast CastLike Constant ConstantOfShape DequantizeLinear Flatten Identity If Loop "
         "Pad QuantizeLinear Reshape Scan Shape Size Squeeze Transpose Unsqueeze"},
    {24, "Constant ConstantOfShape DequantizeLinear Flatten Identity If Loop Pad "
         "QuantizeLinear Reshape Scan Shape Size SplitToSequence Squeeze TopK Transpose "
         "Unsqueeze"},
    {25, "Attention Cast CastLike Constant ConstantOfShape DequantizeLinear Flatten "
         "Identity If Loop Pad QuantizeLinear Reshape Scan Shape Size Squeeze Transpose "
         "Unsqueeze"},
    {27, "Range"},
    {28, "BitShift Cast Celu Compress DepthToSpace DequantizeLinear Einsum Mod OneHot "
         "Optional OptionalGetElement OptionalHasElement QuantizeLinear ReverseSequence "
         "SpaceToDepth Unique"},
};

struct AdaptedOperator {
  llvm::StringLiteral opType;
  int64_t version;
  Check check = nullptr;
  Rewrite rewrite = nullptr;
  bool looksAtTypes = false;
};

constexpr bool LooksAtTypes = true;

constexpr AdaptedOperator Adapted[] = {
    {"Attention", 24, hasNoCausalPast},
    {"AveragePool", 22, poolsInsideOnly},
    {"BatchNormalization", 9, nullptr, dropSpatial},
    {"BatchNormalization", 14, infersOnly},
    {"Cast", 24, saturatesNoFnuz},
    {"CastLike", 24, saturatesNoFnuz, nullptr, LooksAtTypes},
    {"Clip", 11, nullptr, clipRangeToInputs, LooksAtTypes},
    {"ConvTranspose", 11, padsExplicitly},
    {"DFT", 20, nullptr, dftAxisToInput},
    {"Dropout", 10, hasNoMask, makeMaskBoolean},
    {"Dropout", 12, hasNoMask, dropoutRatioToInput},
    {"Erf", 13, isFloatingPoint, nullptr, LooksAtTypes},
    {"GridSample", 20, nullptr, renameGridSampleMode},
    {"GroupNormalization", 21, nullptr, repeatGroupScales, LooksAtTypes},
    {"Hardmax", 13, nullptr, flattenBeforeSoftmax, LooksAtTypes},
    {"LogSoftmax", 13, nullptr, flattenBeforeSoftmax, LooksAtTypes},
    {"MaxPool", 22, poolsInsideOnly},
    {"Pad", 11, nullptr, padsToInputs, LooksAtTypes},
    {"ReduceL1", 18, nullptr, axesToInput},
    {"ReduceL2", 18, nullptr, axesToInput},
    {"ReduceLogSum", 18, nullptr, axesToInput},
    {"ReduceLogSum", 28, isFloatingPoint, nullptr, LooksAtTypes},
    {"ReduceLogSumExp", 18, nullptr, axesToInput},
    {"ReduceLogSumExp", 28, isFloatingPoint, nullptr, LooksAtTypes},
    {"ReduceMax", 18, nullptr, axesToInput},
    {"ReduceMean", 18, nullptr, axesToInput},
    {"ReduceMin", 18, nullptr, axesToInput},
    {"ReduceProd", 18, nullptr, axesToInput},
    {"ReduceSum", 13, nullptr, axesToInput},
    {"ReduceSumSquare", 18, nullptr, axesToInput},
    {"Resize", 11, nullptr, stateResizeCoordinates},
    {"Resize", 13, nullptr, omitEmptyScales},
    {"RoiAlign", 16, nullptr, keepRoiAlignOffset},
    {"Scatter", 11, nullptr, scatterToScatterElements},
    {"Slice", 10, nullptr, sliceRangeToInputs},
    {"Softmax", 13, nullptr, flattenBeforeSoftmax, LooksAtTypes},
    {"Split", 13, nullptr, splitToInput},
    {"Split", 18, nullptr, countSplitOutputs},
    {"Squeeze", 13, nullptr, axesToInput},
    {"TopK", 10, nullptr, topKToInput},
    {"Unsqueeze", 13, nullptr, axesToInput},
    {"Upsample", 9, nullptr, upsampleScalesToInput},
    {"Upsample", 10, nullptr, upsampleToResize},
};

struct RefusedOperator {
  llvm::StringLiteral opType;
  int64_t version;
  llvm::StringLiteral reason;
};

constexpr RefusedOperator Refused[] = {
    {"OneHot", 11, "an index below zero is counted from the end and was outside before"},
    {"Scan", 9, "it has no batch axis and no sequence lengths any more"},
};

bool lists(llvm::StringRef operators, llvm::StringRef opType) {
  while (!operators.empty()) {
    const auto [first, rest] = operators.split(' ');
    if (first == opType)
      return true;
    operators = rest;
  }
  return false;
}

} // namespace

Step findStep(llvm::StringRef opType, int64_t version) {
  for (const WidenedOperators &row : Widened)
    if (row.version == version && lists(row.operators, opType))
      return {.version = version, .change = OpsetChange::Widened};
  for (const AdaptedOperator &row : Adapted)
    if (row.version == version && row.opType == opType)
      return {.version = version,
              .change = OpsetChange::Adapted,
              .looksAtTypes = row.looksAtTypes,
              .check = row.check,
              .rewrite = row.rewrite};
  for (const RefusedOperator &row : Refused)
    if (row.version == version && row.opType == opType)
      return {.version = version, .change = OpsetChange::Refused, .reason = row.reason};
  return {.version = version};
}

} // namespace optrun::opset

optrun::OpsetChange optrun::knownOpsetChange(llvm::StringRef opType, int64_t version) {
  return opset::findStep(opType, version).change;
}
