// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// TensorProto and SparseTensorProto to ir::Tensor, large payloads by position.

#ifndef OPTRUN_LIB_ONNX_TENSORREADER_H
#define OPTRUN_LIB_ONNX_TENSORREADER_H

#include "ReadContext.h"

namespace optrun::onnx {

llvm::Expected<ir::TensorRef> readTensor(ReadContext &context, Bytes message);
/// The name of a sparse tensor is that of its values.
llvm::Expected<ir::SparseTensor> readSparseTensor(ReadContext &context, Bytes message);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_TENSORREADER_H
