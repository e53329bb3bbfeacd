// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The user's wish to stop a run: from a signal to an error that unwinds it.

#ifndef OPTRUN_EXECUTION_INTERRUPTION_H
#define OPTRUN_EXECUTION_INTERRUPTION_H

#include "llvm/Support/Error.h"

#include <atomic>
#include <memory>

namespace optrun {

/// A flag that is set once and read by long loops.
class Interruption {
public:
  /// Safe in a signal handler.
  void request() noexcept { flag.store(true, std::memory_order_relaxed); }
  bool requested() const noexcept { return flag.load(std::memory_order_relaxed); }
  /// An InterruptedError once requested.
  llvm::Error check() const;

private:
  std::atomic<bool> flag{false};
  static_assert(std::atomic<bool>::is_always_lock_free, "the flag is set in a signal handler");
};

/// What stopped is not a failure of a pass, so it is told apart from one.
class InterruptedError final : public llvm::ErrorInfo<InterruptedError> {
public:
  static char ID;
  void log(llvm::raw_ostream &os) const override;
  std::error_code convertToErrorCode() const override;
};

/// While alive, SIGINT, SIGTERM and SIGHUP request \p interruption and say so on standard error;
/// the second signal ends the process at once. Signals that the process was started to ignore stay
/// ignored. One at a time in a process.
class InterruptOnSignals {
public:
  explicit InterruptOnSignals(Interruption &interruption);
  ~InterruptOnSignals();
  InterruptOnSignals(const InterruptOnSignals &) = delete;
  InterruptOnSignals &operator=(const InterruptOnSignals &) = delete;

private:
  struct Saved;
  std::unique_ptr<Saved> saved;
};

} // namespace optrun

#endif // OPTRUN_EXECUTION_INTERRUPTION_H
