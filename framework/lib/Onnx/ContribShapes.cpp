// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the inference functions of com.microsoft operators share.

#include "ContribShapes.h"

#include "llvm/Support/MathExtras.h"

#include <onnx/defs/tensor_proto_util.h>

namespace optrun::onnx {

const ProtoShape *NodeTypes::shape(size_t input) const {
  if (input >= numInputs())
    return nullptr;
  const proto::TypeProto *type = context.getInputType(input);
  if (!type || !type->has_tensor_type() || !type->tensor_type().has_shape())
    return nullptr;
  return &type->tensor_type().shape();
}

const ProtoShape *NodeTypes::shape(size_t input, int rank) const {
  const ProtoShape *known = shape(input);
  return known && known->dim_size() == rank ? known : nullptr;
}

std::optional<int32_t> NodeTypes::elementType(size_t input) const {
  if (input >= numInputs())
    return std::nullopt;
  const proto::TypeProto *type = context.getInputType(input);
  if (!type || !type->has_tensor_type() || !type->tensor_type().has_elem_type())
    return std::nullopt;
  return type->tensor_type().elem_type();
}

int64_t NodeTypes::integer(const char *attribute, int64_t defaultValue) const {
  const proto::AttributeProto *found = context.getAttribute(attribute);
  return found ? found->i() : defaultValue;
}

std::vector<int64_t> NodeTypes::integers(const char *attribute) const {
  const proto::AttributeProto *found = context.getAttribute(attribute);
  if (!found)
    return {};
  return {found->ints().begin(), found->ints().end()};
}

std::optional<int64_t> NodeTypes::constantInt32(size_t input) const {
  if (input >= numInputs())
    return std::nullopt;
  const proto::TensorProto *data = context.getInputData(input);
  if (!data || data->data_type() != proto::TensorProto::INT32 ||
      data->data_location() == proto::TensorProto::EXTERNAL)
    return std::nullopt;
  std::vector<int32_t> values = proto::ParseData<int32_t>(data);
  if (values.size() != 1)
    return std::nullopt;
  return values.front();
}

void NodeTypes::setElementType(size_t output, int32_t type) {
  if (hasOutput(output))
    context.getOutputType(output)->mutable_tensor_type()->set_elem_type(type);
}

void NodeTypes::setShape(size_t output, const ProtoShape &shape) {
  if (hasOutput(output))
    *context.getOutputType(output)->mutable_tensor_type()->mutable_shape() = shape;
}

void NodeTypes::copyElementType(size_t input, size_t output) {
  if (auto type = elementType(input))
    setElementType(output, *type);
}

void NodeTypes::copyShape(size_t input, size_t output) {
  if (const ProtoShape *known = shape(input))
    setShape(output, *known);
}

Dim knownDim(int64_t extent) {
  Dim dim;
  dim.set_dim_value(extent);
  return dim;
}

Dim sum(const Dim &left, const Dim &right) {
  int64_t result;
  if (!left.has_dim_value() || !right.has_dim_value() ||
      llvm::AddOverflow(left.dim_value(), right.dim_value(), result))
    return Dim();
  return knownDim(result);
}

Dim product(const Dim &left, const Dim &right) {
  int64_t result;
  if (!left.has_dim_value() || !right.has_dim_value() ||
      llvm::MulOverflow(left.dim_value(), right.dim_value(), result))
    return Dim();
  return knownDim(result);
}

Dim quotient(const Dim &dim, int64_t divisor) {
  return dim.has_dim_value() && divisor > 0 ? knownDim(dim.dim_value() / divisor) : Dim();
}

ProtoShape shapeOf(std::initializer_list<Dim> dims) {
  ProtoShape shape;
  for (const Dim &dim : dims)
    *shape.add_dim() = dim;
  return shape;
}

ProtoShape broadcastShape(const std::vector<const ProtoShape *> &shapes) {
  ProtoShape result;
  proto::multidirectionalBroadcastShapeInference(shapes, result);
  return result;
}

std::optional<ProtoShape> matMulShape(ProtoShape left, ProtoShape right) {
  if (left.dim_size() == 0 || right.dim_size() == 0)
    return std::nullopt;
  // A vector is a matrix of one row or column, which the result does not have.
  bool leftIsVector = left.dim_size() == 1, rightIsVector = right.dim_size() == 1;
  if (leftIsVector)
    left = shapeOf({knownDim(1), left.dim(0)});
  if (rightIsVector)
    right = shapeOf({right.dim(0), knownDim(1)});

  int leftRank = left.dim_size(), rightRank = right.dim_size();
  const Dim &inner = left.dim(leftRank - 1), &otherInner = right.dim(rightRank - 2);
  if (inner.has_dim_value() && otherInner.has_dim_value() &&
      inner.dim_value() != otherInner.dim_value())
    return std::nullopt;
  Dim rows = left.dim(leftRank - 2), columns = right.dim(rightRank - 1);
  left.mutable_dim()->DeleteSubrange(leftRank - 2, 2);
  right.mutable_dim()->DeleteSubrange(rightRank - 2, 2);
  ProtoShape result = broadcastShape({&left, &right});
  if (!leftIsVector)
    *result.add_dim() = rows;
  if (!rightIsVector)
    *result.add_dim() = columns;
  return result;
}

} // namespace optrun::onnx
