// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The operators that weights are compressed for.

#include "WeightOperand.h"

namespace optrun {
namespace {

uint64_t product(llvm::ArrayRef<int64_t> dims) {
  uint64_t result = 1;
  for (int64_t dim : dims)
    result *= static_cast<uint64_t>(dim); // no more than the elements of the tensor
  return result;
}

/// The last two axes are a matrix, those before count matrices.
OperandLayout matrices(WeightUse::Kind kind, llvm::ArrayRef<int64_t> dims, bool rowsFirst,
                       bool isTransposed) {
  const auto first = static_cast<uint64_t>(dims[dims.size() - 2]);
  const auto last = static_cast<uint64_t>(dims.back());
  const bool rowsContiguous = rowsFirst != isTransposed;
  return {kind,
          {product(dims.drop_back(2)), rowsContiguous ? first : last, rowsContiguous ? last : first,
           rowsContiguous},
          rowsFirst};
}

bool swapsLastTwo(const ir::Node &node, size_t rank) {
  const ir::Attribute *attribute = node.attribute("perm");
  if (!attribute)
    return rank == 2; // the default reverses all axes
  const auto *order = std::get_if<std::vector<int64_t>>(&attribute->value);
  if (!order || order->size() != rank)
    return false;
  for (size_t axis = 0; axis + 2 < rank; ++axis)
    if ((*order)[axis] != static_cast<int64_t>(axis))
      return false;
  return (*order)[rank - 2] == static_cast<int64_t>(rank) - 1 &&
         (*order)[rank - 1] == static_cast<int64_t>(rank) - 2;
}

/// An initializer or Constant, handed on or not.
bool isConstant(const ir::Value &value) {
  const ir::Value *origin = &value;
  while (const ir::Node *producer = origin->producer()) {
    if (producer->isOp("Constant"))
      return true;
    const bool handsOn =
        producer->isOp("Cast") || producer->isOp("Identity") || producer->isOp("Transpose");
    if (!handsOn || !producer->input(0))
      return false;
    origin = producer->input(0);
  }
  return origin->isInitializer();
}

/// Two constants are multiplied when the model is loaded.
bool multipliesConstants(const ir::Node &node, unsigned operand) {
  const ir::Value *other = node.input(1 - operand);
  return !other || isConstant(*other);
}

} // namespace

std::optional<Passage> passageThrough(const ir::Node &node, ir::DataType type, size_t rank) {
  if (node.isOp("Identity"))
    return Passage{type};
  if (node.isOp("Transpose") && swapsLastTwo(node, rank))
    return Passage{type, /*transposes=*/true};
  if (!node.isOp("Cast"))
    return std::nullopt;
  std::optional<ir::DataType> to;
  if (std::optional<int64_t> code = node.intAttribute("to"); code && *code > 0 && *code < 64)
    to = ir::dataTypeFromCode(static_cast<int32_t>(*code));
  if (!to || !ir::isFloatingPoint(*to) || *to == ir::DataType::Float64)
    return std::nullopt;
  return Passage{*to};
}

std::optional<OperandLayout> layoutOfOperand(const ir::Node &node, unsigned operand,
                                             llvm::ArrayRef<int64_t> dims, bool isTransposed) {
  using Kind = WeightUse::Kind;
  if (node.isOp("MatMul") && operand < 2 && !multipliesConstants(node, operand))
    return matrices(operand == 1 ? Kind::MatMulRight : Kind::MatMulLeft, dims,
                    /*rowsFirst=*/operand == 0, isTransposed);
  if (node.isOp("Gemm") && operand == 1 && dims.size() == 2 && !multipliesConstants(node, operand))
    return matrices(Kind::Gemm, dims, node.intAttribute("transB").value_or(0) != 0, isTransposed);
  if (node.isOp("Conv") && operand == 1 && dims.size() > 2 && !isTransposed)
    return OperandLayout{
        Kind::Conv, {1, static_cast<uint64_t>(dims[0]), product(dims.drop_front()), true}, true};
  if ((node.isOp("LSTM") || node.isOp("GRU") || node.isOp("RNN")) &&
      (operand == 1 || operand == 2) && dims.size() == 3)
    return matrices(Kind::Recurrent, dims, /*rowsFirst=*/true, isTransposed);
  const int64_t axis = node.intAttribute("axis").value_or(0);
  if (node.isOp("Gather") && operand == 0 && dims.size() == 2 && (axis == 0 || axis == -2))
    return matrices(Kind::Gather, dims, /*rowsFirst=*/true, isTransposed);
  return std::nullopt;
}

} // namespace optrun
