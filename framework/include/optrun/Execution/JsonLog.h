// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Records a run as JSON lines, for programs.

#ifndef OPTRUN_EXECUTION_JSONLOG_H
#define OPTRUN_EXECUTION_JSONLOG_H

#include "optrun/Execution/RunObserver.h"

#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <map>
#include <memory>
#include <mutex>

namespace optrun {

/// One object a line, each with "event" and "seconds" (since the log was opened): run-start,
/// pass-start, pass-end, remark, warning, error, progress (at most one a second for each), run-end.
/// Fields: docs/opt-run.md. Each line is flushed, so that a log ends where the process ended.
class JsonLog final : public RunObserver {
public:
  /// Creates or truncates \p path; an error that names it when it cannot be written.
  static llvm::Expected<std::unique_ptr<JsonLog>> open(llvm::StringRef path);
  explicit JsonLog(std::unique_ptr<llvm::raw_ostream> out);
  ~JsonLog() override;
  /// An error when not all could be written (a full disk): the log is lost, the run is not.
  llvm::Error close();

  void runStarted(const Run &run) override;
  void passStarted(const PassStep &pass) override;
  void passEnded(const PassStep &pass, const PassUsage &usage) override;
  void message(Severity severity, llvm::StringRef pass, llvm::StringRef message) override;
  void progress(const ProgressState &state) override;
  void runEnded(Outcome outcome, double seconds) override;

private:
  template <typename Fields> void write(llvm::StringRef event, Fields fields);

  std::mutex mutex;
  std::unique_ptr<llvm::raw_ostream> out;
  llvm::raw_fd_ostream *file = nullptr; // what out is, when it is a file
  const double start;
  std::map<const void *, double> lastProgress; // when written, by ProgressState::key
};

} // namespace optrun

#endif // OPTRUN_EXECUTION_JSONLOG_H
