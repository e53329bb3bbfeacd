// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Files that hold one tensor, as ONNX's own test data has them (input_0.pb).

#ifndef OPTRUN_ONNX_TENSORFILE_H
#define OPTRUN_ONNX_TENSORFILE_H

#include "optrun/IR/Tensor.h"

namespace optrun::onnx {

/// Reads a serialized TensorProto, at most 2 GiB. External data is refused.
llvm::Expected<ir::TensorRef> readTensorFile(llvm::StringRef path);

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_TENSORFILE_H
