// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A readable text form of the IR, for --dump-after and for tests. Close to ONNX's textual syntax.

#ifndef OPTRUN_IR_PRINTER_H
#define OPTRUN_IR_PRINTER_H

#include "optrun/IR/Package.h"

namespace optrun::ir {

void print(const Graph &graph, llvm::raw_ostream &os);
void print(const Component &component, llvm::raw_ostream &os);
void print(const Package &package, llvm::raw_ostream &os);

} // namespace optrun::ir

#endif // OPTRUN_IR_PRINTER_H
