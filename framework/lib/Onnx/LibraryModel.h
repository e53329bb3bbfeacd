// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A component as the ONNX library's ModelProto, for its checker and shape inference.

#ifndef OPTRUN_LIB_ONNX_LIBRARYMODEL_H
#define OPTRUN_LIB_ONNX_LIBRARYMODEL_H

#include "Encoder.h"
#include "ProtoSupport.h"

#include "optrun/IR/Package.h"

#include <google/protobuf/arena.h>

namespace optrun::onnx {

/// Inline for constants that inference looks into: shapes, axes, indices, scales of Resize. Others
/// are external data that is never read.
TensorPlacement placeForLibrary(const ir::Tensor &tensor, TensorRole role);

/// A ModelProto in an arena of its own: its messages are many and small, and go all at once.
class LibraryModel {
public:
  LibraryModel();
  proto::ModelProto &operator*() { return *model; }
  proto::ModelProto *operator->() { return model; }

private:
  std::unique_ptr<google::protobuf::Arena> arena;
  proto::ModelProto *model;
};

/// Large payloads become external data that is never read. Operators that ONNX Runtime registers in
/// ONNX's own domain but ONNX does not know (SimplifiedLayerNormalization, LayerNormalization
/// before opset 17) are moved to com.microsoft.
llvm::Expected<LibraryModel> makeLibraryModel(const ir::Component &component);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_LIBRARYMODEL_H
