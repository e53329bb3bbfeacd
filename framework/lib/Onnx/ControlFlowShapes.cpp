// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// If, Loop and Scan: their bodies are walked like the graph around them, so that shapes computed
/// outside are known inside.

#include "ShapeWalk.h"

#include <algorithm>

namespace optrun::onnx {
namespace {

proto::GraphProto *bodyOf(proto::NodeProto &message, llvm::StringRef attribute) {
  for (proto::AttributeProto &each : *message.mutable_attribute())
    if (each.name() == attribute && each.has_g())
      return each.mutable_g();
  return nullptr;
}

const ir::Graph *bodyOf(const ir::Node &node, llvm::StringRef attribute) {
  const ir::Attribute *found = node.attribute(attribute);
  const auto *graph = found ? std::get_if<std::unique_ptr<ir::Graph>>(&found->value) : nullptr;
  return graph ? graph->get() : nullptr;
}

proto::TypeProto tensorType(int32_t element) {
  proto::TypeProto type;
  type.mutable_tensor_type()->set_elem_type(element);
  type.mutable_tensor_type()->mutable_shape();
  return type;
}

bool isKnown(const proto::TypeProto *type) {
  if (!type || !type->has_tensor_type() || !type->tensor_type().has_shape())
    return false;
  for (const auto &dim : type->tensor_type().shape().dim())
    if (!dim.has_dim_value())
      return false;
  return true;
}

/// \p type with a first dimension of \p extent more.
proto::TypeProto stacked(const proto::TypeProto *type, std::optional<int64_t> extent) {
  if (!type || !type->has_tensor_type())
    return {};
  proto::TypeProto result = tensorType(type->tensor_type().elem_type());
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

bool ShapeWalk::visitControlFlow(const ir::Node &node, proto::NodeProto &message) {
  if (node.isOp("If"))
    visitIf(node, message);
  else if (node.isOp("Loop"))
    visitLoop(node, message);
  else if (node.isOp("Scan") && node.attribute("num_scan_inputs"))
    visitScan(node, message);
  else
    return false;
  return true;
}

void ShapeWalk::visitIf(const ir::Node &node, proto::NodeProto &message) {
  std::optional<bool> condition;
  if (message.input_size() > 0)
    if (const SmallTensor *value = valueOf(message.input(0)); value && value->values.size() == 1)
      condition = value->values[0] != 0;
  if (condition)
    result.conditions[&node] = *condition;

  std::vector<std::optional<proto::TypeProto>> chosen(static_cast<size_t>(message.output_size()));
  for (bool isThen : {true, false}) {
    const char *name = isThen ? "then_branch" : "else_branch";
    proto::GraphProto *body = bodyOf(message, name);
    const ir::Graph *graph = bodyOf(node, name);
    if (!body || !graph)
      continue;
    visitGraph(*graph, *body);
    const bool isTaken = condition.value_or(isThen) == isThen;
    for (int index = 0; isTaken && index < std::min(message.output_size(), body->output_size());
         ++index) {
      const proto::TypeProto *type = typeOf(body->output(index).name());
      auto &choice = chosen[static_cast<size_t>(index)];
      if (type && (!choice || (!isKnown(&*choice) && isKnown(type))))
        choice = *type;
    }
  }
  for (int index = 0; index < message.output_size(); ++index)
    if (!message.output(index).empty())
      define(message.output(index),
             chosen[static_cast<size_t>(index)].value_or(proto::TypeProto()));
}

/// Inputs: trip count, condition, carried values. Body: iteration, condition, carried values →
/// condition, carried values, values to stack.
void ShapeWalk::visitLoop(const ir::Node &node, proto::NodeProto &message) {
  proto::GraphProto *body = bodyOf(message, "body");
  const ir::Graph *graph = bodyOf(node, "body");
  if (!body || !graph)
    return;
  std::optional<int64_t> iterations;
  if (message.input_size() > 0)
    if (const SmallTensor *trips = valueOf(message.input(0)); trips && trips->values.size() == 1)
      iterations = std::max<int64_t>(trips->values[0], 0);
  if (iterations)
    result.iterations[&node] = *iterations;

  const int carried = std::max(message.input_size() - 2, 0);
  for (int index = 0; index < body->input_size(); ++index) {
    proto::TypeProto type =
        tensorType(index == 0 ? proto::TensorProto::INT64 : proto::TensorProto::BOOL);
    if (index >= 2) {
      const proto::TypeProto *initial =
          index < message.input_size() ? typeOf(message.input(index)) : nullptr;
      type = initial ? *initial : body->input(index).type();
    }
    define(body->input(index).name(), type);
  }
  visitGraph(*graph, *body);
  for (int index = 0; index < message.output_size(); ++index) {
    const proto::TypeProto *type =
        index + 1 < body->output_size() ? typeOf(body->output(index + 1).name()) : nullptr;
    if (!message.output(index).empty())
      define(message.output(index),
             index < carried ? (type ? *type : proto::TypeProto()) : stacked(type, iterations));
  }
}

/// Inputs: states, then sequences; each round the body has the states and one element of each
/// sequence → states, values to stack.
void ShapeWalk::visitScan(const ir::Node &node, proto::NodeProto &message) {
  proto::GraphProto *body = bodyOf(message, "body");
  const ir::Graph *graph = bodyOf(node, "body");
  const int sequences = static_cast<int>(std::clamp<int64_t>(
      node.intAttribute("num_scan_inputs").value_or(0), 0, message.input_size()));
  if (!body || !graph)
    return;
  const int states = message.input_size() - sequences;
  const ir::Attribute *attribute = node.attribute("scan_input_axes");
  const auto *axes = attribute ? std::get_if<std::vector<int64_t>>(&attribute->value) : nullptr;
  std::optional<int64_t> iterations;
  for (int index = 0; index < std::min(body->input_size(), message.input_size()); ++index) {
    const proto::TypeProto *given = typeOf(message.input(index));
    proto::TypeProto type = given ? *given : body->input(index).type();
    if (index >= states && isKnown(given)) {
      const auto &shape = given->tensor_type().shape();
      const auto position = static_cast<size_t>(index - states);
      int64_t axis = axes && position < axes->size() ? (*axes)[position] : 0;
      axis = axis < 0 ? axis + shape.dim_size() : axis;
      if (axis >= 0 && axis < shape.dim_size()) {
        iterations = shape.dim(static_cast<int>(axis)).dim_value();
        type.mutable_tensor_type()->mutable_shape()->mutable_dim()->DeleteSubrange(
            static_cast<int>(axis), 1);
      }
    }
    define(body->input(index).name(), type);
  }
  if (iterations)
    result.iterations[&node] = *iterations;
  visitGraph(*graph, *body);
  // Stacked along another axis than the first: the same bytes.
  for (int index = 0; index < message.output_size(); ++index) {
    const proto::TypeProto *type =
        index < body->output_size() ? typeOf(body->output(index).name()) : nullptr;
    if (!message.output(index).empty())
      define(message.output(index),
             index < states ? (type ? *type : proto::TypeProto()) : stacked(type, iterations));
  }
}

} // namespace optrun::onnx
