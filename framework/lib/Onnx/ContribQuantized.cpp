// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Operators on quantized tensors.

#include "ContribShapes.h"

namespace optrun::onnx {

namespace {

/// The axis counted from the front; nullopt when it is out of range.
std::optional<int> normalizedAxis(int64_t axis, int rank) {
  if (axis < -rank || axis >= rank)
    return std::nullopt;
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

} // namespace

/// Inputs: data, indices, scales, zero points. 4-bit and 8-bit values in uint8 are packed along the
/// last dimension.
void inferGatherBlockQuantized(NodeTypes &types) {
  types.copyElementType(2, 0);
  const ProtoShape *data = types.shape(0), *indices = types.shape(1);
  if (!data || !indices || !types.elementType(0))
    return;
  auto axis = normalizedAxis(types.integer("gather_axis", 0), data->dim_size());
  if (!axis)
    return;
  int64_t bits = types.integer("bits", 4);
  int64_t perElement = types.elementType(0) == proto::TensorProto::UINT8 && bits > 0 ? 8 / bits : 1;
  ProtoShape output;
  for (int index = 0; index < data->dim_size(); ++index) {
    if (index == *axis) {
      output.mutable_dim()->MergeFrom(indices->dim());
      continue;
    }
    Dim dim = data->dim(index);
    if (index == data->dim_size() - 1 && perElement != 1)
      dim = product(dim, knownDim(perElement));
    *output.add_dim() = dim;
  }
  types.setShape(0, output);
}

/// Inputs: x, scale, zero point.
void inferQuantizeLinear(NodeTypes &types) {
  types.setElementType(0, proto::TensorProto::UINT8);
  types.copyElementType(2, 0);
  types.copyShape(0, 0);
}

void inferDequantizeLinear(NodeTypes &types) {
  types.copyElementType(1, 0);
  types.copyShape(0, 0);
}

/// Inputs: A, scale, zero point, B, scale, zero point, …
void inferQLinearBinary(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *a = types.shape(0), *b = types.shape(3);
  if (a && b)
    types.setShape(0, broadcastShape({a, b}));
}

/// Inputs: condition, X, scale, zero point, Y, scale, zero point, …
void inferQLinearWhere(NodeTypes &types) {
  types.copyElementType(1, 0);
  const ProtoShape *condition = types.shape(0), *x = types.shape(1), *y = types.shape(4);
  if (condition && x && y)
    types.setShape(0, broadcastShape({condition, x, y}));
}

/// Inputs: Y's scale, Y's zero point, then triples of tensor, scale, zero point.
void inferQLinearConcat(NodeTypes &types) {
  types.copyElementType(1, 0);
  const ProtoShape *first = types.shape(2);
  if (!first)
    return;
  auto axis = normalizedAxis(types.integer("axis", 0), first->dim_size());
  if (!axis)
    return;
  ProtoShape output = *first;
  for (size_t input = 5; input < types.numInputs(); input += 3) {
    const ProtoShape *part = types.shape(input, output.dim_size());
    if (!part)
      return;
    Dim *joined = output.mutable_dim(*axis);
    *joined = sum(*joined, part->dim(*axis));
  }
  types.setShape(0, output);
}

void inferQLinearReduceMean(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *input = types.shape(0);
  if (!input)
    return;
  std::vector<int64_t> axes = types.integers("axes");
  std::vector<bool> isReduced(static_cast<size_t>(input->dim_size()), axes.empty());
  for (int64_t value : axes) {
    auto axis = normalizedAxis(value, input->dim_size());
    if (!axis)
      return;
    isReduced[static_cast<size_t>(*axis)] = true;
  }
  bool keepsDims = types.integer("keepdims", 1) != 0;
  ProtoShape output;
  for (int index = 0; index < input->dim_size(); ++index) {
    if (!isReduced[static_cast<size_t>(index)])
      *output.add_dim() = input->dim(index);
    else if (keepsDims)
      *output.add_dim() = knownDim(1);
  }
  types.setShape(0, output);
}

void inferQLinearGlobalAveragePool(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *input = types.shape(0);
  if (!input || input->dim_size() < 2)
    return;
  int channels = types.integer("channels_last", 0) != 0 ? input->dim_size() - 1 : 1;
  ProtoShape output = *input;
  for (int index = 1; index < output.dim_size(); ++index)
    if (index != channels)
      *output.mutable_dim(index) = knownDim(1);
  types.setShape(0, output);
}

} // namespace optrun::onnx
