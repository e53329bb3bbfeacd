// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// TypeProto to ir::Type. (The way back is in Encoder.h.)

#ifndef OPTRUN_LIB_ONNX_TYPECONVERSION_H
#define OPTRUN_LIB_ONNX_TYPECONVERSION_H

#include "ProtoSupport.h"

#include "optrun/IR/Type.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun::onnx {

/// An error when an element type is unknown. \p noteUnknown is called with the name and a field
/// number of each message that holds fields unknown to this version of ONNX.
llvm::Expected<ir::Type>
readType(const proto::TypeProto &type,
         llvm::function_ref<void(const std::string &, int)> noteUnknown = nullptr);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_TYPECONVERSION_H
