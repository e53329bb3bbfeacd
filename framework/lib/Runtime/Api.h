// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// ONNX Runtime's C API, loaded. The only header that shows its types.

#ifndef OPTRUN_LIB_RUNTIME_API_H
#define OPTRUN_LIB_RUNTIME_API_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>

#if OPTRUN_HAVE_ONNXRUNTIME
#include <onnxruntime_c_api.h>
#endif

namespace optrun::runtime {

#if OPTRUN_HAVE_ONNXRUNTIME

/// The loaded library; lives until the process ends, because values and sessions may be destroyed
/// at any time before.
struct Api {
  const OrtApi *ort = nullptr;
  OrtEnv *environment = nullptr;
  std::string version;
};

/// Loads on the first call. Thread safe.
llvm::Expected<const Api &> api();

/// The error that \p status, which is released, stands for; \p what says what was being done.
llvm::Error toError(const Api &api, OrtStatus *status, const llvm::Twine &what);

/// Releases a runtime object with the function that its type needs.
template <typename T> struct Release {
  void (*function)(T *) = nullptr;
  void operator()(T *object) const { function(object); }
};
template <typename T> using Owned = std::unique_ptr<T, Release<T>>;

#endif // OPTRUN_HAVE_ONNXRUNTIME

} // namespace optrun::runtime

#endif // OPTRUN_LIB_RUNTIME_API_H
