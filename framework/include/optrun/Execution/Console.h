// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shows a run to a person: remarks, and progress as a bar on a terminal or as plain lines
/// elsewhere.

#ifndef OPTRUN_EXECUTION_CONSOLE_H
#define OPTRUN_EXECUTION_CONSOLE_H

#include "optrun/Execution/RunObserver.h"

#include "llvm/Support/raw_ostream.h"

#include <memory>

namespace optrun {

class Console final : public RunObserver {
public:
  struct Settings {
    /// Neither progress nor remarks; errors and warnings only.
    bool quiet = false;
    /// Draw a bar over and over in one line of this width; 0: plain lines.
    unsigned barWidth = 0;
    /// Plain lines: nothing for work that is done sooner, then a line each interval.
    double firstLineSeconds = 2, lineIntervalSeconds = 5;
  };
  /// A bar if standard error is a terminal (and TERM is not "dumb"), plain lines otherwise.
  static Settings forStandardError(bool quiet);

  Console(llvm::raw_ostream &out, Settings settings);
  ~Console() override;

  /// Text written here does not run into the bar. For Diagnostics and everything else that is
  /// printed during a run.
  llvm::raw_ostream &stream();

  void message(Severity severity, llvm::StringRef pass, llvm::StringRef text) override;
  void progress(const ProgressState &state) override;

private:
  class Screen;
  std::unique_ptr<Screen> screen;
};

} // namespace optrun

#endif // OPTRUN_EXECUTION_CONSOLE_H
