// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Operators that work element by element, normalizations and reductions; the dispatch to the
/// others.

#include "OperatorFlops.h"

#include "llvm/ADT/StringSwitch.h"

#include <algorithm>

namespace optrun {
namespace {

constexpr llvm::StringLiteral Microsoft = "com.microsoft";

bool isStandard(const ir::Node &node) {
  return node.domain().empty() || node.domain() == "ai.onnx";
}

/// For each element of the first output; 0 for what only moves, selects, compares or converts.
uint64_t flopsPerElement(llvm::StringRef op) {
  return llvm::StringSwitch<uint64_t>(op)
      .Cases("Add", "Sub", "Mul", "Div", "Neg", "Abs", "Mod", 1)
      .Cases("Sqrt", "Reciprocal", "Exp", "Log", "Erf", "Pow", 1)
      .Cases("Sin", "Cos", "Tan", "Asin", "Acos", "Atan", 1)
      .Cases("Sinh", "Cosh", "Tanh", "Asinh", "Acosh", "Atanh", 1)
      .Cases("Floor", "Ceil", "Round", "Sign", "Clip", "Relu", 1)
      .Cases("LeakyRelu", "PRelu", "ThresholdedRelu", "Shrink", "CumSum", 1)
      .Cases("QLinearAdd", "QLinearMul", "QLinearLeakyRelu", "BiasAdd", "BiasDropout", 1)
      .Cases("QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", 2)
      .Cases("HardSigmoid", "Elu", "Celu", "Selu", "Softsign", 3)
      .Cases("RotaryEmbedding", "LpNormalization", 3)
      .Cases("LayerNormalization", "RMSNormalization", "SimplifiedLayerNormalization", 4)
      .Cases("GroupNormalization", "InstanceNormalization", "BatchNormalization", 4)
      .Cases("MeanVarianceNormalization", "EmbedLayerNormalization", "HardSwish", 4)
      .Cases("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", 5)
      .Cases("Sigmoid", "QLinearSigmoid", "Softplus", 5)
      .Cases("Softmax", "LogSoftmax", "QLinearSoftmax", "BiasSoftmax", 5)
      .Cases("Swish", "QuickGelu", "Mish", 6)
      .Cases("Gelu", "FastGelu", "BiasGelu", "BiasSplitGelu", 8)
      .Default(0);
}

/// For each element of the first input.
bool isReduction(llvm::StringRef op) {
  return op.starts_with("Reduce") || op.starts_with("Global") || op == "QLinearReduceMean" ||
         op == "QLinearGlobalAveragePool";
}

/// For each element of the output, the elements of the window.
bool isPooling(llvm::StringRef op) {
  return op == "AveragePool" || op == "MaxPool" || op == "LpPool" || op == "QLinearAveragePool";
}

/// Operators of ONNX Runtime that do no arithmetic. What else it has may be anything.
bool onlyMoves(llvm::StringRef op) {
  return llvm::StringSwitch<bool>(op)
      .Cases("ExpandDims", "GatherBlockQuantized", "GatherND", "GridSample", "Pad", true)
      .Cases("QLinearConcat", "QLinearWhere", "Range", "Trilu", "Unique", true)
      .Default(false);
}

bool isKnownOfMicrosoft(const ir::Node &node) {
  const llvm::StringRef op = node.opType();
  return node.domain() == Microsoft &&
         (isProduct(node) || isAttention(node) || flopsPerElement(op) != 0 || isReduction(op) ||
          isPooling(op) || onlyMoves(op));
}

uint64_t windowElements(const ir::Node &node) {
  const ir::Attribute *attribute = node.attribute("kernel_shape");
  const auto *window = attribute ? std::get_if<std::vector<int64_t>>(&attribute->value) : nullptr;
  return window ? countElements(*window) : 1;
}

std::optional<Flops> flopsOfOthers(const TypedNode &typed) {
  const llvm::StringRef op = typed.node.opType();
  if (op == "Sum" || op == "Mean" || op == "Min" || op == "Max") {
    const auto output = typed.output(0);
    if (!typed.isFloatOutput())
      return Flops();
    if (!output)
      return std::nullopt;
    return Flops{times(countElements(*output), std::max(typed.node.numInputs(), 1u) - 1)};
  }
  if (isReduction(op)) {
    const auto input = typed.input(0);
    if (!typed.isFloatOutput())
      return Flops();
    return input ? std::optional(Flops{countElements(*input)}) : std::nullopt;
  }
  const uint64_t perElement = isPooling(op) ? windowElements(typed.node) : flopsPerElement(op);
  // Integers are positions and shapes; what quantizes makes integers of floating-point numbers.
  const bool quantizes = op.contains("Quantize") || op.starts_with("QLinear");
  if (perElement == 0 || !(typed.isFloatOutput() || quantizes))
    return Flops();
  const auto output = typed.output(0);
  if (!output)
    return std::nullopt;
  return Flops{times(countElements(*output), perElement)};
}

} // namespace

bool TypedNode::isFloatOutput() const {
  const ir::Value *output = node.output(0);
  const ir::Type *type = output ? typeOf(*output) : nullptr;
  return !type || ir::isFloatingPoint(type->elementType());
}

std::optional<TypedNode::Dims> TypedNode::dims(const ir::Value *value) const {
  const ir::Type *type = value ? typeOf(*value) : nullptr;
  if (!type || !type->shape())
    return std::nullopt;
  // Larger extents are nonsense; so bounded, sums of a few cannot overflow.
  constexpr int64_t MaxExtent = int64_t(1) << 48;
  Dims result;
  for (const ir::Dimension &dimension : *type->shape()) {
    if (!dimension.extent || *dimension.extent < 0)
      return std::nullopt;
    result.push_back(std::min(*dimension.extent, MaxExtent));
  }
  return result;
}

uint64_t countElements(llvm::ArrayRef<int64_t> dims) {
  uint64_t count = 1;
  for (int64_t extent : dims)
    count = times(count, std::max<int64_t>(extent, 0));
  return count;
}

OperatorFlops flopsOf(const TypedNode &typed) {
  const ir::Node &node = typed.node;
  if (!isStandard(node) && !isKnownOfMicrosoft(node))
    return {Knowledge::Unknown, {}};
  const std::optional<Flops> flops = isProduct(node)     ? flopsOfProduct(typed)
                                     : isAttention(node) ? flopsOfAttention(typed)
                                                         : flopsOfOthers(typed);
  return flops ? OperatorFlops{Knowledge::Known, *flops} : OperatorFlops{Knowledge::NoShape, {}};
}

} // namespace optrun
