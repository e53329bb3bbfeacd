// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Any bytes give a model or an error. A model can be written, and reading that gives it again.

#include "optrun/Onnx/OnnxReader.h"
#include "optrun/Onnx/OnnxWriter.h"

#include <cstdlib>

using namespace optrun;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto component = onnx::readModelFromMemory({data, size});
  if (!component) {
    llvm::consumeError(component.takeError());
    return 0;
  }
  auto written = llvm::cantFail(onnx::writeModelToMemory(**component));
  auto again = llvm::cantFail(onnx::readModelFromMemory(written));
  if (llvm::cantFail(onnx::writeModelToMemory(*again)) != written)
    abort();
  return 0;
}
