// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whether ONNX Runtime can be used. The library is opened when it is first needed, so that
/// everything which runs no model works without it.

#ifndef OPTRUN_RUNTIME_ONNXRUNTIME_H
#define OPTRUN_RUNTIME_ONNXRUNTIME_H

#include "llvm/Support/Error.h"

#include <string>

namespace optrun::runtime {

/// The version of the ONNX Runtime in use ("1.31.1"). Looked for, in this order: in the folder that
/// the environment variable ONNXRUNTIME_ROOT names (itself or its lib/), in optrun/ beside
/// libOptRun, and by the system's loader. An error that says what was tried and how to get it; the
/// same answer for the rest of the process.
llvm::Expected<std::string> version();

} // namespace optrun::runtime

#endif // OPTRUN_RUNTIME_ONNXRUNTIME_H
