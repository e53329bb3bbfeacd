// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns exceptions that code of others lets escape into errors. Around every call into a plugin.

#ifndef OPTRUN_LIB_EXECUTION_EXCEPTIONFIREWALL_H
#define OPTRUN_LIB_EXECUTION_EXCEPTIONFIREWALL_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <string>

namespace optrun {

/// The error of \p call, or an UncaughtException.
llvm::Error catchExceptions(llvm::function_ref<llvm::Error()> call);

/// Told apart from other errors because it is a defect of the code that let it escape: messages
/// name its library.
class UncaughtException final : public llvm::ErrorInfo<UncaughtException> {
public:
  static char ID;
  explicit UncaughtException(std::string what) : what(std::move(what)) {}
  void log(llvm::raw_ostream &os) const override { os << "uncaught exception: " << what; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  std::string what;
};

} // namespace optrun

#endif // OPTRUN_LIB_EXECUTION_EXCEPTIONFIREWALL_H
