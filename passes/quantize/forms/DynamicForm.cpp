// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Products in 8-bit integers, as ONNX Runtime's quantize_dynamic writes them.

#include "forms/DenseWeight.h"
#include "forms/Product.h"

#include "llvm/ADT/STLExtras.h"

using namespace llvm;

namespace optrun::quantize {
namespace {

bool isIntegerProduct(const WeightUse &use) {
  return isPlainProduct(use) && use.type != ir::DataType::BFloat16;
}

/// Activations as integers: value = (integer - zeroPoint) * scale.
struct QuantizedActivations {
  ir::Value *integers, *scale, *zeroPoint;
};

QuantizedActivations quantizeActivations(const WeightUse &use, ComponentEditor &editor) {
  ir::Node &node = *use.node;
  ir::Value *values = node.input(0);
  if (use.type == ir::DataType::Float32)
    if (const ir::Node *known = editor.findBehind(*values, "DynamicQuantizeLinear"))
      return {known->output(0), known->output(1), known->output(2)}; // for another weight
  const ir::Type scalar = tensorType(ir::DataType::Float32, {});
  const ir::Type types[] = {ir::Type::tensor(ir::DataType::UInt8, values->type().shape()), scalar,
                            tensorType(ir::DataType::UInt8, {})};
  ir::Value *floats = editor.cast(values, use.type, ir::DataType::Float32, node);
  const auto outputs =
      editor.addBehind(*floats, {.op = "DynamicQuantizeLinear", .inputs = {floats}}, types, node);
  return {outputs[0], outputs[1], outputs[2]};
}

ir::Value *turned(ir::Value *matrix, const ir::TensorRef &tensor, ComponentEditor &editor,
                  ir::Node &place) {
  return editor.add(
      {.op = "Transpose",
       .inputs = {matrix},
       .attributes = {{"perm", std::vector<int64_t>{1, 0}}},
       .type = tensorType(tensor->dataType(), {tensor->dims()[1], tensor->dims()[0]})},
      place);
}

void multiply(const DenseWeight &weight, Order order, const WeightUse &use,
              ComponentEditor &editor) {
  ir::Node &node = *use.node;
  const std::optional<ir::Shape> shape = node.output(0)->type().shape();
  const ir::Type floats = ir::Type::tensor(ir::DataType::Float32, shape);
  const QuantizedActivations activations = quantizeActivations(use, editor);

  ir::Value *codes = editor.constant(weight.codes, *use.home);
  if (order == Order::Rows)
    codes = turned(codes, weight.codes, editor, node);
  SmallVector<ir::Value *, 4> operands = {activations.integers, codes, activations.zeroPoint};
  if (weight.zeroPoints)
    operands.push_back(editor.constant(weight.zeroPoints, *use.home));
  ir::Value *product = editor.add({.op = "MatMulInteger",
                                   .inputs = operands,
                                   .type = ir::Type::tensor(ir::DataType::Int32, shape)},
                                  node);
  product = editor.cast(product, ir::DataType::Int32, ir::DataType::Float32, node);

  ir::Value *scales = editor.cast(editor.constant(weight.scales, *use.home),
                                  weight.scales->dataType(), ir::DataType::Float32, node);
  scales = editor.add({.op = "Mul",
                       .inputs = {activations.scale, scales},
                       .type = tensorType(ir::DataType::Float32, weight.scales->dims())},
                      node);
  ir::Value *added = addend(use);
  if (use.type == ir::DataType::Float32 && !added)
    return editor.replace(node, {.op = "Mul", .inputs = {product, scales}});
  product = editor.add({.op = "Mul", .inputs = {product, scales}, .type = floats}, node);
  if (!added)
    return editor.replace(node, {.op = "Cast",
                                 .inputs = {product},
                                 .attributes = {{"to", static_cast<int64_t>(use.type)}}});
  product = editor.cast(product, ir::DataType::Float32, use.type, node);
  editor.replace(node, {.op = "Add", .inputs = {product, added}});
}

class DynamicForm final : public Form {
public:
  bool takes(const Weight &weight, const WeightSettings &) const override {
    return weight.tensor->dims().size() == 2 && any_of(weight.uses, isIntegerProduct);
  }

  QuantizationJob job(const Weight &weight, const WeightSettings &settings) const override {
    return denseJob(weight, settings);
  }

  int64_t opset(const Weight &weight, const QuantizationJob &job) const override {
    return std::max<int64_t>(11, DenseWeight::opset(weight, job)); // DynamicQuantizeLinear
  }

  Error rewrite(const Weight &weight, llvm::ArrayRef<WeightUse> uses, const QuantizationJob &job,
                const QuantizedWeight &quantized, ComponentEditor &editor) const override {
    Expected<DenseWeight> dense = DenseWeight::create(weight, job, quantized);
    if (!dense)
      return dense.takeError();
    for (const WeightUse &use : uses)
      if (isIntegerProduct(use))
        multiply(*dense, job.order, use, editor);
      else
        dense->dequantize(use, editor);
    return Error::success();
  }
};

} // namespace

std::unique_ptr<Form> makeDynamicForm() { return std::make_unique<DynamicForm>(); }

} // namespace optrun::quantize
