// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tests of how signals become a wish to stop.

#include "optrun/Execution/Interruption.h"

#include <csignal>
#include <gtest/gtest.h>

using namespace optrun;

namespace {

TEST(Interruption, isAnErrorOfItsOwnOnceRequested) {
  Interruption interruption;
  EXPECT_FALSE(interruption.check());
  interruption.request();
  llvm::Error error = interruption.check();
  EXPECT_TRUE(error.isA<InterruptedError>());
  llvm::consumeError(std::move(error));
}

TEST(InterruptOnSignals, setsTheFlagAtTheFirstSignal) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    Interruption interruption;
    InterruptOnSignals handlers(interruption);
    std::raise(signal);
    EXPECT_TRUE(interruption.requested());
  }
}

TEST(InterruptOnSignalsDeathTest, endsTheProcessAtTheSecond) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(
      {
        Interruption interruption;
        InterruptOnSignals handlers(interruption);
        std::raise(SIGINT);
        std::raise(SIGINT);
      },
      testing::KilledBySignal(SIGINT), "once more to stop at once");
}

TEST(InterruptOnSignals, leavesIgnoredSignalsIgnored) {
  auto previous = std::signal(SIGHUP, SIG_IGN); // as nohup does
  {
    Interruption interruption;
    InterruptOnSignals handlers(interruption);
    std::raise(SIGHUP);
    EXPECT_FALSE(interruption.requested());
  }
  std::signal(SIGHUP, previous);
}

TEST(InterruptOnSignals, restoresTheHandlersBefore) {
  auto previous = std::signal(SIGTERM, SIG_IGN);
  {
    Interruption interruption;
    InterruptOnSignals handlers(interruption);
  }
  EXPECT_EQ(std::signal(SIGTERM, previous), SIG_IGN);
}

} // namespace
