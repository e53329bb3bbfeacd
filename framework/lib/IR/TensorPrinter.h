// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The text form of tensors.

#ifndef OPTRUN_LIB_IR_TENSORPRINTER_H
#define OPTRUN_LIB_IR_TENSORPRINTER_H

#include "optrun/IR/Tensor.h"

#include "llvm/Support/raw_ostream.h"

namespace optrun::ir {

/// "float[3,4]"
void printTensorType(const Tensor &tensor, llvm::raw_ostream &os);

/// "{1, 2, 3}" for a few elements in memory, else where the payload is. Never reads a file.
void printTensorData(const Tensor &tensor, llvm::raw_ostream &os);

/// The shortest text that reads back as the same number.
void printNumber(float value, llvm::raw_ostream &os);

} // namespace optrun::ir

#endif // OPTRUN_LIB_IR_TENSORPRINTER_H
