// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writing the payload of a tensor to a file.

#ifndef OPTRUN_IR_TENSOROUTPUT_H
#define OPTRUN_IR_TENSOROUTPUT_H

#include "optrun/IR/Tensor.h"
#include "optrun/Storage/OutputFile.h"

namespace optrun::ir {

/// Appends the payload of \p tensor to \p out: by range where it lies in a file, else block by
/// block. \p progress is called with the bytes of it that are done; when it returns an error, that
/// is the end. Errors name the tensor.
llvm::Error appendPayload(OutputFile &out, const Tensor &tensor,
                          llvm::function_ref<llvm::Error(uint64_t)> progress);

} // namespace optrun::ir

#endif // OPTRUN_IR_TENSOROUTPUT_H
