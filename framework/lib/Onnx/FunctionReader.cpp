// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Model-local functions: a graph whose inputs and outputs are names only.

#include "FunctionReader.h"

#include "AttributeReader.h"
#include "GraphReader.h"

namespace optrun::onnx {

namespace {

struct FunctionParts {
  std::vector<Bytes> nodes, defaults, valueInfos;

  std::vector<Bytes> *list(uint32_t field) {
    switch (field) {
    case proto::FunctionProto::kNodeFieldNumber:
      return &nodes;
    case proto::FunctionProto::kAttributeProtoFieldNumber:
      return &defaults;
    case proto::FunctionProto::kValueInfoFieldNumber:
      return &valueInfos;
    default:
      return nullptr;
    }
  }
};

llvm::Error readBody(ReadContext &context, const proto::FunctionProto &header,
                     const FunctionParts &parts, Bytes message, ir::Function &function) {
  GraphReader body(context, function.body, nullptr);
  for (const std::string &name : header.input())
    if (auto input = body.declareInput(name, message); !input)
      return input.takeError();
  for (Bytes bytes : parts.defaults) {
    auto attribute = readAttribute(body, nullptr, bytes);
    if (!attribute)
      return attribute.takeError();
    function.attributesWithDefaults.push_back(std::move(*attribute));
  }
  for (Bytes bytes : parts.nodes)
    if (auto error = body.readNode(bytes))
      return error;
  for (const std::string &name : header.output())
    if (auto output = body.declareOutput(name, message); !output)
      return output.takeError();
  for (Bytes bytes : parts.valueInfos)
    if (auto error = body.readValueInfo(bytes))
      return error;
  return body.finish();
}

} // namespace

llvm::Expected<std::unique_ptr<ir::Function>> readFunction(ReadContext &context, Bytes message) {
  FunctionParts parts;
  proto::FunctionProto header;
  if (auto error = readHeader(context, message, header, "a function",
                              [&](uint32_t field) { return parts.list(field); }))
    return error;

  auto function = std::make_unique<ir::Function>();
  function->domain = header.domain();
  function->name = header.name();
  function->overload = header.overload();
  function->docString = header.doc_string();
  function->attributes.assign(header.attribute().begin(), header.attribute().end());
  function->opsets = readOpsets(context, header.opset_import());
  function->metadata = readMetadata(context, header.metadata_props());
  if (auto error = readBody(context, header, parts, message, *function))
    return makeError(llvm::toString(std::move(error)) + " (in the function '" + header.domain() +
                     ":" + header.name() + "')");
  return function;
}

std::vector<ir::OpsetImport>
readOpsets(ReadContext &context,
           const google::protobuf::RepeatedPtrField<proto::OperatorSetIdProto> &opsets) {
  std::vector<ir::OpsetImport> imports;
  for (const proto::OperatorSetIdProto &opset : opsets) {
    context.warnUnknownFields(opset);
    imports.push_back({opset.domain(), opset.version()});
  }
  return imports;
}

} // namespace optrun::onnx
