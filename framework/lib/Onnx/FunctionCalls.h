// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the calls of a model's functions amount to.

#ifndef OPTRUN_LIB_ONNX_FUNCTIONCALLS_H
#define OPTRUN_LIB_ONNX_FUNCTIONCALLS_H

#include "optrun/IR/Package.h"

namespace optrun::onnx {

/// Shape inference and runtimes expand functions, and functions that call each other twice make
/// billions of nodes from a file of kilobytes. An error that names the function when functions call
/// themselves, when calls and graphs are nested too deep, or when expansion gives too many nodes.
/// Takes time in the size of the model, not of its expansion.
llvm::Error checkFunctionCalls(const ir::Component &component);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_FUNCTIONCALLS_H
