// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Roles of inputs, from names and from the graph.

#include "optrun/Analysis/InputDescription.h"

#include "IndexTables.h"

using namespace llvm;

namespace optrun {
namespace {

InputRole roleOf(const InputDescription &input) {
  std::string lower = StringRef(input.name).lower();
  StringRef name = lower;
  if (name.contains("mask"))
    return InputRole::Mask;
  if (input.type == ir::DataType::Bool)
    return name.contains("use_cache") || name.contains("past") ? InputRole::UsePast
                                                               : InputRole::Values;
  constexpr size_t LeastPastRank = 3;
  if (isFloatingPoint(input.type))
    return input.shape.size() >= LeastPastRank && (name.contains("past") || name.contains("cache"))
               ? InputRole::Past
               : InputRole::Values;
  if (name.contains("position"))
    return InputRole::Positions;
  return input.rows ? InputRole::Indices : InputRole::Values;
}

} // namespace

std::optional<int64_t> countOwnPositions(const ir::Component &model) {
  std::optional<int64_t> least;
  for (const ir::Node &node : model.graph.nodes()) {
    const bool fromOne = node.isOp("CumSum");
    if ((!fromOne && !node.isOp("Range")) || !node.output(0))
      continue;
    std::optional<int64_t> rows = countIndexableRows(model, *node.output(0));
    if (rows && fromOne)
      --*rows;
    if (rows && *rows > 0)
      least = std::min(least.value_or(*rows), *rows);
  }
  return least;
}

std::vector<InputDescription> describeInputs(const ir::Component &model) {
  std::vector<InputDescription> inputs;
  for (const ir::Value *value : model.graph.inputs()) {
    if (value->isInitializer())
      continue;
    const ir::Type &type = value->type();
    if (!type.isTensor() || type.elementType() == ir::DataType::Undefined || !type.shape())
      continue;
    InputDescription input;
    input.name = value->name().str();
    input.type = type.elementType();
    input.shape = *type.shape();
    if (!isFloatingPoint(input.type))
      input.rows = countIndexableRows(model, *value);
    input.role = roleOf(input);
    inputs.push_back(std::move(input));
  }
  return inputs;
}

} // namespace optrun
