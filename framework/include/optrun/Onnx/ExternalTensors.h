// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which tensors of a model are stored outside of its .onnx file.

#ifndef OPTRUN_ONNX_EXTERNALTENSORS_H
#define OPTRUN_ONNX_EXTERNALTENSORS_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun::onnx {

/// Smaller tensors stay in the .onnx file: shapes, axes and scales, which ONNX Runtime wants to see
/// when it infers shapes.
inline constexpr uint64_t LeastExternalBytes = 1024;

/// Calls \p visit for every tensor of \p component that belongs outside: those of
/// LeastExternalBytes and more, but texts, which ONNX stores inside, and the positions of sparse
/// tensors: ONNX's checker reads them and looks into no other file for them. In file order; a
/// tensor that is used twice is visited twice.
void forEachExternalTensor(const ir::Component &component,
                           llvm::function_ref<void(const ir::TensorRef &)> visit);

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_EXTERNALTENSORS_H
