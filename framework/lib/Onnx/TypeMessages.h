// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Types as the ONNX library's messages, while shapes are inferred.

#ifndef OPTRUN_LIB_ONNX_TYPEMESSAGES_H
#define OPTRUN_LIB_ONNX_TYPEMESSAGES_H

#include "ProtoSupport.h"

#include "optrun/IR/Tensor.h"
#include "optrun/IR/Type.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun::onnx {

/// Empty for an unknown type.
proto::TypeProto messageOf(const ir::Type &type);
proto::TypeProto messageOf(const ir::Tensor &tensor);
proto::TypeProto messageOf(const ir::SparseTensor &tensor);
/// A tensor of no dimensions.
proto::TypeProto scalarMessage(int32_t element);

/// True for a tensor all of whose extents are known.
bool hasKnownExtents(const proto::TypeProto &type);

/// Makes the dimensions of \p type extents where \p evaluate knows them, and unknown elsewhere.
void fixDimensions(proto::TypeProto &type,
                   llvm::function_ref<std::optional<int64_t>(llvm::StringRef)> evaluate);

/// Takes over from \p known what \p type leaves open.
void takeOver(proto::TypeProto &type, const proto::TypeProto &known);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_TYPEMESSAGES_H
