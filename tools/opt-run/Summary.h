// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The table at the end of a run.

#ifndef OPTRUN_TOOLS_OPTRUN_SUMMARY_H
#define OPTRUN_TOOLS_OPTRUN_SUMMARY_H

#include "optrun/IR/Package.h"

#include "llvm/Support/raw_ostream.h"

namespace optrun {

/// Component, file, size, planned against realised bytes, what was checked; from what export and
/// verify have left in \p package. Nothing when nothing was exported.
void printSummary(const ir::Package &package, llvm::raw_ostream &os);

} // namespace optrun

#endif // OPTRUN_TOOLS_OPTRUN_SUMMARY_H
