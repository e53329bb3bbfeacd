// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Parallel loops on oneTBB.

#include "Execution/Executor.h"

#include "Execution/ExceptionFirewall.h"

#include <algorithm>
#include <limits>
#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/task_arena.h>
#include <thread>

using namespace optrun;

namespace {

constexpr size_t NoIndex = std::numeric_limits<size_t>::max();

// Where loops that this thread starts get their bytes from: the run's budget (null) or the grant of
// the loop body that it is running.
thread_local MemoryAdmission *currentGrant = nullptr;

class GrantScope {
public:
  explicit GrantScope(MemoryAdmission *grant) : previous(currentGrant) { currentGrant = grant; }
  ~GrantScope() { currentGrant = previous; }
  GrantScope(const GrantScope &) = delete;
  GrantScope &operator=(const GrantScope &) = delete;

private:
  MemoryAdmission *previous;
};

} // namespace

struct Executor::Arena {
  explicit Arena(unsigned threads)
      // Without it TBB starts no more workers than there are processors.
      : limit(tbb::global_control::max_allowed_parallelism, threads),
        arena(static_cast<int>(threads)) {}
  tbb::global_control limit;
  tbb::task_arena arena;
};

/// One call of parallelFor.
class Executor::Loop {
public:
  Loop(const Executor &executor, size_t count, size_t chunk,
       llvm::function_ref<llvm::Error(size_t)> body)
      : executor(executor), count(count), chunk(chunk), body(body) {}

  /// Takes indices until there are none left. On every worker.
  void work() {
    for (;;) {
      const size_t begin = next.fetch_add(chunk, std::memory_order_relaxed);
      if (begin >= count)
        return;
      const size_t end = std::min(count, begin + chunk);
      for (size_t i = begin; i < end; ++i)
        if (!runOne(i))
          return;
    }
  }

  llvm::Error result() {
    // Which index sees an interruption first is chance, so it replaces what else went wrong.
    if (stopped && executor.interruption && executor.interruption->requested()) {
      llvm::consumeError(std::move(firstError));
      return executor.checkInterrupted();
    }
    return std::move(firstError);
  }

private:
  /// False when no later index need run.
  bool runOne(size_t index) {
    // Indices below a failed one still run: one of them may fail too, and then its error counts.
    if (index > failedIndex.load(std::memory_order_relaxed) ||
        stopped.load(std::memory_order_relaxed))
      return false;
    if (executor.interruption && executor.interruption->requested()) {
      stopped = true;
      return false;
    }
    llvm::Error error = catchExceptions([&] { return body(index); });
    if (!error)
      return true;
    if (error.isA<InterruptedError>())
      stopped = true;
    std::lock_guard lock(mutex);
    if (index < failedIndex) {
      llvm::consumeError(std::move(firstError));
      firstError = std::move(error);
      failedIndex = index;
    } else {
      llvm::consumeError(std::move(error));
    }
    return false;
  }

  const Executor &executor;
  const size_t count;
  const size_t chunk; // indices taken at a time
  llvm::function_ref<llvm::Error(size_t)> body;
  std::atomic<size_t> next{0};
  std::atomic<size_t> failedIndex{NoIndex};
  std::atomic<bool> stopped{false};
  std::mutex mutex;
  llvm::Error firstError = llvm::Error::success();
};

Executor::Executor(unsigned threads, uint64_t memoryBudget, const Interruption *interruption)
    : threadCount(threads ? threads : std::max(1u, std::thread::hardware_concurrency())),
      budget(memoryBudget), interruption(interruption), admission(memoryBudget) {}

Executor::~Executor() = default;

llvm::Error Executor::checkInterrupted() const {
  return interruption ? interruption->check() : llvm::Error::success();
}

void Executor::runOnWorkers(size_t workers, llvm::function_ref<void()> work) {
  if (workers <= 1)
    return work();
  std::call_once(arenaStarted, [&] { arena = std::make_unique<Arena>(threadCount); });
  MemoryAdmission *grant = currentGrant;
  arena->arena.execute([&] {
    // A thread that waits for this loop takes no tasks of others meanwhile: it might hold bytes
    // that they wait for.
    tbb::this_task_arena::isolate([&] {
      tbb::parallel_for(
          size_t(0), workers,
          [&](size_t) {
            GrantScope scope(grant);
            work();
          },
          tbb::simple_partitioner());
    });
  });
}

llvm::Error Executor::parallelFor(size_t count, llvm::function_ref<llvm::Error(size_t)> body) {
  // Many small bodies: few enough trips to the shared counter, enough pieces to even out.
  const size_t chunk = std::clamp<size_t>(count / (size_t(threadCount) * 32), 1, 256);
  Loop loop(*this, count, chunk, body);
  runOnWorkers(std::min<size_t>(threadCount, (count + chunk - 1) / chunk), [&] { loop.work(); });
  return loop.result();
}

llvm::Error Executor::parallelFor(size_t count, llvm::function_ref<uint64_t(size_t)> bytes,
                                  llvm::function_ref<llvm::Error(size_t)> body) {
  MemoryAdmission &grant = currentGrant ? *currentGrant : admission;
  auto admitted = [&](size_t index) -> llvm::Error {
    const uint64_t needed = bytes(index);
    if (needed == 0)
      return body(index);
    struct Admitted {
      Admitted(MemoryAdmission &grant, uint64_t bytes) : grant(grant), bytes(bytes) {
        grant.acquire(bytes);
      }
      ~Admitted() { grant.release(bytes); }
      MemoryAdmission &grant;
      uint64_t bytes;
    } lease(grant, needed);
    if (llvm::Error error = checkInterrupted())
      return error; // requested while waiting
    MemoryAdmission own(needed);
    GrantScope scope(&own);
    return body(index);
  };
  Loop loop(*this, count, /*chunk=*/1, admitted);
  runOnWorkers(std::min<size_t>(threadCount, count), [&] { loop.work(); });
  return loop.result();
}
