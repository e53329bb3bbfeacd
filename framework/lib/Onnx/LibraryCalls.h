// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The border to the ONNX library, which throws: exceptions end here as llvm::Error.

#ifndef OPTRUN_LIB_ONNX_LIBRARYCALLS_H
#define OPTRUN_LIB_ONNX_LIBRARYCALLS_H

#include "ProtoSupport.h"

#include <exception>

namespace optrun::onnx {

/// Runs \p call; an exception becomes "what: its message".
template <typename Call> llvm::Error callLibrary(const llvm::Twine &what, Call call) {
  try {
    call();
  } catch (const std::exception &exception) {
    return makeError(what + ": " + exception.what());
  }
  return llvm::Error::success();
}

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_LIBRARYCALLS_H
