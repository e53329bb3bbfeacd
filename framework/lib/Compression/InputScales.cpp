// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Looks for the scales of normalizations.

#include "optrun/Compression/InputScales.h"

#include "optrun/Compression/WeightReader.h"
#include "optrun/IR/Constants.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSwitch.h"

#include <cmath>

namespace optrun {
namespace {

/// The operand with the scale of a normalization along the last axis; nullopt for other operators.
std::optional<unsigned> scaleOperand(const ir::Node &node) {
  return llvm::StringSwitch<std::optional<unsigned>>(node.opType())
      .Cases("LayerNormalization", "SimplifiedLayerNormalization", "RMSNormalization", 1)
      .Cases("SkipLayerNormalization", "SkipSimplifiedLayerNormalization", 2)
      .Default(std::nullopt);
}

/// A constant with a number for each column, cast or not; null otherwise.
ir::TensorRef vectorBehind(const ir::Value *value, int64_t columns) {
  while (value && value->producer() && value->producer()->isOp("Cast"))
    value = value->producer()->input(0);
  if (!value || value->isInput())
    return nullptr;
  ir::TensorRef tensor = ir::constantOf(*value);
  return tensor && tensor->dims() == llvm::ArrayRef(columns) ? tensor : nullptr;
}

/// Null where there is none. The last axis of \p inputs has \p columns.
ir::TensorRef scaleOf(const ir::Value *inputs, int64_t columns) {
  while (inputs && inputs->producer()) {
    const ir::Node &node = *inputs->producer();
    if (const std::optional<unsigned> operand = scaleOperand(node))
      return vectorBehind(node.input(*operand), columns);
    const bool isSum = node.isOp("Add"), isProduct = node.isOp("Mul");
    if (!isSum && !isProduct && !node.isOp("Cast") && !node.isOp("Identity") &&
        !node.isOp("Reshape"))
      return nullptr;
    inputs = node.input(0);
    if (!isSum && !isProduct)
      continue;
    ir::TensorRef constant = vectorBehind(node.input(1), columns);
    if (!constant) {
      constant = vectorBehind(node.input(0), columns);
      inputs = node.input(1);
    }
    if (isProduct || !constant)
      return constant;
  }
  return nullptr;
}

/// Adds up the squares of \p scale, a vector of as many elements.
llvm::Error addSquares(const ir::TensorRef &scale, llvm::MutableArrayRef<float> sums) {
  std::vector<float> elements(sums.size());
  WeightReader::Buffer buffer;
  const MatrixLayout row = {1, 1, sums.size(), true};
  if (llvm::Error error = WeightReader(scale, row).read({0, 1, 0, sums.size()}, elements, buffer))
    return error;
  for (size_t column = 0; column != sums.size(); ++column)
    sums[column] += elements[column] * elements[column];
  return llvm::Error::success();
}

bool isReadable(const ir::Tensor &tensor) {
  return tensor.dataType() == ir::DataType::Float32 || tensor.dataType() == ir::DataType::Float16 ||
         tensor.dataType() == ir::DataType::BFloat16;
}

} // namespace

llvm::Expected<std::vector<float>> squaredInputScales(const Weight &weight) {
  std::vector<float> sums;
  for (const WeightUse &use : weight.uses) {
    if (use.component != weight.uses.back().component || use.kind == WeightUse::Kind::Gather)
      continue;
    const ir::TensorRef scale =
        scaleOf(multipliedInputs(use), static_cast<int64_t>(weight.layout.columns));
    if (!scale || !isReadable(*scale))
      return std::vector<float>();
    sums.resize(weight.layout.columns);
    if (llvm::Error error = addSquares(scale, sums))
      return error;
  }
  if (!llvm::all_of(sums, [](float each) { return std::isfinite(each); }))
    sums.clear();
  return sums;
}

} // namespace optrun
