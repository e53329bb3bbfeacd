// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX Runtime's own operators on weights in blocks: MatMulNBits and GatherBlockQuantized. Both
/// take the same bytes, so that tied embeddings are stored once.

#include "forms/Form.h"
#include "forms/Product.h"

#include "optrun/Transforms/OpsetConversion.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::quantize {
namespace {

using Kind = WeightUse::Kind;

bool hasOperator(const WeightUse &use) {
  if (use.type == ir::DataType::BFloat16)
    return false;
  switch (use.kind) {
  case Kind::MatMulRight:
  case Kind::Gather:
    return true;
  case Kind::Gemm:
    return isPlainProduct(use);
  case Kind::MatMulLeft:
  case Kind::Conv:
  case Kind::Recurrent:
    return false;
  }
  llvm_unreachable("all kinds are listed");
}

bool isVector(const ir::Value &value, int64_t extent) {
  if (const ir::TensorRef &tensor = value.tensor())
    return tensor->dims() == ArrayRef(extent);
  const std::optional<ir::Shape> &shape = value.type().shape();
  return shape && shape->size() == 1 && shape->front().extent == extent;
}

/// One weight and its constants.
class Rewriter {
public:
  Rewriter(const QuantizationJob &job, int64_t accuracyLevel)
      : job(job), accuracyLevel(accuracyLevel), rows(static_cast<int64_t>(job.layout.rows)),
        columns(static_cast<int64_t>(job.layout.columns)),
        blocks(static_cast<int64_t>(job.blocks())),
        padded(static_cast<int64_t>(job.paddedColumns())) {}

  Error createTensors(const Weight &weight, const QuantizedWeight &quantized) {
    const std::string &name = weight.names.front();
    const int64_t rowBytes = padded / 8 * job.grid.bits;
    auto create = [&](const char *suffix, ir::DataType type, ir::Tensor::Dims dims,
                      const ir::TensorSourceRef &source, ir::TensorRef &tensor) {
      return ir::Tensor::create(name + suffix, type, std::move(dims), source).moveInto(tensor);
    };
    if (Error error = create("_quantized", ir::DataType::UInt8, {rows, blocks, rowBytes / blocks},
                             quantized.codes, blockCodes))
      return error;
    if (Error error = create("_quantized_rows", ir::DataType::UInt8, {rows, rowBytes},
                             quantized.codes, rowCodes))
      return error;
    if (Error error =
            create("_scale", job.grid.scaleType, {rows, blocks}, quantized.scales, scales))
      return error;
    if (!job.keepsZeroPoints)
      return Error::success();
    const auto zeroBytes = static_cast<int64_t>(packedSize(job.blocks(), job.grid.bits));
    return create("_zero_point", ir::DataType::UInt8, {rows, zeroBytes}, quantized.zeroPoints,
                  zeroPoints);
  }

  void rewrite(const WeightUse &use, ComponentEditor &editor) const {
    // What both operators read comes first, so that the order is the same in a component that has
    // one of them.
    editor.constant(scales, *use.home);
    if (zeroPoints)
      editor.constant(zeroPoints, *use.home);
    if (use.kind == Kind::Gather)
      gather(use, editor);
    else
      multiply(use, editor);
  }

private:
  void multiply(const WeightUse &use, ComponentEditor &editor) const {
    ir::Node &node = *use.node;
    SmallVector<ir::Value *, 6> operands = {
        node.input(0), editor.constant(blockCodes, *use.home),
        editor.cast(editor.constant(scales, *use.home), scales->dataType(), use.type, node)};
    ir::Value *added = addend(use);
    const bool takesBias = added && isVector(*added, rows);
    if (zeroPoints || takesBias)
      operands.push_back(zeroPoints ? editor.constant(zeroPoints, *use.home) : nullptr);
    if (takesBias)
      operands.append({/*g_idx=*/nullptr, added});
    SmallVector<NewAttribute, 5> attributes = {{"K", columns},
                                               {"N", rows},
                                               {"bits", int64_t{job.grid.bits}},
                                               {"block_size", static_cast<int64_t>(job.blockSize)}};
    if (accuracyLevel != 0)
      attributes.push_back({"accuracy_level", accuracyLevel});
    NewNode product = {.domain = Microsoft,
                       .op = "MatMulNBits",
                       .inputs = operands,
                       .attributes = attributes,
                       .type = node.output(0)->type()};
    if (!added || takesBias)
      return editor.replace(node, product);
    ir::Value *sum = editor.add(product, node);
    editor.replace(node, {.op = "Add", .inputs = {sum, added}});
  }

  /// Rows with their padding, which is cut off.
  void gather(const WeightUse &use, ComponentEditor &editor) const {
    ir::Node &node = *use.node;
    SmallVector<ir::Value *, 4> operands = {
        editor.constant(rowCodes, *use.home), node.input(1),
        editor.cast(editor.constant(scales, *use.home), scales->dataType(), use.type, node)};
    if (zeroPoints)
      operands.push_back(editor.constant(zeroPoints, *use.home));
    const SmallVector<NewAttribute, 4> attributes = {
        {"bits", int64_t{job.grid.bits}},
        {"block_size", static_cast<int64_t>(job.blockSize)},
        {"gather_axis", int64_t{0}},
        {"quantize_axis", int64_t{1}}};
    NewNode rowsOf = {.domain = Microsoft,
                      .op = "GatherBlockQuantized",
                      .inputs = operands,
                      .attributes = attributes,
                      .type = ir::Type::tensor(use.type)};
    if (padded == columns)
      return editor.replace(node, rowsOf);
    ir::Value *paddedRows = editor.add(rowsOf, node);
    editor.replace(node, {.op = "Slice",
                          .inputs = {paddedRows, editor.integers({0}), editor.integers({columns}),
                                     editor.integers({-1})}});
  }

  const QuantizationJob &job;
  int64_t accuracyLevel, rows, columns, blocks, padded;
  ir::TensorRef blockCodes, rowCodes; // the same bytes
  ir::TensorRef scales, zeroPoints;   // zeroPoints may be null
};

class OperatorForm final : public Form {
public:
  explicit OperatorForm(int64_t accuracyLevel) : accuracyLevel(accuracyLevel) {}

  bool takes(const Weight &weight, const WeightSettings &settings) const override {
    return settings.granularity == Granularity::PerBlock && weight.tensor->dims().size() == 2 &&
           all_of(weight.uses, hasOperator);
  }

  QuantizationJob job(const Weight &weight, const WeightSettings &settings) const override {
    QuantizationJob job = jobFor(weight, settings);
    job.order = Order::PaddedRows;
    job.coding = Coding::Unsigned;
    // Without them, both operators take the middle of the codes.
    job.keepsZeroPoints = settings.mode == Mode::Asymmetric;
    return job;
  }

  int64_t opset(const Weight &, const QuantizationJob &) const override {
    return OldestTargetOpset; // Slice has operands from 10 on
  }

  Error rewrite(const Weight &weight, llvm::ArrayRef<WeightUse> uses, const QuantizationJob &job,
                const QuantizedWeight &quantized, ComponentEditor &editor) const override {
    Rewriter rewriter(job, accuracyLevel);
    if (Error error = rewriter.createTensors(weight, quantized))
      return error;
    for (const WeightUse &use : uses)
      rewriter.rewrite(use, editor);
    return Error::success();
  }

private:
  int64_t accuracyLevel;
};

} // namespace

std::unique_ptr<Form> makeOperatorForm(int64_t accuracyLevel) {
  return std::make_unique<OperatorForm>(accuracyLevel);
}

} // namespace optrun::quantize
