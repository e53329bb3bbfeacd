// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What there is to know about passes, from their own declarations.

#ifndef OPTRUN_TOOLS_OPTRUN_PASSDOCS_H
#define OPTRUN_TOOLS_OPTRUN_PASSDOCS_H

#include "optrun/Pass/PassRegistry.h"

#include "llvm/Support/raw_ostream.h"

namespace optrun {

/// --list-passes: id and summary, and the library of passes that are not in \p builtInFolder.
void listPasses(const PassRegistry &registry, llvm::StringRef builtInFolder, llvm::raw_ostream &os);

/// --describe, for a terminal.
void describePass(const PassEntry &entry, llvm::raw_ostream &os);

/// --print-docs: the whole of docs/passes.md.
void printPassReference(const PassRegistry &registry, llvm::raw_ostream &os);

/// --print-schema.
void printSchema(const PassRegistry &registry, llvm::raw_ostream &os);

} // namespace optrun

#endif // OPTRUN_TOOLS_OPTRUN_PASSDOCS_H
