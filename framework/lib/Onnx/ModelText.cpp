// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX's textual syntax, through the ONNX library's parser.

#include "LibraryCalls.h"
#include "optrun/Onnx/OnnxReader.h"

#include <onnx/defs/parser.h>

namespace optrun::onnx {

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
  std::string bytes = model.SerializeAsString();
  return readModelFromMemory(
      {reinterpret_cast<const uint8_t *>(bytes.data()), bytes.size()});
}

} // namespace optrun::onnx
