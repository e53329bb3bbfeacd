// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Arithmetic on small tensors, and the operators that make them.

#include "SmallTensor.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

namespace optrun::onnx {
namespace {

using Result = std::optional<SmallTensor>;
using Number = std::optional<int64_t>;

constexpr int64_t Least = std::numeric_limits<int64_t>::min();

struct BinaryOperator {
  Number (*compute)(int64_t, int64_t) = nullptr;
  bool isBoolean = false;
};

Number add(int64_t a, int64_t b) {
  int64_t result = 0;
  return llvm::AddOverflow(a, b, result) ? Number() : Number(result);
}
Number subtract(int64_t a, int64_t b) {
  int64_t result = 0;
  return llvm::SubOverflow(a, b, result) ? Number() : Number(result);
}
Number multiply(int64_t a, int64_t b) {
  int64_t result = 0;
  return llvm::MulOverflow(a, b, result) ? Number() : Number(result);
}
/// Towards zero, as ONNX divides integers.
Number divide(int64_t a, int64_t b) {
  return b == 0 || (b == -1 && a == Least) ? Number() : Number(a / b);
}
/// With the sign of the divisor.
Number modulo(int64_t a, int64_t b) {
  if (b == 0)
    return std::nullopt;
  const int64_t rest = b == -1 ? 0 : a % b;
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

BinaryOperator binaryOperator(llvm::StringRef op) {
  using Int = int64_t;
  return llvm::StringSwitch<BinaryOperator>(op)
      .Case("Add", {add})
      .Case("Sub", {subtract})
      .Case("Mul", {multiply})
      .Case("Div", {divide})
      .Case("Mod", {modulo})
      .Case("Min", {[](Int a, Int b) -> Number { return std::min(a, b); }})
      .Case("Max", {[](Int a, Int b) -> Number { return std::max(a, b); }})
      .Case("Equal", {[](Int a, Int b) -> Number { return a == b; }, true})
      .Case("Less", {[](Int a, Int b) -> Number { return a < b; }, true})
      .Case("Greater", {[](Int a, Int b) -> Number { return a > b; }, true})
      .Case("LessOrEqual", {[](Int a, Int b) -> Number { return a <= b; }, true})
      .Case("GreaterOrEqual", {[](Int a, Int b) -> Number { return a >= b; }, true})
      .Case("And", {[](Int a, Int b) -> Number { return a && b; }, true})
      .Case("Or", {[](Int a, Int b) -> Number { return a || b; }, true})
      .Default({});
}

Result shape(const SmallNode &node) {
  const proto::TypeProto *type = node.type(0);
  if (!type || !type->tensor_type().has_shape())
    return std::nullopt;
  const auto &known = type->tensor_type().shape();
  const int64_t rank = known.dim_size();
  auto clamp = [&](int64_t place) {
    return std::clamp<int64_t>(place < 0 ? place + rank : place, 0, rank);
  };
  SmallTensor result = SmallTensor::vector({});
  const int64_t end = clamp(node.integer("end", rank));
  for (int64_t axis = clamp(node.integer("start", 0)); axis < end; ++axis) {
    const auto &dim = known.dim(static_cast<int>(axis));
    if (!dim.has_dim_value() || result.values.size() == SmallTensor::MaxElements)
      return std::nullopt;
    result.values.push_back(dim.dim_value());
  }
  result.dims[0] = static_cast<int64_t>(result.values.size());
  return result;
}

Result size(const SmallNode &node) {
  const Result dims = shape(node);
  Number count = 1;
  for (size_t axis = 0; dims && count && axis < dims->values.size(); ++axis)
    count = multiply(*count, dims->values[axis]);
  return dims && count ? Result(SmallTensor::scalar(*count)) : std::nullopt;
}

Result constant(const SmallNode &node) {
  if (const proto::AttributeProto *value = node.attribute("value"))
    return readSmallTensor(value->t());
  if (const proto::AttributeProto *value = node.attribute("value_int"))
    return SmallTensor::scalar(value->i());
  if (const proto::AttributeProto *value = node.attribute("value_ints"))
    if (static_cast<size_t>(value->ints_size()) <= SmallTensor::MaxElements)
      return SmallTensor::vector(
          llvm::ArrayRef(value->ints().data(), static_cast<size_t>(value->ints_size())));
  return std::nullopt;
}

Result cast(const SmallNode &node) {
  SmallTensor result = *node.input(0);
  result.type = static_cast<int32_t>(node.integer("to", 0));
  for (int64_t &value : result.values)
    switch (result.type) {
    case proto::TensorProto::BOOL:
      value = value != 0;
      break;
    case proto::TensorProto::INT32:
      value = static_cast<int32_t>(value);
      break;
    case proto::TensorProto::INT64:
      break;
    default:
      return std::nullopt;
    }
  return result;
}

Result unary(const SmallNode &node) {
  SmallTensor result = *node.input(0);
  for (int64_t &value : result.values) {
    if (value == Least)
      return std::nullopt;
    if (node.opType() == "Not")
      value = value == 0;
    else if (node.opType() == "Neg" || value < 0)
      value = -value;
  }
  return result;
}

Result binary(const SmallNode &node, const BinaryOperator &op) {
  SmallTensor result = *node.input(0);
  for (const SmallTensor *right : node.inputs().drop_front()) {
    if (!right)
      return std::nullopt;
    const auto dims = broadcastDims({result.dims, right->dims});
    const auto count = dims ? countElements(*dims) : std::nullopt;
    if (!count)
      return std::nullopt;
    SmallTensor next{op.isBoolean ? int32_t(proto::TensorProto::BOOL) : result.type, *dims, {}};
    for (size_t i = 0; i < *count; ++i) {
      const Number value =
          op.compute(broadcastElement(result, *dims, i), broadcastElement(*right, *dims, i));
      if (!value)
        return std::nullopt;
      next.values.push_back(*value);
    }
    result = std::move(next);
  }
  return result;
}

Result where(const SmallNode &node) {
  const SmallTensor &condition = *node.input(0), *yes = node.input(1), *no = node.input(2);
  if (!yes || !no)
    return std::nullopt;
  const auto dims = broadcastDims({condition.dims, yes->dims, no->dims});
  const auto count = dims ? countElements(*dims) : std::nullopt;
  if (!count)
    return std::nullopt;
  SmallTensor result{yes->type, *dims, {}};
  for (size_t i = 0; i < *count; ++i)
    result.values.push_back(
        broadcastElement(broadcastElement(condition, *dims, i) != 0 ? *yes : *no, *dims, i));
  return result;
}

Result range(const SmallNode &node) {
  const SmallTensor &start = *node.input(0), *limit = node.input(1), *delta = node.input(2);
  if (!limit || !delta || start.values.size() != 1 || limit->values.size() != 1 ||
      delta->values.size() != 1 || delta->values[0] == 0)
    return std::nullopt;
  SmallTensor result = SmallTensor::vector({}, start.type);
  const int64_t end = limit->values[0], step = delta->values[0];
  for (Number value = start.values[0]; value && (step > 0 ? *value < end : *value > end);
       value = add(*value, step)) {
    if (result.values.size() == SmallTensor::MaxElements)
      return std::nullopt;
    result.values.push_back(*value);
  }
  result.dims[0] = static_cast<int64_t>(result.values.size());
  return result;
}

Result constantOfShape(const SmallNode &node) {
  const proto::AttributeProto *value = node.attribute("value");
  const Result element = value ? readSmallTensor(value->t()) : std::nullopt;
  if (!element || element->values.size() != 1)
    return std::nullopt; // without a value: zeros of type float
  llvm::ArrayRef<int64_t> dims = node.input(0)->values;
  const auto count = countElements(dims);
  if (!count)
    return std::nullopt;
  SmallTensor result{element->type, {dims.begin(), dims.end()}, {}};
  result.values.assign(*count, element->values[0]);
  return result;
}

/// Of a vector, to one number.
Result reduce(const SmallNode &node) {
  const SmallTensor &data = *node.input(0);
  if (data.dims.size() > 1 || data.values.empty())
    return std::nullopt;
  const BinaryOperator op = binaryOperator(llvm::StringSwitch<llvm::StringRef>(node.opType())
                                               .Case("ReduceProd", "Mul")
                                               .Case("ReduceSum", "Add")
                                               .Case("ReduceMax", "Max")
                                               .Default("Min"));
  Number value = data.values[0];
  for (size_t i = 1; value && i < data.values.size(); ++i)
    value = op.compute(*value, data.values[i]);
  if (!value)
    return std::nullopt;
  SmallTensor result{data.type, {}, {*value}};
  if (node.integer("keepdims", 1) != 0)
    result.dims.assign(data.dims.size(), 1);
  return result;
}

} // namespace

std::optional<SmallTensor> evaluateSmall(const SmallNode &node) {
  const llvm::StringRef op = node.opType();
  if (op == "Shape")
    return shape(node);
  if (op == "Size")
    return size(node);
  if (op == "Constant")
    return constant(node);
  if (!node.input(0))
    return std::nullopt;
  if (op == "Mod" && node.integer("fmod", 0) != 0)
    return std::nullopt; // the sign of the dividend: no shape is computed with that
  if (const BinaryOperator known = binaryOperator(op); known.compute)
    return binary(node, known);
  using Function = Result (*)(const SmallNode &);
  return llvm::StringSwitch<Function>(op)
      .Case("Cast", cast)
      .Cases("Neg", "Not", "Abs", unary)
      .Case("Where", where)
      .Case("Range", range)
      .Case("ConstantOfShape", constantOfShape)
      .Cases("ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin", reduce)
      .Default(evaluateMovement)(node);
}

} // namespace optrun::onnx
