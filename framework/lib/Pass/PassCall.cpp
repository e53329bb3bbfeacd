// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Calls into passes, which are code of others.

#include "Pass/PassCall.h"

#include "Execution/ExceptionFirewall.h"

#include "optrun/Execution/CrashReport.h"
#include "optrun/Execution/Interruption.h"
#include "optrun/Support/OptionError.h"

using namespace optrun;

std::string optrun::describePass(const PassEntry &entry) {
  std::string text = "pass '" + entry.info.id + "'";
  if (!entry.plugin.empty())
    text += " (plugin '" + entry.plugin + "')";
  return text;
}

llvm::Error optrun::callPass(const PassEntry &entry, llvm::StringRef activity,
                             llvm::function_ref<llvm::Error()> call) {
  CrashScope crash((activity + " " + describePass(entry)).str());
  return catchExceptions(call);
}

llvm::Error optrun::prefixWithPass(const PassEntry &entry, llvm::Error error) {
  return llvm::handleErrors(
      std::move(error),
      [](std::unique_ptr<InterruptedError> info) { return llvm::Error(std::move(info)); },
      [&](const UncaughtException &info) {
        return llvm::createStringError(info.convertToErrorCode(),
                                       describePass(entry) + ": " + info.message());
      },
      [&](const OptionError &info) {
        return llvm::make_error<OptionError>(info.option(), entry.info.id + ": " + info.message(),
                                             info.location());
      },
      [&](const llvm::ErrorInfoBase &info) {
        return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                       entry.info.id + ": " + info.message());
      });
}
