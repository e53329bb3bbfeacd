// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Programs started by a test: what they print, how they end, signals to them.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_PROCESS_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_PROCESS_H

#include "TestSupport/TemporaryFolder.h"

#include <cstdint>
#include <string>
#include <sys/types.h>
#include <vector>

namespace optrun::test {

struct ProcessResult {
  int exitCode = -1; // -1 when a signal ended it
  int signal = 0;
  std::string out, err;
};

/// A running program, its output in files so that it never waits for us.
class Process {
public:
  /// \p environment: "NAME=VALUE", on top of ours.
  explicit Process(const std::vector<std::string> &arguments,
                   const std::vector<std::string> &environment = {});
  /// Kills what still runs.
  ~Process();
  Process(const Process &) = delete;
  Process &operator=(const Process &) = delete;

  /// Waits until standard error has \p text; false when the program ended, or after 30 s.
  bool waitForError(const std::string &text);
  void send(int signal) const;
  ProcessResult wait();

private:
  bool hasEnded(bool block);

  TemporaryFolder folder;
  pid_t child = -1;
  bool ended = false;
  int status = 0;
};

/// Runs a program to its end.
ProcessResult runProcess(const std::vector<std::string> &arguments,
                         const std::vector<std::string> &environment = {});

/// Runs the built opt-run.
ProcessResult runOptRun(std::vector<std::string> arguments,
                        const std::vector<std::string> &environment = {});

/// The same after a shell's commands, which may set limits.
ProcessResult runPreparedOptRun(const std::string &preparation,
                                const std::vector<std::string> &arguments);

/// The same with no more than \p bytes of address space: whatever asks for more fails. Sanitizers
/// reserve terabytes of it, so under them there is no limit.
ProcessResult runOptRunWithin(uint64_t bytes, const std::vector<std::string> &arguments);

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_PROCESS_H
