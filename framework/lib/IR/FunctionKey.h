// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What finds the function that a node calls, in tables of a model's functions.

#ifndef OPTRUN_LIB_IR_FUNCTIONKEY_H
#define OPTRUN_LIB_IR_FUNCTIONKEY_H

#include "llvm/ADT/StringRef.h"
#include "llvm/ADT/Twine.h"

#include <string>

namespace optrun::ir {

/// Equal for a function and the nodes that call it. ONNX's own domain has two names.
inline std::string functionKey(llvm::StringRef domain, llvm::StringRef name,
                               llvm::StringRef overload) {
  if (domain == "ai.onnx")
    domain = "";
  // No name holds a zero byte that would make two keys the same.
  return (domain + llvm::Twine('\0') + name + llvm::Twine('\0') + overload).str();
}

} // namespace optrun::ir

#endif // OPTRUN_LIB_IR_FUNCTIONKEY_H
