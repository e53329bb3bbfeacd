// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// FunctionProto to ir::Function.

#ifndef OPTRUN_LIB_ONNX_FUNCTIONREADER_H
#define OPTRUN_LIB_ONNX_FUNCTIONREADER_H

#include "ReadContext.h"

#include "optrun/IR/Package.h"

namespace optrun::onnx {

llvm::Expected<std::unique_ptr<ir::Function>> readFunction(ReadContext &context, Bytes message);

/// A conversion that the model's header needs too.
std::vector<ir::OpsetImport>
readOpsets(ReadContext &context,
           const google::protobuf::RepeatedPtrField<proto::OperatorSetIdProto> &opsets);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_FUNCTIONREADER_H
