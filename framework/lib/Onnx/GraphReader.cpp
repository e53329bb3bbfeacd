// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A file holds the nodes of a graph before its inputs and initializers, so a graph is walked once
/// to find its parts, which are then read in the order in which names are defined.

#include "GraphReader.h"

#include "AttributeReader.h"
#include "TensorReader.h"
#include "TypeConversion.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::onnx {

namespace {

/// Where the repeated parts of a graph lie.
struct GraphParts {
  std::vector<Bytes> nodes, initializers, sparseInitializers, inputs, outputs, valueInfos,
      annotations;

  std::vector<Bytes> *list(uint32_t field) {
    switch (field) {
    case proto::GraphProto::kNodeFieldNumber:
      return &nodes;
    case proto::GraphProto::kInitializerFieldNumber:
      return &initializers;
    case proto::GraphProto::kSparseInitializerFieldNumber:
      return &sparseInitializers;
    case proto::GraphProto::kInputFieldNumber:
      return &inputs;
    case proto::GraphProto::kOutputFieldNumber:
      return &outputs;
    case proto::GraphProto::kValueInfoFieldNumber:
      return &valueInfos;
    case proto::GraphProto::kQuantizationAnnotationFieldNumber:
      return &annotations;
    default:
      return nullptr;
    }
  }
};

bool isDefined(const ir::Value &value) {
  return value.producer() || value.isInput() || value.isInitializer();
}

std::string quoted(const llvm::Twine &name) { return ("'" + name + "'").str(); }

std::string labelOf(const proto::NodeProto &node) {
  return "node " + quoted(node.name()) + " (" + node.op_type() + ")";
}

} // namespace

GraphReader::GraphReader(ReadContext &context, ir::Graph &graph, GraphReader *outer)
    : context(context), graph(graph), outer(outer) {}

llvm::Error GraphReader::read(Bytes message) {
  if (graph.depth() > ir::Graph::MaxDepth)
    return context.errorAt(message, "graphs are nested more than " +
                                        llvm::Twine(ir::Graph::MaxDepth) + " levels deep");
  GraphParts parts;
  proto::GraphProto header;
  if (auto error = readHeader(context, message, header, "a graph",
                              [&](uint32_t field) { return parts.list(field); }))
    return error;
  graph.name = header.name();
  graph.docString = header.doc_string();
  graph.metadata = readMetadata(context, header.metadata_props());

  using Step = llvm::Error (GraphReader::*)(Bytes);
  const std::pair<const std::vector<Bytes> &, Step> steps[] = {
      {parts.inputs, &GraphReader::readInput},
      {parts.initializers, &GraphReader::readInitializer},
      {parts.sparseInitializers, &GraphReader::readSparseInitializer},
      {parts.nodes, &GraphReader::readNode},
      {parts.outputs, &GraphReader::readOutput},
      {parts.valueInfos, &GraphReader::readValueInfo},
      {parts.annotations, &GraphReader::readAnnotation}};
  for (auto [list, step] : steps)
    for (Bytes part : list)
      if (auto error = (this->*step)(part))
        return error;
  return finish();
}

llvm::Expected<proto::ValueInfoProto> GraphReader::parseValueInfo(Bytes message,
                                                                  llvm::StringRef what) const {
  proto::ValueInfoProto info;
  if (auto error = context.parse(info, message, what))
    return error;
  if (info.name().empty())
    return context.errorAt(message, what + " has no name");
  return info;
}

/// Takes over what is known about a value. The first type stays: a graph's inputs and outputs come
/// before value_info.
llvm::Error GraphReader::describe(ir::Value &value, const proto::ValueInfoProto &info,
                                  Bytes where) {
  context.warnUnknownFields(info);
  auto type = readType(info.type(), [&](const std::string &message, int field) {
    context.warnUnknownField(message, field);
  });
  if (!type)
    return context.errorAt(where,
                           "value '" + info.name() + "': " + llvm::toString(type.takeError()));
  if (value.type().kind() == ir::Type::Kind::Unknown)
    value.setType(std::move(*type));
  else if (type->kind() != ir::Type::Kind::Unknown && !(value.type() == *type) &&
           !value.isInitializer())
    context.warn("a value is declared with two types; the first one stays",
                 " ('" + info.name() + "')");
  if (value.docString.empty())
    value.docString = info.doc_string();
  if (value.metadata.empty())
    value.metadata = readMetadata(context, info.metadata_props());
  return llvm::Error::success();
}

llvm::Expected<ir::Value *> GraphReader::declareInput(const std::string &name, Bytes where) {
  if (name.empty())
    return context.errorAt(where, "an input has no name");
  if (graph.findValue(name))
    return context.errorAt(where, "input " + quoted(name) + " is declared twice");
  auto value = graph.addValue(name);
  if (value)
    graph.markInput(**value);
  return value;
}

llvm::Error GraphReader::readInput(Bytes message) {
  auto info = parseValueInfo(message, "an input");
  if (!info)
    return info.takeError();
  auto value = declareInput(info->name(), message);
  return value ? describe(**value, *info, message) : value.takeError();
}

llvm::Expected<ir::Value *> GraphReader::initializerValue(llvm::StringRef name, Bytes where) {
  if (name.empty())
    return context.errorAt(where, "an initializer has no name");
  ir::Value *value = graph.findValue(name);
  if (!value)
    return graph.addValue(name);
  if (value->isInitializer())
    return context.errorAt(where, "initializer " + quoted(name) + " is given twice");
  return value;
}

llvm::Error GraphReader::readInitializer(Bytes message) {
  auto tensor = readTensor(context, message);
  if (!tensor)
    return tensor.takeError();
  auto value = initializerValue((*tensor)->name(), message);
  if (!value)
    return value.takeError();
  if ((*value)->type().kind() == ir::Type::Kind::Unknown) {
    ir::Shape shape;
    for (int64_t extent : (*tensor)->dims())
      shape.emplace_back().extent = extent;
    (*value)->setType(ir::Type::tensor((*tensor)->dataType(), std::move(shape)));
  }
  graph.setInitializer(**value, std::move(*tensor));
  return llvm::Error::success();
}

llvm::Error GraphReader::readSparseInitializer(Bytes message) {
  auto tensor = readSparseTensor(context, message);
  if (!tensor)
    return tensor.takeError();
  auto value = initializerValue(tensor->values->name(), message);
  if (!value)
    return value.takeError();
  graph.setSparseInitializer(**value, std::move(*tensor));
  return llvm::Error::success();
}

llvm::Expected<ir::Value *> GraphReader::use(llvm::StringRef name,
                                             llvm::function_ref<FirstUse()> firstUse) {
  for (GraphReader *reader = this; reader; reader = reader->outer)
    if (ir::Value *value = reader->graph.findValue(name))
      return value;
  auto value = graph.addValue(name);
  if (value)
    placeholders.insert({*value, firstUse()});
  return value;
}

llvm::Error GraphReader::resolveInputs(const proto::NodeProto &node, Bytes where,
                                       llvm::SmallVectorImpl<ir::Value *> &inputs) {
  for (const std::string &name : node.input()) {
    if (name.empty()) {
      inputs.push_back(nullptr);
      continue;
    }
    auto value = use(name, [&] { return FirstUse{where, labelOf(node)}; });
    if (!value)
      return value.takeError();
    inputs.push_back(*value);
  }
  return llvm::Error::success();
}

llvm::Expected<ir::Value *> GraphReader::define(llvm::StringRef name, const proto::NodeProto &node,
                                                Bytes where) {
  ir::Value *value = graph.findValue(name);
  if (!value)
    return graph.addValue(name);
  if (isDefined(*value))
    return context.errorAt(where, labelOf(node) + " defines " + quoted(name) +
                                      ", which has a definition already");
  // A placeholder: it was used before.
  needsSorting = true;
  return value;
}

llvm::Error GraphReader::defineOutputs(const proto::NodeProto &node, Bytes where,
                                       llvm::SmallVectorImpl<ir::Value *> &outputs) {
  for (const std::string &name : node.output()) {
    if (name.empty()) {
      outputs.push_back(nullptr);
      continue;
    }
    auto value = define(name, node, where);
    if (!value)
      return value.takeError();
    if (llvm::is_contained(outputs, *value))
      return context.errorAt(where, labelOf(node) + " has the output " + quoted(name) + " twice");
    outputs.push_back(*value);
  }
  return llvm::Error::success();
}

llvm::Error GraphReader::readNode(Bytes message) {
  llvm::SmallVector<Bytes, 8> attributes;
  proto::NodeProto &header = context.nodeHeader;
  if (auto error = readHeader(context, message, header, "a node", [&](uint32_t field) {
        return field == proto::NodeProto::kAttributeFieldNumber ? &attributes : nullptr;
      }))
    return error;
  if (header.op_type().empty())
    return context.errorAt(message, "node " + quoted(header.name()) + " has no operator type");

  llvm::SmallVector<ir::Value *, 8> inputs, outputs;
  if (auto error = resolveInputs(header, message, inputs))
    return error;
  if (auto error = defineOutputs(header, message, outputs))
    return error;
  auto node = graph.addNode({.domain = header.domain(),
                             .opType = header.op_type(),
                             .overload = header.overload(),
                             .name = header.name(),
                             .inputs = inputs,
                             .outputs = outputs});
  if (!node)
    return context.errorAt(message, llvm::toString(node.takeError()));
  (*node)->docString = header.doc_string();
  (*node)->metadata = readMetadata(context, header.metadata_props());
  for (const auto &configuration : header.device_configurations())
    (*node)->deviceConfigurations.push_back(configuration.SerializeAsString());

  // From here on nodes of nested graphs use the header.
  (*node)->attributes().reserve(attributes.size());
  for (Bytes attribute : attributes) {
    auto read = readAttribute(*this, *node, attribute);
    if (!read)
      return read.takeError();
    (*node)->attributes().push_back(std::move(*read));
  }
  context.release(message.data());
  return llvm::Error::success();
}

llvm::Expected<ir::Value *> GraphReader::declareOutput(const std::string &name, Bytes where) {
  // A nested graph may return a value of an enclosing one.
  for (GraphReader *reader = this; reader; reader = reader->outer)
    if (ir::Value *value = reader->graph.findValue(name); value && isDefined(*value)) {
      graph.markOutput(*value);
      return value;
    }
  return context.errorAt(where,
                         "output " + quoted(name) + " is defined by no node, input or initializer");
}

llvm::Error GraphReader::readOutput(Bytes message) {
  auto info = parseValueInfo(message, "an output");
  if (!info)
    return info.takeError();
  auto value = declareOutput(info->name(), message);
  return value ? describe(**value, *info, message) : value.takeError();
}

llvm::Error GraphReader::readValueInfo(Bytes message) {
  auto info = parseValueInfo(message, "a value_info entry");
  if (!info)
    return info.takeError();
  ir::Value *value = graph.findValue(info->name());
  if (!value || !isDefined(*value)) {
    context.warn("value_info entries for values that the graph does not have are dropped",
                 " ('" + info->name() + "')");
    return llvm::Error::success();
  }
  value->hasValueInfo = true;
  return describe(*value, *info, message);
}

llvm::Error GraphReader::readAnnotation(Bytes message) {
  proto::TensorAnnotation annotation;
  if (auto error = context.parse(annotation, message, "a quantization annotation"))
    return error;
  context.warnUnknownFields(annotation);
  ir::Value *value = graph.findValue(annotation.tensor_name());
  if (!value || !isDefined(*value)) {
    context.warn("quantization annotations for values that the graph does not have are dropped",
                 " ('" + annotation.tensor_name() + "')");
    return llvm::Error::success();
  }
  ir::Metadata parameters = readMetadata(context, annotation.quant_parameter_tensor_names());
  llvm::append_range(value->quantizationAnnotation, std::move(parameters));
  return llvm::Error::success();
}

llvm::Error GraphReader::finish() {
  for (auto &[value, firstUse] : placeholders) {
    if (isDefined(*value))
      continue;
    std::string name = value->name().str();
    if (!outer)
      return context.errorAt(firstUse.where,
                             firstUse.user + " uses " + quoted(name) + ", which nothing defines");
    auto captured = outer->use(name, [&firstUse = firstUse] { return firstUse; });
    if (!captured)
      return captured.takeError();
    value->replaceAllUsesWith(**captured);
    graph.eraseValue(*value);
  }
  placeholders.clear();
  return needsSorting ? graph.sortTopologically() : llvm::Error::success();
}

} // namespace optrun::onnx
