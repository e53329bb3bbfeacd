// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Graphs, nodes, functions and models as messages. Fields come in the order of their numbers.

#include "Encoder.h"

#include "ProtoSupport.h"

namespace optrun::onnx {

namespace {

llvm::StringRef nameOf(const ir::Value *value) { return value ? value->name() : ""; }

void encodeOpsets(MessageBuilder &out, int field, const std::vector<ir::OpsetImport> &opsets) {
  for (const ir::OpsetImport &opset : opsets) {
    MessageBuilder entry;
    // Written even when empty, as every exporter does.
    entry.bytes(proto::OperatorSetIdProto::kDomainFieldNumber, opset.domain);
    entry.integer(proto::OperatorSetIdProto::kVersionFieldNumber, opset.version);
    out.message(field, entry);
  }
}

MessageBuilder encodeAnnotation(const ir::Value &value) {
  using Field = proto::TensorAnnotation;
  MessageBuilder out;
  out.bytes(Field::kTensorNameFieldNumber, value.name());
  encodeMetadata(out, Field::kQuantParameterTensorNamesFieldNumber, value.quantizationAnnotation);
  return out;
}

} // namespace

void encodeMetadata(MessageBuilder &out, int field, const ir::Metadata &metadata) {
  for (const auto &[key, value] : metadata) {
    MessageBuilder entry;
    entry.bytes(proto::StringStringEntryProto::kKeyFieldNumber, key);
    entry.bytes(proto::StringStringEntryProto::kValueFieldNumber, value);
    out.message(field, entry);
  }
}

MessageBuilder Encoder::node(const ir::Node &node) const {
  using Field = proto::NodeProto;
  constexpr size_t UsualBytes = 256; // mostly names
  MessageBuilder out;
  out.reserve(UsualBytes);
  for (const ir::Use &use : node.inputs())
    out.bytes(Field::kInputFieldNumber, nameOf(use.value()));
  for (const ir::Value *value : node.outputs())
    out.bytes(Field::kOutputFieldNumber, nameOf(value));
  out.text(Field::kNameFieldNumber, node.name);
  out.bytes(Field::kOpTypeFieldNumber, node.opType());
  for (const ir::Attribute &item : node.attributes())
    out.message(Field::kAttributeFieldNumber, attribute(item));
  out.text(Field::kDocStringFieldNumber, node.docString);
  out.text(Field::kDomainFieldNumber, node.domain());
  out.text(Field::kOverloadFieldNumber, node.overload());
  encodeMetadata(out, Field::kMetadataPropsFieldNumber, node.metadata);
  for (const std::string &configuration : node.deviceConfigurations)
    out.bytes(Field::kDeviceConfigurationsFieldNumber, configuration);
  return out;
}

MessageBuilder Encoder::valueInfo(const ir::Value &value) const {
  using Field = proto::ValueInfoProto;
  MessageBuilder out;
  out.bytes(Field::kNameFieldNumber, value.name());
  if (value.type().kind() != ir::Type::Kind::Unknown || !value.type().denotation.empty())
    out.message(Field::kTypeFieldNumber, encodeType(value.type()));
  out.text(Field::kDocStringFieldNumber, value.docString);
  encodeMetadata(out, Field::kMetadataPropsFieldNumber, value.metadata);
  return out;
}

llvm::Error Encoder::forEachGraphField(const ir::Graph &graph, Emit emit) const {
  using Field = proto::GraphProto;
  MessageBuilder out;
  auto flush = [&]() -> llvm::Error {
    auto error = emit(out);
    out.clear();
    return error;
  };
  auto emitMessage = [&](int field, const MessageBuilder &message) -> llvm::Error {
    out.message(field, message);
    return flush();
  };

  for (const ir::Node &item : graph.nodes())
    if (auto error = emitMessage(Field::kNodeFieldNumber, node(item)))
      return error;
  out.text(Field::kNameFieldNumber, graph.name);
  for (const ir::Value *value : graph.initializers())
    if (const ir::TensorRef &constant = value->tensor())
      if (auto error =
              emitMessage(Field::kInitializerFieldNumber, tensor(*constant, value->name())))
        return error;
  out.text(Field::kDocStringFieldNumber, graph.docString);
  for (const ir::Value *value : graph.inputs())
    out.message(Field::kInputFieldNumber, valueInfo(*value));
  for (const ir::Value *value : graph.outputs())
    out.message(Field::kOutputFieldNumber, valueInfo(*value));
  for (const auto &value : graph.values())
    if (value->hasValueInfo)
      if (auto error = emitMessage(Field::kValueInfoFieldNumber, valueInfo(*value)))
        return error;
  for (const auto &value : graph.values())
    if (!value->quantizationAnnotation.empty())
      if (auto error =
              emitMessage(Field::kQuantizationAnnotationFieldNumber, encodeAnnotation(*value)))
        return error;
  for (const ir::Value *value : graph.initializers())
    if (const ir::SparseTensor *sparse = value->sparseTensor())
      if (auto error = emitMessage(Field::kSparseInitializerFieldNumber,
                                   sparseTensor(*sparse, value->name())))
        return error;
  encodeMetadata(out, Field::kMetadataPropsFieldNumber, graph.metadata);
  return flush();
}

MessageBuilder Encoder::graph(const ir::Graph &graph) const {
  MessageBuilder out;
  llvm::cantFail(forEachGraphField(graph, [&](const MessageBuilder &field) {
    out.append(field);
    return llvm::Error::success();
  }));
  return out;
}

MessageBuilder Encoder::function(const ir::Function &function) const {
  using Field = proto::FunctionProto;
  MessageBuilder out;
  out.bytes(Field::kNameFieldNumber, function.name);
  for (const ir::Value *value : function.body.inputs())
    out.bytes(Field::kInputFieldNumber, value->name());
  for (const ir::Value *value : function.body.outputs())
    out.bytes(Field::kOutputFieldNumber, value->name());
  for (const std::string &name : function.attributes)
    out.bytes(Field::kAttributeFieldNumber, name);
  for (const ir::Node &item : function.body.nodes())
    out.message(Field::kNodeFieldNumber, node(item));
  out.text(Field::kDocStringFieldNumber, function.docString);
  encodeOpsets(out, Field::kOpsetImportFieldNumber, function.opsets);
  out.text(Field::kDomainFieldNumber, function.domain);
  for (const ir::Attribute &item : function.attributesWithDefaults)
    out.message(Field::kAttributeProtoFieldNumber, attribute(item));
  for (const auto &value : function.body.values())
    if (value->hasValueInfo)
      out.message(Field::kValueInfoFieldNumber, valueInfo(*value));
  out.text(Field::kOverloadFieldNumber, function.overload);
  encodeMetadata(out, Field::kMetadataPropsFieldNumber, function.metadata);
  return out;
}

void Encoder::modelHead(const ir::Component &component, MessageBuilder &out) const {
  using Field = proto::ModelProto;
  out.integer(Field::kIrVersionFieldNumber, component.irVersion);
  out.text(Field::kProducerNameFieldNumber, component.producerName);
  out.text(Field::kProducerVersionFieldNumber, component.producerVersion);
  out.text(Field::kDomainFieldNumber, component.domain);
  if (component.modelVersion != 0)
    out.integer(Field::kModelVersionFieldNumber, component.modelVersion);
  out.text(Field::kDocStringFieldNumber, component.docString);
}

llvm::Error Encoder::forEachFieldAfterGraph(const ir::Component &component, Emit emit) const {
  using Field = proto::ModelProto;
  MessageBuilder out;
  encodeOpsets(out, Field::kOpsetImportFieldNumber, component.opsets);
  encodeMetadata(out, Field::kMetadataPropsFieldNumber, component.metadata);
  for (const std::string &info : component.trainingInfo)
    out.bytes(Field::kTrainingInfoFieldNumber, info);
  for (const auto &item : component.functions) {
    out.message(Field::kFunctionsFieldNumber, function(*item));
    if (auto error = emit(out))
      return error;
    out.clear();
  }
  for (const std::string &configuration : component.deviceConfigurations)
    out.bytes(Field::kConfigurationFieldNumber, configuration);
  return emit(out);
}

} // namespace optrun::onnx
