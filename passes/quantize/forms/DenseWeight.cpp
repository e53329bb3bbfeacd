// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Dense codes, and DequantizeLinear of them.

#include "forms/DenseWeight.h"

#include "optrun/Transforms/WeightOperands.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::quantize {
namespace {

using Dims = ir::Tensor::Dims;
using Kind = WeightUse::Kind;

/// Scales with the rank of the weight, rather than one or one for each row.
bool isBlocked(const QuantizationJob &job) {
  return !job.isPerTensor && (job.blocks() > 1 || job.layout.matrices > 1);
}

bool isConvolution(const Weight &weight) { return weight.uses.front().kind == Kind::Conv; }

ir::DataType codeType(const QuantizationJob &job) {
  const bool isSigned = job.coding == Coding::Signed;
  switch (job.grid.bits) {
  case 2:
    return isSigned ? ir::DataType::Int2 : ir::DataType::UInt2;
  case 4:
    return isSigned ? ir::DataType::Int4 : ir::DataType::UInt4;
  default:
    return isSigned ? ir::DataType::Int8 : ir::DataType::UInt8;
  }
}

/// The matrices with \p columns, in the job's order.
Dims matrixDims(const Weight &weight, const QuantizationJob &job, uint64_t columns) {
  Dims dims;
  if (!isConvolution(weight))
    dims.append(weight.tensor->dims().begin(), weight.tensor->dims().end() - 2);
  dims.push_back(static_cast<int64_t>(job.layout.rows));
  dims.push_back(static_cast<int64_t>(columns));
  if (job.order == Order::Columns)
    std::swap(dims[dims.size() - 2], dims.back());
  return dims;
}

/// Blocks of a convolution's kernel go over all of its axes but the first.
bool isFlattened(const Weight &weight, const QuantizationJob &job) {
  return isConvolution(weight) && isBlocked(job);
}

Dims codeDims(const Weight &weight, const QuantizationJob &job) {
  if (isConvolution(weight) && !isFlattened(weight, job))
    return Dims(weight.tensor->dims());
  return matrixDims(weight, job, job.layout.columns);
}

Dims scaleDims(const Weight &weight, const QuantizationJob &job) {
  if (job.isPerTensor)
    return {};
  if (!isBlocked(job))
    return {static_cast<int64_t>(job.layout.rows)};
  return matrixDims(weight, job, job.blocks());
}

} // namespace

Order denseOrder(const Weight &weight) {
  const bool hasProductsOnly = all_of(weight.uses, [](const WeightUse &use) {
    return use.kind == Kind::MatMulRight || use.kind == Kind::Gemm;
  });
  return hasProductsOnly ? Order::Columns : Order::Rows;
}

QuantizationJob denseJob(const Weight &weight, const WeightSettings &settings) {
  QuantizationJob job = jobFor(weight, settings);
  job.order = denseOrder(weight);
  job.coding = settings.isSigned() ? Coding::Signed : Coding::Unsigned;
  job.keepsZeroPoints = settings.mode == Mode::Asymmetric || !settings.isSigned();
  // ONNX has no padding, and no blocks that are longer than the axis.
  job.blockSize = std::min(job.blockSize, job.layout.columns);
  return job;
}

Expected<DenseWeight> DenseWeight::create(const Weight &weight, const QuantizationJob &job,
                                          const QuantizedWeight &quantized) {
  DenseWeight dense(weight, job);
  const std::string &name = weight.names.front();
  const ir::DataType type = codeType(job);
  const Dims blocks = scaleDims(weight, job);
  if (Error error =
          ir::Tensor::create(name + "_quantized", type, codeDims(weight, job), quantized.codes)
              .moveInto(dense.codes))
    return error;
  if (Error error =
          ir::Tensor::create(name + "_scale", job.grid.scaleType, blocks, quantized.scales)
              .moveInto(dense.scales))
    return error;
  if (job.keepsZeroPoints)
    if (Error error = ir::Tensor::create(name + "_zero_point", type, blocks, quantized.zeroPoints)
                          .moveInto(dense.zeroPoints))
      return error;
  return dense;
}

int64_t DenseWeight::opset(const Weight &weight, const QuantizationJob &job) {
  if (job.grid.bits == 2)
    return 25;
  if (job.grid.bits == 4 || isBlocked(job))
    return 21;
  // Scales were float before.
  return any_of(weight.uses, [](const auto &use) { return use.type == ir::DataType::Float16; })
             ? 19
             : 13;
}

ir::Value *DenseWeight::values(ir::DataType type, ComponentEditor &editor, Place place) const {
  SmallVector<ir::Value *, 3> operands = {
      editor.constant(codes, place.graph),
      editor.cast(editor.constant(scales, place.graph), scales->dataType(), type, place)};
  if (zeroPoints)
    operands.push_back(editor.constant(zeroPoints, place.graph));
  const auto rank = static_cast<int64_t>(codes->dims().size());
  SmallVector<NewAttribute, 2> attributes;
  if (isBlocked(job)) {
    attributes.push_back({"axis", job.order == Order::Columns ? rank - 2 : rank - 1});
    attributes.push_back({"block_size", static_cast<int64_t>(job.blockSize)});
  } else if (!job.isPerTensor) {
    attributes.push_back({"axis", isConvolution(weight)         ? 0
                                  : job.order == Order::Columns ? rank - 1
                                                                : rank - 2});
  }
  return editor.add({.op = "DequantizeLinear",
                     .inputs = operands,
                     .attributes = attributes,
                     .type = tensorType(type, codes->dims())},
                    place);
}

void DenseWeight::dequantize(const WeightUse &use, ComponentEditor &editor) const {
  // ONNX Runtime 1.31 fails to load a model when it fuses a node of a nested graph with a constant
  // from outside. What is dequantized outside it does not fuse.
  const Place place(*use.home, *use.node);
  // It dequantizes to float and float16 only.
  const ir::DataType type = use.type == ir::DataType::BFloat16 ? ir::DataType::Float32 : use.type;
  ir::Value *weightValues = values(type, editor, place);
  weightValues = editor.cast(weightValues, type, use.type, place);
  const ArrayRef<int64_t> dims = weight.tensor->dims();
  if (isFlattened(weight, job))
    weightValues = editor.add({.op = "Reshape",
                               .inputs = {weightValues, editor.integers(dims)},
                               .type = tensorType(use.type, dims)},
                              place);
  setWeightOperand(use, weightValues,
                   job.order == Order::Rows ? WeightOrder::Rows : WeightOrder::Columns, editor,
                   place);
}

} // namespace optrun::quantize
