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

/// Constants of this size matter to shape inference: shapes, axes and indices; of the floating ones
/// only those with a number for each dimension, such as the scales of Resize.
constexpr uint64_t InlineBytes = 4096, InlineFloatBytes = 64;

bool matters(const ir::Tensor &tensor) {
  switch (tensor.dataType()) {
  case ir::DataType::Float32:
  case ir::DataType::Float16:
  case ir::DataType::BFloat16:
    return tensor.byteSize() <= InlineFloatBytes;
  default:
    return tensor.byteSize() <= InlineBytes;
  }
}

/// Parses fields of a message as they come, so that its encoding is never in memory as a whole.
class FieldParser {
public:
  FieldParser(google::protobuf::MessageLite &message, const ir::Component &component)
      : message(message), component(component) {}

  llvm::Error add(const MessageBuilder &field) {
    if (auto error = appendTo(pending, field))
      return error;
    constexpr size_t PieceBytes = 64 << 10;
    return pending.size() < PieceBytes ? llvm::Error::success() : flush();
  }

  /// Must be called at the end.
  llvm::Error flush() {
    if (pending.size() > static_cast<size_t>(std::numeric_limits<int>::max()) ||
        !message.MergeFromString(pending))
      return makeError("the graph of '" + component.name +
                       "' is too large for the ONNX library, even without its weights");
    pending.clear();
    return llvm::Error::success();
  }

private:
  google::protobuf::MessageLite &message;
  const ir::Component &component;
  std::string pending;
};

google::protobuf::ArenaOptions arenaOptions() {
  google::protobuf::ArenaOptions options;
  options.max_block_size = 1 << 20;
  return options;
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

TensorPlacement placeForLibrary(const ir::Tensor &tensor, TensorRole role) {
  // The checker reads the indices of sparse tensors.
  if (matters(tensor) || role == TensorRole::SparseIndices)
    return {};
  // The checker takes names with this first character as data in memory and looks for no file.
  return {TensorPlacement::External, {"#optrun", 0, tensor.byteSize()}};
}

LibraryModel::LibraryModel()
    : arena(std::make_unique<google::protobuf::Arena>(arenaOptions())),
      model(google::protobuf::Arena::CreateMessage<proto::ModelProto>(arena.get())) {}

llvm::Expected<LibraryModel> makeLibraryModel(const ir::Component &component) {
  Encoder encoder(placeForLibrary);
  LibraryModel model;
  FieldParser outside(*model, component), graph(*model->mutable_graph(), component);
  MessageBuilder head;
  encoder.modelHead(component, head);
  auto error = outside.add(head);
  if (!error)
    error = encoder.forEachGraphField(
        component.graph, [&](const MessageBuilder &field) { return graph.add(field); });
  if (!error)
    error = graph.flush();
  if (!error)
    error = encoder.forEachFieldAfterGraph(
        component, [&](const MessageBuilder &field) { return outside.add(field); });
  if (!error)
    error = outside.flush();
  if (error)
    return error;
  ContribMover(*model).run();
  return model;
}

} // namespace optrun::onnx
