// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// If, Loop and Scan: their bodies are walked like the graph around them, so that shapes computed
/// outside are known inside.

#include "ShapeWalk.h"
#include "TypeMessages.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>

namespace optrun::onnx {
namespace {

const ir::Graph *bodyOf(const ir::Node &node, llvm::StringRef attribute) {
  const ir::Attribute *found = node.attribute(attribute);
  const auto *graph = found ? std::get_if<std::unique_ptr<ir::Graph>>(&found->value) : nullptr;
  return graph ? graph->get() : nullptr;
}

/// \p type with a first dimension of \p extent more.
proto::TypeProto stacked(const proto::TypeProto *type, std::optional<int64_t> extent) {
  if (!type || !type->has_tensor_type())
    return {};
  proto::TypeProto result = scalarMessage(type->tensor_type().elem_type());
  if (!type->tensor_type().has_shape()) {
    result.mutable_tensor_type()->clear_shape();
    return result;
  }
  auto &shape = *result.mutable_tensor_type()->mutable_shape();
  auto &first = *shape.add_dim();
  if (extent)
    first.set_dim_value(*extent);
  for (const auto &dim : type->tensor_type().shape().dim())
    *shape.add_dim() = dim;
  return result;
}

} // namespace

void ShapeWalk::defineOptional(const ir::Value *value, const proto::TypeProto *type) {
  if (value && type)
    define(*value, *type);
}

std::optional<int64_t> ShapeWalk::numberOf(const ir::Value *value) const {
  const SmallTensor *tensor = valueOf(value);
  return tensor && tensor->values.size() == 1 ? std::optional(tensor->values[0]) : std::nullopt;
}

llvm::Error ShapeWalk::visitIf(const ir::Node &node) {
  std::optional<bool> condition;
  if (const std::optional<int64_t> number = numberOf(node.input(0)))
    condition = *number != 0;
  if (condition)
    result.conditions[&node] = *condition;

  llvm::SmallVector<const proto::TypeProto *, 4> chosen(node.outputs().size());
  for (bool isThen : {true, false}) {
    const ir::Graph *body = bodyOf(node, isThen ? "then_branch" : "else_branch");
    if (!body)
      continue;
    if (auto error = visitGraph(*body))
      return error;
    const bool isTaken = condition.value_or(isThen) == isThen;
    for (size_t index = 0; isTaken && index < std::min(chosen.size(), body->outputs().size());
         ++index) {
      const proto::TypeProto *type = typeOf(body->outputs()[index]);
      if (type && (!chosen[index] || (!hasKnownExtents(*chosen[index]) && hasKnownExtents(*type))))
        chosen[index] = type;
    }
  }
  for (auto [output, type] : llvm::zip_equal(node.outputs(), chosen))
    defineOptional(output, type);
  return llvm::Error::success();
}

/// The trip count is no more than a limit (while loops have 2^63 - 1 there) unless the condition
/// stays true. \p next: the body's.
std::optional<int64_t> ShapeWalk::iterationsOf(const ir::Node &loop, const ir::Value *next) const {
  constexpr unsigned Trips = 0, Condition = 1;
  const std::optional<int64_t> trips = numberOf(loop.input(Trips));
  const std::optional<int64_t> starts = loop.input(Condition) ? numberOf(loop.input(Condition)) : 1;
  if (starts == 0 || (trips && *trips <= 0))
    return 0;
  const std::optional<int64_t> goesOn = numberOf(next);
  if (!starts || !goesOn || (loop.input(Trips) && !trips))
    return std::nullopt;
  return *goesOn != 0 ? trips : 1;
}

/// Inputs: trip count, condition, carried values. Body: iteration, condition, carried values →
/// condition, carried values, values to stack.
llvm::Error ShapeWalk::visitLoop(const ir::Node &node) {
  const ir::Graph *body = bodyOf(node, "body");
  if (!body)
    return llvm::Error::success();
  constexpr unsigned Condition = 1, First = 2; // carried value
  for (unsigned index = 0; index < body->inputs().size(); ++index) {
    const ir::Value &input = *body->inputs()[index];
    const proto::TypeProto *initial = typeOf(node.input(index));
    if (index < First)
      define(input,
             scalarMessage(index == 0 ? proto::TensorProto::INT64 : proto::TensorProto::BOOL));
    else
      define(input, initial ? *initial : messageOf(input.type()));
    if (index == Condition) // else this round would not be
      values.try_emplace(&input, SmallTensor{proto::TensorProto::BOOL, {}, {1}});
  }
  if (auto error = visitGraph(*body))
    return error;
  const std::optional<int64_t> iterations =
      iterationsOf(node, body->outputs().empty() ? nullptr : body->outputs().front());
  if (iterations)
    result.iterations[&node] = *iterations;
  for (unsigned index = 0; index < node.outputs().size(); ++index) {
    const proto::TypeProto *type =
        index + 1 < body->outputs().size() ? typeOf(body->outputs()[index + 1]) : nullptr;
    if (index + First < node.numInputs())
      defineOptional(node.output(index), type);
    else if (node.output(index))
      define(*node.output(index), stacked(type, iterations));
  }
  return llvm::Error::success();
}

/// Inputs: states, then sequences; each round the body has the states and one element of each
/// sequence → states, values to stack.
llvm::Error ShapeWalk::visitScan(const ir::Node &node) {
  const ir::Graph *body = bodyOf(node, "body");
  if (!body)
    return llvm::Error::success();
  const auto sequences = static_cast<unsigned>(
      std::clamp<int64_t>(node.intAttribute("num_scan_inputs").value_or(0), 0, node.numInputs()));
  const unsigned states = node.numInputs() - sequences;
  const ir::Attribute *attribute = node.attribute("scan_input_axes");
  const auto *axes = attribute ? std::get_if<std::vector<int64_t>>(&attribute->value) : nullptr;
  std::optional<int64_t> iterations;
  for (unsigned index = 0; index < std::min<size_t>(body->inputs().size(), node.numInputs());
       ++index) {
    const ir::Value &input = *body->inputs()[index];
    const proto::TypeProto *given = typeOf(node.input(index));
    proto::TypeProto type = given ? *given : messageOf(input.type());
    if (index >= states && given && hasKnownExtents(*given)) {
      auto &shape = *type.mutable_tensor_type()->mutable_shape();
      const size_t position = index - states;
      int64_t axis = axes && position < axes->size() ? (*axes)[position] : 0;
      axis = axis < 0 ? axis + shape.dim_size() : axis;
      if (axis >= 0 && axis < shape.dim_size()) {
        iterations = std::max<int64_t>(shape.dim(static_cast<int>(axis)).dim_value(), 0);
        shape.mutable_dim()->DeleteSubrange(static_cast<int>(axis), 1);
      }
    }
    define(input, type);
  }
  if (iterations)
    result.iterations[&node] = *iterations;
  if (auto error = visitGraph(*body))
    return error;
  // Stacked along another axis than the first: the same bytes.
  for (unsigned index = 0; index < node.outputs().size(); ++index) {
    const proto::TypeProto *type =
        index < body->outputs().size() ? typeOf(body->outputs()[index]) : nullptr;
    if (index < states)
      defineOptional(node.output(index), type);
    else if (node.output(index))
      define(*node.output(index), stacked(type, iterations));
  }
  return llvm::Error::success();
}

} // namespace optrun::onnx
