// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// When code of a plugin crashes, the process dies; this makes it say first whose code it was.

#ifndef OPTRUN_EXECUTION_CRASHREPORT_H
#define OPTRUN_EXECUTION_CRASHREPORT_H

#include <string>

namespace optrun {

/// For the whole process: on SIGSEGV, SIGBUS, SIGILL, SIGFPE and SIGABRT prints
/// "opt-run: crashed while <activity>" and dies by that signal. What is staged stays unpublished,
/// and the message says so.
void installCrashReport();

/// Whether output of the run may have appeared: a crash from then on does not deny it. For the
/// whole process.
void setOutputAppears(bool appears);

/// While alive, a crash on any thread is attributed to \p activity ("running pass 'x' (file)"). The
/// innermost counts. To be made and destroyed on one thread, that of the run.
class CrashScope {
public:
  explicit CrashScope(std::string activity);
  ~CrashScope();
  CrashScope(const CrashScope &) = delete;
  CrashScope &operator=(const CrashScope &) = delete;

private:
  const std::string activity;
  const char *previous;
};

} // namespace optrun

#endif // OPTRUN_EXECUTION_CRASHREPORT_H
