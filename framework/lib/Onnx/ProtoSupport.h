// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The ONNX library's protobuf classes under a name that does not clash with optrun::onnx, the
/// field numbers that are read and written by hand, and errors.

#ifndef OPTRUN_LIB_ONNX_PROTOSUPPORT_H
#define OPTRUN_LIB_ONNX_PROTOSUPPORT_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <onnx/onnx_pb.h>

namespace optrun::onnx {

namespace proto = ::onnx;

inline llvm::Error makeError(const llvm::Twine &message) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
}

/// The newest IR version that is read (onnx 1.23).
constexpr int64_t NewestIrVersion = 14;

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_PROTOSUPPORT_H
