// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Stopping a run from outside: the old output or none, whatever the signal.

#include "DriverTest.h"

#include <csignal>

using namespace optrun::test;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

namespace {

class SignalTest : public DriverTest {
protected:
  /// A run that has staged its output and waits.
  std::unique_ptr<Process> startAndWait() {
    std::vector<std::string> all =
        arguments(recipe({"make-model: {}", "write-file: {output: out, wait: true}"}));
    all.insert(all.begin(), optRunPath());
    auto process = std::make_unique<Process>(all);
    EXPECT_TRUE(process->waitForError("write-file: waiting"));
    return process;
  }
  std::string output() const {
    std::ifstream file(folder.path("out/result.txt"));
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(SignalTest, stopsCleanlyOnSigintSigtermAndSighup) {
  for (int signal : {SIGINT, SIGTERM, SIGHUP}) {
    auto process = startAndWait();
    process->send(signal);
    auto result = process->wait();
    EXPECT_EQ(result.exitCode, 1);
    EXPECT_THAT(result.err, HasSubstr("interrupted; nothing was written"));
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(leftovers(), IsEmpty());
  }
}

TEST_F(SignalTest, keepsTheOldOutputWhenInterrupted) {
  folder.write("out/result.txt", "old\n");
  auto process = startAndWait();
  process->send(SIGINT);
  EXPECT_EQ(process->wait().exitCode, 1);
  EXPECT_EQ(output(), "old\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path("out")), {}), 1);
}

TEST_F(SignalTest, keepsTheOldOutputWhenKilledAndCleansUpInTheNextRun) {
  folder.write("out/result.txt", "old\n");
  auto process = startAndWait();
  process->send(SIGKILL);
  EXPECT_EQ(process->wait().signal, SIGKILL);
  EXPECT_EQ(output(), "old\n");

  auto result = run({"make-model: {}", "write-file: {output: out}"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(output(), "new\n");
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path("out")), {}), 1);
  EXPECT_THAT(leftovers(), testing::ElementsAre("out"));
}

TEST_F(SignalTest, leavesNoOutputFolderWhenKilled) {
  auto process = startAndWait();
  process->send(SIGKILL);
  process->wait();
  EXPECT_FALSE(fs::exists(folder.path("out")));
}

} // namespace
