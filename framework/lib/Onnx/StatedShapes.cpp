// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tools that edit a model may leave its value_info behind. The library believes it: it keeps what
/// is stated, silently. So inference runs once without; what it finds then follows from the inputs
/// and the weights.

#include "StatedShapes.h"

#include "TypeConversion.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::onnx {

namespace {

std::string textOf(const ir::Type &type) {
  std::string text;
  llvm::raw_string_ostream os(text);
  type.print(os);
  return text;
}

/// \p stated with the fixed extents of \p inferred where it has others; nullopt when it has none.
std::optional<ir::Type> corrected(ir::Type stated, const ir::Type &inferred) {
  if (!stated.isTensor() || !inferred.isTensor() || !stated.shape() || !inferred.shape() ||
      stated.shape()->size() != inferred.shape()->size())
    return std::nullopt;
  ir::Shape shape = *stated.shape();
  bool changed = false;
  for (auto [dimension, found] : llvm::zip_equal(shape, *inferred.shape()))
    if (dimension.extent && found.extent && *dimension.extent != *found.extent) {
      dimension.extent = found.extent;
      changed = true;
    }
  if (!changed)
    return std::nullopt;
  stated.setShape(std::move(shape));
  return stated;
}

} // namespace

bool statesExtents(const ir::Graph &graph) {
  return llvm::any_of(graph.values(), [](const std::unique_ptr<ir::Value> &value) {
    const std::optional<ir::Shape> &shape = value->type().shape();
    return value->hasValueInfo && value->producer() && shape &&
           llvm::any_of(*shape, [](const ir::Dimension &each) { return !!each.extent; });
  });
}

void dropStatedShapes(const ir::Graph &graph, proto::GraphProto &model) {
  model.clear_value_info();
  for (proto::ValueInfoProto &output : *model.mutable_output()) {
    const ir::Value *value = graph.findValue(output.name());
    if (value && value->producer() && output.type().has_tensor_type())
      output.mutable_type()->mutable_tensor_type()->clear_shape();
  }
}

void correctStatedShapes(ir::Graph &graph, const proto::GraphProto &model,
                         std::vector<std::string> &warnings) {
  constexpr size_t MaxWarnings = 5;
  size_t count = 0;
  for (const auto *infos : {&model.value_info(), &model.output()})
    for (const proto::ValueInfoProto &info : *infos) {
      ir::Value *value = graph.findValue(info.name());
      if (!value || !value->producer())
        continue;
      auto inferred = readType(info.type());
      if (!inferred) {
        llvm::consumeError(inferred.takeError());
        continue;
      }
      std::optional<ir::Type> type = corrected(value->type(), *inferred);
      if (!type)
        continue;
      if (++count <= MaxWarnings)
        warnings.push_back("the model says that '" + value->name().str() + "' is " +
                           textOf(value->type()) + ", but it is " + textOf(*type) +
                           "; the latter is used");
      value->setType(std::move(*type));
    }
  if (count > MaxWarnings)
    warnings.push_back("the model states wrong shapes for " + std::to_string(count - MaxWarnings) +
                       " more values");
}

} // namespace optrun::onnx
