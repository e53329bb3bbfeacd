// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Activations, normalizations and what else keeps the shape of an input or nearly so.

#include "ContribShapes.h"

namespace optrun::onnx {

namespace {

/// The statistics that normalizations give: float, with one element for the axes from \p axis on.
void setStatistics(NodeTypes &types, const ProtoShape *input, size_t output, int64_t axis) {
  types.setElementType(output, proto::TensorProto::FLOAT);
  if (!input)
    return;
  int64_t rank = input->dim_size();
  if (axis < -rank || axis >= rank)
    return;
  ProtoShape shape = *input;
  for (int index = static_cast<int>(axis < 0 ? axis + rank : axis); index < shape.dim_size();
       ++index)
    *shape.mutable_dim(index) = knownDim(1);
  types.setShape(output, shape);
}

} // namespace

void inferLikeFirstInput(NodeTypes &types) {
  types.copyElementType(0, 0);
  types.copyShape(0, 0);
}

/// LayerNormalization and SimplifiedLayerNormalization. Outputs: Y, mean (not in the simplified
/// one), inverse standard deviation.
void inferLayerNormalization(NodeTypes &types) {
  inferLikeFirstInput(types);
  int64_t axis = types.integer("axis", -1);
  setStatistics(types, types.shape(0), 1, axis);
  setStatistics(types, types.shape(0), 2, axis);
}

/// Outputs: Y, mean, inverse standard deviation, input + skip + bias.
void inferSkipLayerNormalization(NodeTypes &types) {
  inferLikeFirstInput(types);
  setStatistics(types, types.shape(0), 1, -1);
  setStatistics(types, types.shape(0), 2, -1);
  types.copyElementType(0, 3);
  types.copyShape(0, 3);
}

/// Inputs: ids [batch, sequence], segment ids, word embedding [vocabulary, hidden], … Outputs: Y
/// [batch, sequence, hidden], mask index [batch], sum of the embeddings.
void inferEmbedLayerNormalization(NodeTypes &types) {
  types.copyElementType(2, 0);
  types.setElementType(1, proto::TensorProto::INT32);
  types.copyElementType(2, 2);
  const ProtoShape *ids = types.shape(0, 2), *embedding = types.shape(2, 2);
  if (!ids)
    return;
  ProtoShape output = shapeOf({ids->dim(0), ids->dim(1), embedding ? embedding->dim(1) : Dim()});
  types.setShape(0, output);
  types.setShape(1, shapeOf({ids->dim(0)}));
  types.setShape(2, output);
}

/// The last dimension is halved.
void inferBiasSplitGelu(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *input = types.shape(0);
  if (!input || input->dim_size() == 0)
    return;
  ProtoShape output = *input;
  Dim *last = output.mutable_dim(output.dim_size() - 1);
  *last = quotient(*last, 2);
  types.setShape(0, output);
}

/// Outputs: Y, the mask of what was kept.
void inferBiasDropout(NodeTypes &types) {
  inferLikeFirstInput(types);
  types.setElementType(1, proto::TensorProto::BOOL);
  types.copyShape(0, 1);
}

/// Inputs: X [batch, channels, height, width], the points of the result [batch, height, width, 2].
void inferGridSample(NodeTypes &types) {
  types.copyElementType(0, 0);
  const ProtoShape *input = types.shape(0, 4), *grid = types.shape(1, 4);
  if (input && grid)
    types.setShape(0, shapeOf({input->dim(0), input->dim(1), grid->dim(1), grid->dim(2)}));
}

} // namespace optrun::onnx
