// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Matrix products, quantized and fused.

#include "ContribShapes.h"

namespace optrun::onnx {

namespace {

void setMatMulShape(NodeTypes &types, size_t left, size_t right) {
  const ProtoShape *a = types.shape(left), *b = types.shape(right);
  if (!a || !b)
    return;
  if (auto shape = matMulShape(*a, *b))
    types.setShape(0, *shape);
}

/// \p batch: the first dimension moves behind the batch dimensions, [M, …, K] → […, M, K]; then
/// \p matrix exchanges the last two.
ProtoShape transposed(ProtoShape shape, bool batch, bool matrix) {
  int rank = shape.dim_size();
  if (rank < 2)
    return shape;
  if (batch)
    for (int index = 0; index + 2 < rank; ++index)
      shape.mutable_dim()->SwapElements(index, index + 1);
  if (matrix)
    shape.mutable_dim()->SwapElements(rank - 2, rank - 1);
  return shape;
}

} // namespace

/// MatMulNBits, MatMulBnb4: A […, K] times a packed weight with N columns.
void inferMatMulNBits(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *a = types.shape(0);
  int64_t columns = types.integer("N", 0);
  if (!a || a->dim_size() == 0 || columns <= 0)
    return;
  ProtoShape output = *a;
  *output.mutable_dim(output.dim_size() - 1) = knownDim(columns);
  types.setShape(0, output);
}

void inferFusedMatMul(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *a = types.shape(0), *b = types.shape(1);
  if (!a || !b)
    return;
  auto shape = matMulShape(
      transposed(*a, types.integer("transBatchA", 0) != 0, types.integer("transA", 0) != 0),
      transposed(*b, types.integer("transBatchB", 0) != 0, types.integer("transB", 0) != 0));
  if (shape)
    types.setShape(0, *shape);
}

/// Inputs: A (float), B (8 bit), B's scale, …
void inferDynamicQuantizeMatMul(NodeTypes &types) {
  types.copyElementType(0, 0);
  setMatMulShape(types, 0, 1);
}

/// Inputs: A and B (8 bit), A's scale, …
void inferMatMulIntegerToFloat(NodeTypes &types) {
  types.copyElementType(2, 0);
  setMatMulShape(types, 0, 1);
}

void inferMatMulInteger16(NodeTypes &types) {
  types.setElementType(0, proto::TensorProto::INT32);
  setMatMulShape(types, 0, 1);
}

/// Inputs: A, scale, zero point, B, scale, zero point, C, Y's scale, Y's zero point. The result is
/// float without a zero point of Y.
void inferQGemm(NodeTypes &types) {
  if (types.elementType(8))
    types.copyElementType(8, 0);
  else if (types.numInputs() <= 8)
    types.setElementType(0, proto::TensorProto::FLOAT);
  const ProtoShape *a = types.shape(0, 2), *b = types.shape(3, 2);
  if (!a || !b)
    return;
  types.setShape(0, shapeOf({a->dim(types.integer("transA", 0) != 0 ? 1 : 0),
                             b->dim(types.integer("transB", 0) != 0 ? 0 : 1)}));
}

} // namespace optrun::onnx
