// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Output types and shapes of com.microsoft operators, as ONNX Runtime infers them. Each function
/// is for one operator or a family; what it cannot know it leaves unknown.

#ifndef OPTRUN_LIB_ONNX_CONTRIBSHAPES_H
#define OPTRUN_LIB_ONNX_CONTRIBSHAPES_H

#include "ProtoSupport.h"

#include "llvm/ADT/StringRef.h"

#include <onnx/defs/shape_inference.h>
#include <optional>

namespace optrun::onnx {

using Dim = proto::TensorShapeProto_Dimension;
using ProtoShape = proto::TensorShapeProto;

/// What an inference function sees of a node and says about its outputs.
class NodeTypes {
public:
  explicit NodeTypes(proto::InferenceContext &context) : context(context) {}

  size_t numInputs() const { return context.getNumInputs(); }
  size_t numOutputs() const { return context.getNumOutputs(); }

  /// The shape of a tensor input; null when it is absent or even its rank is unknown.
  const ProtoShape *shape(size_t input) const;
  /// The same for a rank; null for every other rank.
  const ProtoShape *shape(size_t input, int rank) const;
  std::optional<int32_t> elementType(size_t input) const;
  int64_t integer(const char *attribute, int64_t defaultValue) const;
  std::vector<int64_t> integers(const char *attribute) const;
  /// The value of a constant scalar int32 input.
  std::optional<int64_t> constantInt32(size_t input) const;

  /// Nothing when the node has no such output.
  void setElementType(size_t output, int32_t type);
  void setShape(size_t output, const ProtoShape &shape);
  /// Nothing when the input's is unknown.
  void copyElementType(size_t input, size_t output);
  void copyShape(size_t input, size_t output);

private:
  bool hasOutput(size_t output) const { return output < numOutputs(); }

  proto::InferenceContext &context;
};

Dim knownDim(int64_t extent);
/// Unknown when an operand is unknown or the result overflows; quotient also for divisors below 1.
Dim sum(const Dim &left, const Dim &right);
Dim product(const Dim &left, const Dim &right);
Dim quotient(const Dim &dim, int64_t divisor);
ProtoShape shapeOf(std::initializer_list<Dim> dims);
/// numpy's matmul; nullopt for ranks or extents that do not fit.
std::optional<ProtoShape> matMulShape(ProtoShape left, ProtoShape right);
/// numpy's broadcasting.
ProtoShape broadcastShape(const std::vector<const ProtoShape *> &shapes);

// ContribElementwise.cpp
void inferLikeFirstInput(NodeTypes &types);
void inferLayerNormalization(NodeTypes &types);
void inferSkipLayerNormalization(NodeTypes &types);
void inferEmbedLayerNormalization(NodeTypes &types);
void inferBiasSplitGelu(NodeTypes &types);
void inferBiasDropout(NodeTypes &types);
void inferGridSample(NodeTypes &types);

// ContribMatMul.cpp
void inferMatMulNBits(NodeTypes &types);
void inferFusedMatMul(NodeTypes &types);
void inferDynamicQuantizeMatMul(NodeTypes &types);
void inferMatMulIntegerToFloat(NodeTypes &types);
void inferMatMulInteger16(NodeTypes &types);
void inferQGemm(NodeTypes &types);

// ContribAttention.cpp
void inferAttention(NodeTypes &types);
void inferQAttention(NodeTypes &types);
void inferMultiHeadAttention(NodeTypes &types);
void inferDecoderMaskedMultiHeadAttention(NodeTypes &types);
void inferGroupQueryAttention(NodeTypes &types);
void inferSparseAttention(NodeTypes &types);

// ContribQuantized.cpp
void inferGatherBlockQuantized(NodeTypes &types);
void inferQuantizeLinear(NodeTypes &types);
void inferDequantizeLinear(NodeTypes &types);
void inferQLinearBinary(NodeTypes &types);
void inferQLinearWhere(NodeTypes &types);
void inferQLinearConcat(NodeTypes &types);
void inferQLinearReduceMean(NodeTypes &types);
void inferQLinearGlobalAveragePool(NodeTypes &types);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_CONTRIBSHAPES_H
