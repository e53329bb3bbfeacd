// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which operands of quantized operators and of look-ups are weights.

#include "ParameterCount.h"

#include "optrun/Analysis/WeightedNodes.h"
#include "optrun/Compression/LutFunctions.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {
namespace {

struct QuantizedOperator {
  llvm::StringLiteral name;
  std::initializer_list<unsigned> quantization; // scales, zero points, orders of groups
};

const QuantizedOperator QuantizedOperators[] = {
    {"DequantizeLinear", {1, 2}},
    {"QuantizeLinear", {1, 2}},
    {"QLinearMatMul", {1, 2, 4, 5, 6, 7}},
    {"QLinearConv", {1, 2, 4, 5, 6, 7}},
    {"QLinearAdd", {1, 2, 4, 5, 6, 7}},
    {"QLinearMul", {1, 2, 4, 5, 6, 7}},
    {"QGemm", {1, 2, 4, 5, 7, 8}},
    {"QAttention", {3, 4, 6, 7}},
    {"ConvInteger", {2, 3}},
    {"MatMulInteger", {2, 3}},
    {"DynamicQuantizeMatMul", {2, 3}},
    {"MatMulIntegerToFloat", {2, 3, 4, 5}},
    {"MatMulNBits", {2, 3, 4}},
    {"MatMulBnb4", {2}},
    {"GatherBlockQuantized", {2, 3}},
    {"QMoE", {3, 6, 9}},
    {"QLinearSigmoid", {1, 2, 3, 4}},
    {"QLinearSoftmax", {1, 2, 3, 4}},
    {"QLinearLeakyRelu", {1, 2, 3, 4}},
    {"QLinearAveragePool", {1, 2, 3, 4}},
    {"QLinearGlobalAveragePool", {1, 2, 3, 4}},
    {"QLinearReduceMean", {1, 2, 3, 4}},
};

/// The scale of activations that are quantized as they come.
bool isDynamicScale(const ir::Value *value) {
  return value && value->producer() && value->producer()->isOp("DynamicQuantizeLinear") &&
         value->outputIndex() == 1;
}

bool isQuantization(const ir::Node &user, unsigned operand) {
  if (user.isOp("Mul") && operand < 2 && isDynamicScale(user.input(1 - operand)))
    return true; // the scale of a product is that of both factors
  for (const QuantizedOperator &known : QuantizedOperators)
    if (known.name == user.opType())
      return llvm::is_contained(known.quantization, operand);
  // Scales that are stored in fewer bits than they are used in.
  return user.isOp("Cast") && user.output(0) && !user.output(0)->uses().empty() &&
         llvm::all_of(user.output(0)->uses(), [](const ir::Use &use) {
           return isQuantization(*use.user(), use.operandIndex());
         });
}

/// No more elements than these can be packed into it.
uint64_t bitsOf(const ir::Tensor &tensor) {
  return llvm::SaturatingMultiply<uint64_t>(tensor.byteSize(), 8);
}

/// Elements that a node says it looks up in tables; nullopt for other operators.
std::optional<uint64_t> palettizedElements(const ir::Node &user) {
  if (!user.isOp(OptRunDomain, LutToDense) && !user.isOp(OptRunDomain, LutGather))
    return std::nullopt;
  const ir::Attribute *attribute = user.attribute(LutMatrixAttribute);
  const auto *matrix = attribute ? std::get_if<std::vector<int64_t>>(&attribute->value) : nullptr;
  int64_t elements = 0;
  if (!matrix || matrix->size() != 2 || matrix->front() < 0 || matrix->back() < 0 ||
      __builtin_mul_overflow(matrix->front(), matrix->back(), &elements))
    return 0;
  return static_cast<uint64_t>(elements);
}

/// What quantizers make of a bias: its type is that of indices elsewhere.
bool isQuantizedBias(const ir::Node &user, unsigned operand, const ir::Tensor &tensor) {
  return tensor.dataType() == ir::DataType::Int32 && tensor.elementCount() >= 2 &&
         ((user.opType() == "DequantizeLinear" && operand == 0) ||
          (user.opType() == "QLinearConv" && operand == 8) ||
          (user.opType() == "QGemm" && operand == 6));
}

/// Elements in each byte of an operand that packs them into bytes; 1 for other operands.
uint64_t packedInAByte(const ir::Node &user, unsigned operand, const ir::Tensor &tensor) {
  if (tensor.dataType() != ir::DataType::UInt8)
    return 1;
  int64_t bits = 8;
  if (user.opType() == "MatMulNBits" && operand == 1)
    bits = user.intAttribute("bits").value_or(4);
  else if (user.opType() == "MatMulBnb4" && operand == 1)
    bits = 4;
  else if (user.opType() == "GatherBlockQuantized" && operand == 0)
    bits = user.intAttribute("bits").value_or(4);
  else if (user.opType() == "QMoE" && (operand == 2 || operand == 5 || operand == 8))
    bits = user.intAttribute("expert_weight_bits").value_or(4);
  return bits == 1 || bits == 2 || bits == 4 ? static_cast<uint64_t>(8 / bits) : 1;
}

} // namespace

uint64_t countParameters(const ir::Node &user, unsigned operand, const ir::Tensor &tensor) {
  if (isQuantizedBias(user, operand, tensor))
    return tensor.elementCount();
  if (!isWeight(tensor) || isQuantization(user, operand))
    return 0;
  if (const std::optional<uint64_t> palettized = palettizedElements(user))
    return operand == LutIndicesOperand ? std::min(*palettized, bitsOf(tensor)) : 0;
  const uint64_t elements = tensor.elementCount() * packedInAByte(user, operand, tensor);
  // The last block of a row is padded.
  if (user.opType() == "MatMulNBits" && operand == 1) {
    const int64_t rows = user.intAttribute("N").value_or(0),
                  columns = user.intAttribute("K").value_or(0);
    uint64_t stated = 0;
    if (rows > 0 && columns > 0 &&
        !__builtin_mul_overflow(static_cast<uint64_t>(rows), static_cast<uint64_t>(columns),
                                &stated))
      return std::min(stated, elements);
  }
  return elements;
}

} // namespace optrun
