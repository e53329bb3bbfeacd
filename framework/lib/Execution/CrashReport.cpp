// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Says whose code was running when the process crashes.

#include "optrun/Execution/CrashReport.h"

#include <atomic>
#include <csignal>
#include <cstring>
#include <unistd.h>

using namespace optrun;

namespace {

// Read in a signal handler, on whichever thread crashed.
std::atomic<const char *> currentActivity{nullptr};
std::atomic<bool> outputAppears{false};
static_assert(std::atomic<bool>::is_always_lock_free, "the flag is read in a signal handler");

void writeText(const char *text) {
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, text, std::strlen(text));
}

// sigabbrev_np and strsignal may allocate.
const char *signalName(int signal) {
  switch (signal) {
  case SIGSEGV:
    return "SIGSEGV";
  case SIGBUS:
    return "SIGBUS";
  case SIGILL:
    return "SIGILL";
  case SIGFPE:
    return "SIGFPE";
  default:
    return "SIGABRT";
  }
}

void onCrash(int signal) {
  const char *activity = currentActivity.load();
  writeText("\nopt-run: crashed (");
  writeText(signalName(signal));
  writeText(")");
  if (activity) {
    writeText(" while ");
    writeText(activity);
  }
  writeText(outputAppears ? "\n" : "; nothing was published\n");
  // SA_RESETHAND restored the default: now the signal ends the process as it would have.
  ::raise(signal);
}

} // namespace

void optrun::installCrashReport() {
  // A stack overflow leaves no stack for the handler. Worker threads have none of these: there the
  // process dies without the message.
  static char alternateStack[64 * 1024];
  stack_t stack = {};
  stack.ss_sp = alternateStack;
  stack.ss_size = sizeof(alternateStack);
  sigaltstack(&stack, nullptr);

  struct sigaction action = {};
  action.sa_handler = onCrash;
  action.sa_flags = static_cast<int>(SA_ONSTACK | SA_RESETHAND | SA_NODEFER);
  sigemptyset(&action.sa_mask);
  for (int signal : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT})
    sigaction(signal, &action, nullptr);
}

void optrun::setOutputAppears(bool appears) { outputAppears = appears; }

CrashScope::CrashScope(std::string activity)
    : activity(std::move(activity)), previous(currentActivity.exchange(this->activity.c_str())) {}

CrashScope::~CrashScope() { currentActivity = previous; }
