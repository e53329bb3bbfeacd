// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What turns out to be wrong with an option while a pass runs: a pattern that matches nothing in
/// this model, say.

#ifndef OPTRUN_SUPPORT_OPTIONERROR_H
#define OPTRUN_SUPPORT_OPTIONERROR_H

#include "llvm/Support/Error.h"
#include "llvm/Support/SMLoc.h"

#include <string>

namespace optrun {

/// A pass says which option it means; whoever runs the pass knows where the recipe has it, and
/// Diagnostics report it there. Several of them in one error (llvm::joinErrors) are reported each
/// at its place.
class OptionError final : public llvm::ErrorInfo<OptionError> {
public:
  static char ID;

  /// \p option  its path: "exclude[0]", "rules[1].match"
  /// \p message  complete in itself: it may be read without the recipe
  OptionError(std::string option, std::string message, llvm::SMLoc location = {})
      : optionPath(std::move(option)), text(std::move(message)), place(location) {}

  const std::string &option() const { return optionPath; }
  llvm::SMLoc location() const { return place; } // invalid while it is not known

  std::string message() const override { return text; }
  void log(llvm::raw_ostream &os) const override { os << text; }
  std::error_code convertToErrorCode() const override { return llvm::inconvertibleErrorCode(); }

private:
  std::string optionPath, text;
  llvm::SMLoc place;
};

} // namespace optrun

#endif // OPTRUN_SUPPORT_OPTIONERROR_H
