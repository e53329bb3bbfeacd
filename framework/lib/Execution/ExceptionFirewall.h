// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns exceptions that code of others lets escape into errors. Around every call into a plugin.

#ifndef OPTRUN_LIB_EXECUTION_EXCEPTIONFIREWALL_H
#define OPTRUN_LIB_EXECUTION_EXCEPTIONFIREWALL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

namespace optrun {

/// The error of \p call, or one that says which exception escaped from it.
llvm::Error catchExceptions(llvm::function_ref<llvm::Error()> call);

} // namespace optrun

#endif // OPTRUN_LIB_EXECUTION_EXCEPTIONFIREWALL_H
