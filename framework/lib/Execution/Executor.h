// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The threads of a run and its parallel loops.

#ifndef OPTRUN_LIB_EXECUTION_EXECUTOR_H
#define OPTRUN_LIB_EXECUTION_EXECUTOR_H

#include "Execution/MemoryAdmission.h"

#include "optrun/Execution/Interruption.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <memory>

namespace optrun {

/// Owns the process's worker threads. Loops may be nested and may be started from any thread. They
/// hand out indices in order, so that whoever reads files reads them forwards.
class Executor {
public:
  /// \p threads 0: as many as the process has processors. \p interruption may be null.
  Executor(unsigned threads, uint64_t memoryBudget, const Interruption *interruption);
  ~Executor();

  unsigned threads() const { return threadCount; }
  uint64_t memoryBudget() const { return budget; }
  llvm::Error checkInterrupted() const;

  /// See PassContext::parallelFor. An exception that escapes from \p body is an error of that
  /// index.
  llvm::Error parallelFor(size_t count, llvm::function_ref<llvm::Error(size_t)> body);

  /// The same with admission by bytes. \p bytes states all that body(i) holds, loops inside of it
  /// included: those divide what was granted to body(i) and never wait for the run's budget, which
  /// their own caller holds.
  llvm::Error parallelFor(size_t count, llvm::function_ref<uint64_t(size_t)> bytes,
                          llvm::function_ref<llvm::Error(size_t)> body);

  /// The most bytes that were admitted at a time.
  uint64_t bytesInFlightHighWater() const { return admission.highWater(); }

private:
  class Loop;
  void runOnWorkers(size_t workers, llvm::function_ref<void()> work);

  struct Arena;
  std::unique_ptr<Arena> arena; // started by the first loop that needs it
  std::once_flag arenaStarted;
  const unsigned threadCount;
  const uint64_t budget;
  const Interruption *interruption;
  MemoryAdmission admission;
};

} // namespace optrun

#endif // OPTRUN_LIB_EXECUTION_EXECUTOR_H
