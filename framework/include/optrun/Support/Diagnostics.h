// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Diagnostics with source locations, rendered through llvm::SourceMgr: file:line:col, the source
/// line, a caret.

#ifndef OPTRUN_SUPPORT_DIAGNOSTICS_H
#define OPTRUN_SUPPORT_DIAGNOSTICS_H

#include "llvm/ADT/Twine.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/SMLoc.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

#include <mutex>
#include <string>
#include <vector>

namespace optrun {

enum class Severity { Error, Warning, Note, Remark };

struct Diagnostic {
  Severity severity = Severity::Error;
  llvm::SMLoc location; // invalid when the problem has no place in a file
  std::string message;
};

/// Collects and prints. Thread safe.
class Diagnostics {
public:
  /// \p stream receives the rendered diagnostics at once; null collects only (tests).
  explicit Diagnostics(llvm::raw_ostream *stream);

  llvm::SourceMgr &sources() { return sourceManager; }

  void report(Severity severity, llvm::SMLoc location, const llvm::Twine &message);
  void error(llvm::SMLoc location, const llvm::Twine &message);
  void error(const llvm::Twine &message) { error({}, message); }
  void warning(llvm::SMLoc location, const llvm::Twine &message);
  void warning(const llvm::Twine &message) { warning({}, message); }
  void note(llvm::SMLoc location, const llvm::Twine &message);
  /// Reports every message inside \p error, that of an OptionError at its place.
  void error(llvm::Error error);

  unsigned errorCount() const { return errors; }
  /// Valid until the next report.
  llvm::ArrayRef<Diagnostic> all() const { return diagnostics; }
  /// "recipe.yaml:3:7: error: …" without line and caret; for logs and tests.
  std::string format(const Diagnostic &diagnostic) const;

private:
  void printPlace(llvm::SMLoc location, unsigned buffer, llvm::raw_ostream &os) const;

  llvm::SourceMgr sourceManager;
  llvm::raw_ostream *stream;
  mutable std::mutex mutex;
  std::vector<Diagnostic> diagnostics;
  unsigned errors = 0;
};

/// The candidate that a misspelt \p name most likely means; empty when none is near.
std::string suggestName(llvm::StringRef name, llvm::ArrayRef<std::string> candidates);

} // namespace optrun

#endif // OPTRUN_SUPPORT_DIAGNOSTICS_H
