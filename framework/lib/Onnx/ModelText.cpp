// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX's textual syntax, through the ONNX library's parser.

#include "LibraryCalls.h"

#include "optrun/Onnx/OnnxReader.h"

#include <onnx/defs/parser.h>

namespace optrun::onnx {

namespace {

/// The parser stores one element of a 4-bit or 2-bit type an entry, where the format packs them
/// into bytes, first element in the low bits.
void pack(proto::TensorProto &tensor) {
  auto type = ir::dataTypeFromCode(tensor.data_type());
  unsigned bits = type ? ir::bitWidth(*type) : 0;
  if (bits == 0 || bits >= 8)
    return;
  google::protobuf::RepeatedField<int32_t> packed;
  int perByte = static_cast<int>(8 / bits);
  for (int index = 0; index < tensor.int32_data_size(); ++index) {
    if (index % perByte == 0)
      packed.Add(0);
    auto element = static_cast<uint32_t>(tensor.int32_data(index)) & ((1u << bits) - 1);
    packed[packed.size() - 1] |=
        static_cast<int32_t>(element << (static_cast<unsigned>(index % perByte) * bits));
  }
  *tensor.mutable_int32_data() = packed;
}

void pack(proto::GraphProto &graph);

template <typename Nodes> void packNodes(Nodes &nodes) {
  for (proto::NodeProto &node : nodes)
    for (proto::AttributeProto &attribute : *node.mutable_attribute()) {
      if (attribute.has_t())
        pack(*attribute.mutable_t());
      if (attribute.has_g())
        pack(*attribute.mutable_g());
    }
}

void pack(proto::GraphProto &graph) {
  for (proto::TensorProto &tensor : *graph.mutable_initializer())
    pack(tensor);
  packNodes(*graph.mutable_node());
}

} // namespace

llvm::Expected<std::unique_ptr<ir::Component>> parseModelText(llvm::StringRef text) {
  proto::ModelProto model;
  std::string owned = text.str(); // the parser keeps a pointer to it
  auto error = callLibrary("cannot parse the model text", [&] {
    proto::OnnxParser parser(owned.c_str());
    auto status = parser.Parse(model);
    if (!status.IsOK())
      throw std::runtime_error(status.ErrorMessage());
    if (!parser.EndOfInput())
      throw std::runtime_error("there is text after the model");
  });
  if (error)
    return error;
  pack(*model.mutable_graph());
  for (proto::FunctionProto &function : *model.mutable_functions())
    packNodes(*function.mutable_node());
  std::string bytes = model.SerializeAsString();
  return readModelFromMemory({reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
}

} // namespace optrun::onnx
