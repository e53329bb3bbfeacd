// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a run may leave behind: its whole result, or what was there before.

#include "RecipeRunTest.h"
#include "TestSupport/TestModels.h"

#include <chrono>
#include <csignal>
#include <thread>
#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
namespace fs = std::filesystem;

namespace {

class OutputSafetyTest : public RecipeRunTest {
protected:
  Settings settings(const std::string &splits = "2") const {
    return {{"model", fixture("onnx/opt-dynamo.onnx")},
            {"splits", splits},
            {"output", folder.path("out")}};
  }
};

TEST_F(OutputSafetyTest, anEarlierResultStaysUnlessOverwriteIsSaid) {
  ASSERT_EQ(split(settings("3")).exitCode, 0);
  folder.write("out/notes.txt", "mine");
  std::string before = contentOf(folder.path("out/manifest.json"));

  ProcessResult refused = split(settings("2"));
  EXPECT_EQ(refused.exitCode, 2);
  EXPECT_THAT(refused.err, HasSubstr("overwrite: true"));
  EXPECT_EQ(contentOf(folder.path("out/manifest.json")), before);

  Settings overwriting = settings("2");
  overwriting["overwrite"] = "true";
  ProcessResult replaced = split(overwriting);
  EXPECT_EQ(replaced.exitCode, 0) << replaced.err;
  EXPECT_THAT(namesIn(folder.path("out")),
              ElementsAre("manifest.json", "notes.txt", "split_0.onnx", "split_1.onnx"));
}

TEST_F(OutputSafetyTest, verifyLeavesNothingInTheHomeFolder) {
  // ONNX Runtime would keep a database of what was run in the user's cache folder.
  fs::create_directory(folder.path("home"));
  ProcessResult run = split(settings(), {"HOME=" + folder.path("home"), "XDG_CACHE_HOME="});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, HasSubstr("bit-equal"));
  EXPECT_THAT(namesIn(folder.path("home")), IsEmpty());
}

TEST_F(OutputSafetyTest, filesOfOthersAreNeverReplaced) {
  folder.write("out/split_1.onnx", "not ours");
  Settings overwriting = settings();
  overwriting["overwrite"] = "true";
  ProcessResult run = split(overwriting);
  EXPECT_NE(run.exitCode, 0);
  EXPECT_THAT(run.err, HasSubstr("split_1.onnx"));
  EXPECT_THAT(namesIn(folder.path("out")), ElementsAre("split_1.onnx"));
  EXPECT_EQ(contentOf(folder.path("out/split_1.onnx")), "not ours");
}

TEST_F(OutputSafetyTest, aFolderThatCannotBeWrittenIsOneError) {
  Settings unwritable = settings();
  unwritable["output"] = "/proc/optrun-output"; // not even root can write here
  ProcessResult run = split(unwritable);
  EXPECT_NE(run.exitCode, 0);
  EXPECT_THAT(run.err, HasSubstr("/proc"));
  EXPECT_EQ(run.err.find("error:"), run.err.rfind("error:"));
  EXPECT_THAT(run.out, IsEmpty());
}

TEST_F(OutputSafetyTest, aFileSizeLimitIsOneErrorAndLeavesNothing) {
  std::string model = makeDecoder({"--hidden", "256", "--intermediate", "1024"});
  ProcessResult run = runPreparedOptRun(
      "ulimit -f 1000", splitArguments({{"model", model}, {"output", folder.path("out")}}));
  EXPECT_EQ(run.exitCode, 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr("File too large"));
  EXPECT_THAT(namesIn(folder.path("")), ElementsAre("model"));
}

TEST_F(OutputSafetyTest, aFullDiskIsOneErrorAndLeavesNothing) {
  std::string model = makeDecoder({"--hidden", "256", "--intermediate", "1024"});
  fs::create_directory(folder.path("disk"));
  // The mount is seen by the shell and by opt-run alone, and goes with them.
  std::vector<std::string> all = {
      "/usr/bin/unshare",
      "--mount",
      "/bin/bash",
      "-c",
      "mount -t tmpfs -o size=1m none \"$0\" || exit 99\n\"$@\"; code=$?\n"
      "ls -A \"$0\"; exit $code",
      folder.path("disk"),
      optRunPath()};
  for (const std::string &argument :
       splitArguments({{"model", model}, {"output", folder.path("disk/out")}}))
    all.push_back(argument);
  ProcessResult run = runProcess(all);
  if (::geteuid() != 0 || run.exitCode == 99 || run.exitCode == 127)
    GTEST_SKIP() << "mounting a small disk takes root: " << run.err;
  EXPECT_EQ(run.exitCode, 1) << run.err;
  EXPECT_THAT(run.err, HasSubstr("No space left on device"));
  EXPECT_THAT(run.out, IsEmpty()) << "left on the disk";
}

TEST_F(OutputSafetyTest, aDifferenceFromTheReferencePublishesNothing) {
  for (const char *name : {"one", "two"})
    writeModel(*parseModel(std::string("<ir_version: 8, opset_import: [\"\" : 17]>\n"
                                       "m (float[N] x) => (float[N] y)\n<float c = {") +
                           (std::string(name) == "one" ? "1" : "2") + "}> { y = Add(x, c) }"),
               folder.path(std::string(name) + ".onnx"));
  std::string recipe =
      folder.write("recipe.yaml", "recipe: 1\npasses:\n  - capture: {model: one.onnx}\n"
                                  "  - export: {output: out}\n  - verify: {reference: two.onnx}\n");
  ProcessResult run = runOptRun({recipe});
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("'y'"));
  EXPECT_FALSE(fs::exists(folder.path("out")));
}

/// Stops runs at other moments each time; whether the run had ended or not, the output is whole or
/// not there, and the next run finds nothing in its way. The exit code tells which, unless SIGKILL
/// came between publication and the end of the process.
class StoppedRunTest : public OutputSafetyTest, public testing::WithParamInterface<int> {};

TEST_P(StoppedRunTest, leavesAWholeResultOrNone) {
  std::string model = makeDecoder({"--layers", "8", "--hidden", "1024", "--intermediate", "4096"});
  std::string recipe = folder.write(
      "recipe.yaml",
      "recipe: 1\npasses:\n  - capture: {model: model}\n  - split-by-count: {splits: 4}\n"
      "  - export: {output: out}\n");
  for (int milliseconds : {5, 20, 40, 80, 120, 160}) {
    Process process({optRunPath(), recipe});
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
    process.send(GetParam());
    ProcessResult run = process.wait();
    bool published = fs::exists(folder.path("out"));
    if (GetParam() == SIGINT) {
      EXPECT_EQ(published, run.exitCode == 0) << run.err;
    } else {
      EXPECT_TRUE(published || run.signal == SIGKILL) << run.err;
    }
    if (published) {
      EXPECT_EQ(manifestOf(folder.path("out")).components.size(), 4u);
      EXPECT_EQ(namesIn(folder.path("out")).size(), 9u);
      fs::remove_all(folder.path("out"));
    }
    if (GetParam() == SIGINT) {
      EXPECT_THAT(namesIn(folder.path("")), ElementsAre("model", "recipe.yaml"));
    }
  }
  ProcessResult next = runOptRun({recipe});
  EXPECT_EQ(next.exitCode, 0) << next.err;
  EXPECT_THAT(namesIn(folder.path("")), ElementsAre("model", "out", "recipe.yaml"));
}

INSTANTIATE_TEST_SUITE_P(Signals, StoppedRunTest, testing::Values(SIGINT, SIGKILL),
                         [](const auto &signal) {
                           return std::string(signal.param == SIGINT ? "SIGINT" : "SIGKILL");
                         });

} // namespace
