// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Makes a node's message of what inference looks at: no documentation, no metadata.

#include "NodeMessages.h"

#include "IR/NestedUses.h"
#include "LibraryModel.h"
#include "PayloadCopy.h"

namespace optrun::onnx {
namespace {

std::string nameOf(const ir::Value *value) { return value ? value->name().str() : std::string(); }

} // namespace

llvm::Expected<NodeMessages>
NodeMessages::make(const ir::Node &node, llvm::function_ref<Known(const ir::Value &)> known) {
  NodeMessages result;
  proto::NodeProto &message = result.node;
  message.set_op_type(node.opType().str());
  message.set_domain(node.domain().str());
  message.set_name(node.name);
  for (const ir::Use &use : node.inputs())
    message.add_input(nameOf(use.value()));
  for (const ir::Value *value : node.outputs())
    message.add_output(nameOf(value));
  const Encoder encoder(placeForLibrary);
  for (const ir::Attribute &attribute : node.attributes()) {
    std::string bytes;
    if (auto error = appendTo(bytes, encoder.attribute(attribute)))
      return error;
    proto::AttributeProto &encoded = *message.add_attribute();
    if (!encoded.ParseFromString(bytes))
      return makeError(ir::describe(node) + " is too large for the ONNX library");
    result.hasGraphs |= encoded.has_g() || encoded.graphs_size() > 0;
  }

  auto tell = [&](const ir::Value &value) {
    const Known facts = known(value);
    if (facts.type)
      result.types.try_emplace(value.name().str(), facts.type);
    if (facts.constant)
      result.constants.try_emplace(value.name().str(), facts.constant);
    if (facts.partialValue)
      result.partialValues.try_emplace(value.name().str(), *facts.partialValue);
  };
  for (const ir::Use &use : node.inputs())
    if (use.value())
      tell(*use.value());
  if (result.hasGraphs)
    for (const ir::Value *value : ir::capturedValues(node))
      tell(*value);
  return result;
}

} // namespace optrun::onnx
