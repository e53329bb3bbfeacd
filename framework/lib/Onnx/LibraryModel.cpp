// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The writer's encoding, parsed by protobuf.

#include "LibraryModel.h"

#include "ContribSchemas.h"
#include "Encoder.h"
#include "PayloadCopy.h"

#include <limits>

namespace optrun::onnx {

namespace {

/// Constants of this size matter to shape inference (shapes, axes, indices).
constexpr uint64_t InlineBytes = 4096;

TensorPlacement placeForLibrary(const ir::Tensor &tensor, TensorRole role) {
  // The checker reads the indices of sparse tensors.
  if (tensor.byteSize() <= InlineBytes || role == TensorRole::SparseIndices)
    return {};
  // The checker takes names with this first character as data in memory and looks for no file.
  return {TensorPlacement::External, {"#optrun", 0, tensor.byteSize()}};
}

class ContribMover {
public:
  explicit ContribMover(proto::ModelProto &model) : model(model) {
    for (const auto &opset : model.opset_import())
      if (opset.domain().empty() || opset.domain() == "ai.onnx")
        version = static_cast<int>(opset.version());
  }

  void run() {
    for (proto::NodeProto &node : *model.mutable_graph()->mutable_node())
      visit(node);
    bool isImported = false;
    for (const auto &opset : model.opset_import())
      isImported |= opset.domain() == ContribDomain;
    if (hasMoved && !isImported) {
      proto::OperatorSetIdProto *opset = model.add_opset_import();
      opset->set_domain(ContribDomain.str());
      opset->set_version(1);
    }
  }

private:
  void visit(proto::NodeProto &node) {
    if (node.domain().empty() && isContribOperator(node.op_type()) &&
        !proto::OpSchemaRegistry::Instance()->GetSchema(node.op_type(), version, "")) {
      node.set_domain(ContribDomain.str());
      hasMoved = true;
    }
    for (proto::AttributeProto &attribute : *node.mutable_attribute()) {
      if (attribute.has_g())
        for (proto::NodeProto &inner : *attribute.mutable_g()->mutable_node())
          visit(inner);
      for (proto::GraphProto &graph : *attribute.mutable_graphs())
        for (proto::NodeProto &inner : *graph.mutable_node())
          visit(inner);
    }
  }

  proto::ModelProto &model;
  int version = 1;
  bool hasMoved = false;
};

} // namespace

llvm::Expected<proto::ModelProto> makeLibraryModel(const ir::Component &component) {
  Encoder encoder(placeForLibrary);
  std::string graph, bytes;
  auto error = encoder.forEachGraphField(
      component.graph, [&](const MessageBuilder &field) { return appendTo(graph, field); });
  if (error)
    return error;
  MessageBuilder head;
  encoder.modelHead(component, head);
  head.openField(proto::ModelProto::kGraphFieldNumber, graph.size());
  if (auto failure = appendTo(bytes, head))
    return failure;
  bytes += graph;
  graph = std::string();
  error = encoder.forEachFieldAfterGraph(
      component, [&](const MessageBuilder &field) { return appendTo(bytes, field); });
  if (error)
    return error;

  proto::ModelProto model;
  if (bytes.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
      !model.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return makeError("the graph of '" + component.name +
                     "' is too large for the ONNX library, even without its weights");
  ContribMover(model).run();
  return model;
}

} // namespace optrun::onnx
