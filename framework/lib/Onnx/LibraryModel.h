// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A component as the ONNX library's ModelProto, for its checker and shape inference.

#ifndef OPTRUN_LIB_ONNX_LIBRARYMODEL_H
#define OPTRUN_LIB_ONNX_LIBRARYMODEL_H

#include "ProtoSupport.h"

#include "optrun/IR/Package.h"

namespace optrun::onnx {

/// Large payloads become external data that is never read. Operators that ONNX Runtime registers in
/// ONNX's own domain but ONNX does not know (SimplifiedLayerNormalization, LayerNormalization
/// before opset 17) are moved to com.microsoft.
llvm::Expected<proto::ModelProto> makeLibraryModel(const ir::Component &component);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_LIBRARYMODEL_H
