// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// For --dump-after.

#ifndef OPTRUN_LIB_PASS_PACKAGEDUMP_H
#define OPTRUN_LIB_PASS_PACKAGEDUMP_H

#include "optrun/IR/Package.h"

namespace optrun {

/// Prints \p package and its attachments: to standard error when \p folder is empty, else to
/// "<folder>/<index + 1>-<step>.txt", making the folder if need be.
llvm::Error dumpPackage(const ir::Package &package, llvm::StringRef step, size_t index,
                        llvm::StringRef folder);

} // namespace optrun

#endif // OPTRUN_LIB_PASS_PACKAGEDUMP_H
