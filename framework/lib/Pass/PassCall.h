// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Calls into passes, which are code of others.

#ifndef OPTRUN_LIB_PASS_PASSCALL_H
#define OPTRUN_LIB_PASS_PASSCALL_H

#include "optrun/Pass/PassRegistry.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun {

/// Calls \p call, which runs code of the pass of \p entry. A crash is attributed to it and to
/// \p activity ("running"); exceptions become errors that name pass and library. Errors that the
/// code returns come back as they are.
llvm::Error callPass(const PassEntry &entry, llvm::StringRef activity,
                     llvm::function_ref<llvm::Error()> call);

/// "pass 'x' (plugin '/path/y.so')", without the plugin for a pass of the program itself.
std::string describePass(const PassEntry &entry);

/// Every message of \p error with "<pass id>: " before it, but for errors that name the pass
/// already.
llvm::Error prefixWithPass(const PassEntry &entry, llvm::Error error);

} // namespace optrun

#endif // OPTRUN_LIB_PASS_PASSCALL_H
