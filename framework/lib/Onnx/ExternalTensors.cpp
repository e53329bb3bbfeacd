// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which tensors of a model are stored outside of its .onnx file.

#include "optrun/Onnx/ExternalTensors.h"

#include "optrun/IR/Payloads.h"

void optrun::onnx::forEachExternalTensor(const ir::Component &component,
                                         llvm::function_ref<void(const ir::TensorRef &)> visit) {
  ir::forEachTensorInRole(component, [&](const ir::TensorRef &tensor, ir::TensorRole role) {
    if (role == ir::TensorRole::Weight && tensor->source() &&
        tensor->byteSize() >= LeastExternalBytes)
      visit(tensor);
  });
}
