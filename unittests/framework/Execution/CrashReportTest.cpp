// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a process says when it crashes.

#include "optrun/Execution/CrashReport.h"

#include <csignal>
#include <gtest/gtest.h>

using namespace optrun;

namespace {

void crash(bool outputAppears) {
  installCrashReport();
  setOutputAppears(outputAppears);
  const CrashScope scope("running pass 'x'");
  std::raise(SIGABRT);
}

TEST(CrashReportDeathTest, saysWhatWasRunningAndThatNothingWasPublished) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(crash(false), testing::KilledBySignal(SIGABRT),
              "crashed \\(SIGABRT\\) while running pass 'x'; nothing was published\n");
}

TEST(CrashReportDeathTest, doesNotSayThatNothingWasPublishedOnceOutputAppears) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(crash(true), testing::KilledBySignal(SIGABRT),
              "crashed \\(SIGABRT\\) while running pass 'x'\n");
}

} // namespace
