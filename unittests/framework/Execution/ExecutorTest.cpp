// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of parallel loops: order of errors, admission by bytes, nesting, interruption.

#include "Execution/Executor.h"

#include <chrono>
#include <gmock/gmock.h>
#include <numeric>
#include <stdexcept>
#include <thread>

using namespace optrun;
using testing::HasSubstr;

namespace {

constexpr uint64_t Budget = 1000;

llvm::Error failure(const llvm::Twine &text) {
  return llvm::createStringError(llvm::inconvertibleErrorCode(), text);
}

std::string messageOf(llvm::Error error) {
  return error ? llvm::toString(std::move(error)) : "success";
}

void pause() { std::this_thread::sleep_for(std::chrono::milliseconds(1)); }

class ExecutorOn : public testing::TestWithParam<unsigned> {
protected:
  Executor executor{GetParam(), Budget, nullptr};
};

INSTANTIATE_TEST_SUITE_P(Threads, ExecutorOn, testing::Values(1, 2, 8),
                         [](const auto &test) { return std::to_string(test.param); });

TEST_P(ExecutorOn, runsEveryIndexOnce) {
  for (size_t count : {0, 1, 7, 100000}) {
    std::vector<std::atomic<int>> runs(count);
    EXPECT_EQ(messageOf(executor.parallelFor(count,
                                             [&](size_t i) {
                                               ++runs[i];
                                               return llvm::Error::success();
                                             })),
              "success");
    EXPECT_TRUE(std::all_of(runs.begin(), runs.end(), [](auto &n) { return n == 1; })) << count;
  }
}

TEST_P(ExecutorOn, returnsTheErrorOfTheLowestIndexHoweverThreadsRace) {
  for (int round = 0; round < 20; ++round)
    EXPECT_EQ(messageOf(executor.parallelFor(1000,
                                             [&](size_t i) -> llvm::Error {
                                               if (i == 300)
                                                 pause(); // the later one fails first
                                               if (i == 300 || i == 301 || i > 900)
                                                 return failure("item " + llvm::Twine(i));
                                               return llvm::Error::success();
                                             })),
              "item 300");
}

TEST_P(ExecutorOn, stopsEarlyAfterAnError) {
  std::atomic<size_t> ran = 0;
  llvm::consumeError(executor.parallelFor(1000000, [&](size_t i) -> llvm::Error {
    ++ran;
    return i == 0 ? failure("first") : llvm::Error::success();
  }));
  EXPECT_LT(ran, 1000000u);
}

TEST_P(ExecutorOn, turnsAnExceptionIntoTheErrorOfItsIndex) {
  EXPECT_THAT(messageOf(executor.parallelFor(100,
                                             [](size_t i) -> llvm::Error {
                                               if (i == 42)
                                                 throw std::runtime_error("broken at 42");
                                               return llvm::Error::success();
                                             })),
              HasSubstr("broken at 42"));
}

TEST_P(ExecutorOn, keepsTheBytesInFlightWithinTheBudget) {
  EXPECT_EQ(messageOf(executor.parallelFor(
                200, [](size_t) { return uint64_t(300); },
                [](size_t) {
                  pause();
                  return llvm::Error::success();
                })),
            "success");
  EXPECT_LE(executor.bytesInFlightHighWater(), Budget);
}

TEST_P(ExecutorOn, runsAnOversizeItemAlone) {
  std::atomic<int> inFlight = 0;
  std::atomic<bool> shared = false;
  EXPECT_EQ(messageOf(executor.parallelFor(
                40, [](size_t i) { return i % 10 == 5 ? 5 * Budget : uint64_t(100); },
                [&](size_t i) {
                  const int others = inFlight++;
                  pause();
                  if (i % 10 == 5 && (others != 0 || inFlight != 1))
                    shared = true;
                  --inFlight;
                  return llvm::Error::success();
                })),
            "success");
  EXPECT_FALSE(shared);
}

TEST_P(ExecutorOn, nestsLoopsThatAllWantTheWholeBudget) {
  // Each body holds the budget while its inner loops ask for bytes: must not wait for itself.
  std::atomic<int> inner = 0;
  EXPECT_EQ(messageOf(executor.parallelFor(
                8, [](size_t) { return Budget; },
                [&](size_t) {
                  return executor.parallelFor(
                      8, [](size_t) { return Budget / 2; },
                      [&](size_t) {
                        ++inner;
                        return executor.parallelFor(4, [](size_t) {
                          pause();
                          return llvm::Error::success();
                        });
                      });
                })),
            "success");
  EXPECT_EQ(inner, 64);
  EXPECT_LE(executor.bytesInFlightHighWater(), Budget);
}

TEST_P(ExecutorOn, sharesTheBudgetBetweenLoopsOfAnOuterLoopWithoutBytes) {
  EXPECT_EQ(messageOf(executor.parallelFor(4,
                                           [&](size_t) {
                                             return executor.parallelFor(
                                                 20, [](size_t) { return Budget / 3; },
                                                 [](size_t) {
                                                   pause();
                                                   return llvm::Error::success();
                                                 });
                                           })),
            "success");
  EXPECT_LE(executor.bytesInFlightHighWater(), Budget);
}

TEST_P(ExecutorOn, givesTheSameResultsAtAnyThreadCount) {
  std::vector<uint64_t> squares(1000);
  llvm::cantFail(executor.parallelFor(squares.size(), [&](size_t i) {
    squares[i] = i * i;
    return llvm::Error::success();
  }));
  EXPECT_EQ(std::accumulate(squares.begin(), squares.end(), uint64_t(0)), 332833500u);
}

TEST_P(ExecutorOn, takesLoopsFromThreadsOfOthers) {
  std::atomic<int> ran = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 3; ++i)
    threads.emplace_back([&] {
      llvm::cantFail(executor.parallelFor(100, [&](size_t) {
        ++ran;
        return llvm::Error::success();
      }));
    });
  for (std::thread &thread : threads)
    thread.join();
  EXPECT_EQ(ran, 300);
}

TEST(Executor, stopsWhenInterrupted) {
  Interruption interruption;
  Executor executor(2, Budget, &interruption);
  std::atomic<size_t> ran = 0;
  llvm::Error error = executor.parallelFor(100000, [&](size_t) -> llvm::Error {
    if (++ran == 10)
      interruption.request();
    // What goes wrong while stopping does not count.
    return ran > 20 ? failure("late") : llvm::Error::success();
  });
  EXPECT_TRUE(error.isA<InterruptedError>());
  EXPECT_EQ(messageOf(std::move(error)), "interrupted");
  EXPECT_LT(ran, 100000u);
}

TEST(Executor, usesAsManyThreadsAsThereAreProcessorsByDefault) {
  EXPECT_EQ(Executor(0, Budget, nullptr).threads(), std::thread::hardware_concurrency());
}

} // namespace
