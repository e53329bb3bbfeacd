// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The interruption flag and the signal handlers that set it.

#include "optrun/Execution/Interruption.h"

#include "llvm/Support/raw_ostream.h"

#include <cassert>
#include <csignal>
#include <unistd.h>

using namespace optrun;

char InterruptedError::ID = 0;

void InterruptedError::log(llvm::raw_ostream &os) const { os << "interrupted"; }

std::error_code InterruptedError::convertToErrorCode() const {
  return std::make_error_code(std::errc::interrupted);
}

llvm::Error Interruption::check() const {
  if (requested())
    return llvm::make_error<InterruptedError>();
  return llvm::Error::success();
}

namespace {

constexpr int Signals[] = {SIGINT, SIGTERM, SIGHUP};
constexpr size_t SignalCount = std::size(Signals);

// A signal handler has no argument to find its object by.
std::atomic<Interruption *> target{nullptr};

// Calls only what POSIX allows in a handler.
void onSignal(int signal) {
  Interruption *interruption = target.load();
  if (!interruption || interruption->requested()) {
    std::signal(signal, SIG_DFL);
    ::raise(signal);
    return;
  }
  interruption->request();
  const int savedErrno = errno;
  constexpr char Message[] = "\nopt-run: stopping; once more to stop at once\n";
  [[maybe_unused]] ssize_t written = ::write(STDERR_FILENO, Message, sizeof(Message) - 1);
  errno = savedErrno;
}

} // namespace

struct InterruptOnSignals::Saved {
  struct sigaction actions[SignalCount];
};

InterruptOnSignals::InterruptOnSignals(Interruption &interruption)
    : saved(std::make_unique<Saved>()) {
  assert(!target.load() && "another InterruptOnSignals is alive");
  target = &interruption;
  struct sigaction action = {};
  action.sa_handler = onSignal;
  // Interrupted system calls go on: it is the flag that stops a run, at a place that can clean up.
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  for (size_t i = 0; i < SignalCount; ++i) {
    sigaction(Signals[i], nullptr, &saved->actions[i]);
    if (saved->actions[i].sa_handler != SIG_IGN)
      sigaction(Signals[i], &action, nullptr);
  }
}

InterruptOnSignals::~InterruptOnSignals() {
  for (size_t i = 0; i < SignalCount; ++i)
    sigaction(Signals[i], &saved->actions[i], nullptr);
  target = nullptr;
}
