// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The command line of opt-run: exit codes, streams, modes.

#include "DriverTest.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/JSON.h"

using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

namespace {

TEST_F(DriverTest, runsARecipe) {
  auto result = run({"make-model: {}", "write-file: {output: out}"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_TRUE(fs::exists(folder.path("out/result.txt"))); // relative to the recipe
  EXPECT_THAT(result.err, HasSubstr("make-model: made a model of one node"));
}

TEST_F(DriverTest, isQuietWhenAsked) {
  auto result = run({"make-model: {}"}, {"--quiet"});
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_EQ(result.out + result.err, "");
}

TEST_F(DriverTest, exitsWith2ForWrongUse) {
  const std::string good = recipe({"make-model: {}"});
  const std::vector<std::pair<std::vector<std::string>, const char *>> wrong = {
      {{}, "a recipe is missing"},
      {{"--thread=2", good}, "--threads"},
      {{"--threads=x", good}, "invalid"},
      {{"--threads=100000", good}, "at most 1024"},
      {{"--threads=-1", good}, "invalid"},
      {{"--memory-budget=2Gb", good}, "--memory-budget"},
      {{"--memory-budget=0", good}, "more than 0"},
      {{"--set=model", good}, "expected NAME=VALUE"},
      {{"--set==x", good}, "expected NAME=VALUE"},
      {{good, good}, "many positional"},
      {{"--list-passes", good}, "takes no recipe"},
      {{"--list-passes", "--print-schema"}, "exclude each other"},
      {{"--describe=no-such-pass"}, "unknown pass"},
      {{"--log-json=/nonexistent/log", good}, "/nonexistent/log"},
      {{"--stop-after=", good}, "--stop-after: a name is missing"},
      {{"--dump-after=", good}, "--dump-after: a name is missing"},
      {{folder.path("missing.yaml")}, "missing.yaml"},
      {{"--load-plugin=" + plugin("good"), "--stop-after=xyz", good}, "no pass 'xyz'"},
      {{"--load-plugin=" + plugin("good"), "--dump-after=make-modl", good},
       "did you mean 'make-model'"},
  };
  for (const auto &[arguments, reason] : wrong) {
    auto result = runOptRun(arguments);
    EXPECT_EQ(result.exitCode, 2) << reason;
    EXPECT_THAT(result.err, HasSubstr(reason));
    EXPECT_THAT(result.out, IsEmpty());
  }
}

TEST_F(DriverTest, losesALogButNoRunToAFullDisk) {
  auto result = run({"make-model: {}", writeFile()}, {"--log-json=/dev/full"});
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_THAT(result.err, HasSubstr("warning: /dev/full: the log is not complete"));
}

TEST_F(DriverTest, reportsAllErrorsOfARecipeAtOnce) {
  auto result = run({"make-modl: {}", "write-file: {outptu: x}", "throw-in-check: {}"},
                    {"--load-plugin=" + plugin("wrong-major")});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_THAT(result.err, AllOf(HasSubstr("plugin ABI is version 99"),
                                HasSubstr("recipe.yaml:3:5: error: unknown pass 'make-modl'"),
                                HasSubstr("recipe.yaml:4:"), HasSubstr("outptu"),
                                HasSubstr("recipe.yaml:5:5: error: pass 'throw-in-check'")));
}

TEST_F(DriverTest, runsNothingInADryRun) {
  auto result = run({"make-model: {}", writeFile()}, {"--dry-run"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("make-model (version 1): {}"),
                                HasSubstr("write-file (version 1): {output: ")));
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(DriverTest, stopsAfterAPass) {
  auto result = run({"make-model: {}", writeFile()}, {"--stop-after=make-model"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(leftovers(), IsEmpty());
}

TEST_F(DriverTest, dumpsAndMeasuresOnStandardError) {
  auto result = run({"make-model: {}"}, {"--dump-after=make-model", "--time-passes", "--stats",
                                         "--verify-each", "--threads=2", "--memory-budget=1.5GiB"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, AllOf(HasSubstr("// after make-model"), HasSubstr("Relu"),
                                HasSubstr("wall s"), HasSubstr("statistic")));
}

TEST_F(DriverTest, logsJsonLines) {
  auto result = run({"make-model: {}", "throw-in-run: {}"}, {"--log-json=" + folder.path("log")});
  EXPECT_EQ(result.exitCode, 1);
  std::ifstream file(folder.path("log"));
  std::vector<std::string> events;
  for (std::string line; std::getline(file, line);) {
    auto value = llvm::cantFail(llvm::json::parse(line));
    events.push_back(value.getAsObject()->getString("event")->str());
  }
  EXPECT_THAT(events, testing::ElementsAre("run-start", "pass-start", "remark", "pass-end",
                                           "pass-start", "pass-end", "error", "run-end"));
}

TEST_F(DriverTest, logsWhatIsWrongWithARecipe) {
  auto result = run({"make-modl: {}"}, {"--log-json=" + folder.path("log")});
  EXPECT_EQ(result.exitCode, 2);
  std::ifstream file(folder.path("log"));
  std::string line;
  std::getline(file, line);
  EXPECT_THAT(line, AllOf(HasSubstr("\"event\":\"error\""), HasSubstr("unknown pass")));
}

TEST_F(DriverTest, printsARecipeThatRunsTheSame) {
  auto result = runOptRun(
      arguments(recipe({"make-model: {}", "write-file: {output: out}"}), {"--print-recipe"}));
  EXPECT_EQ(result.exitCode, 0) << result.err;
  TemporaryFolder elsewhere;
  const std::string copy = elsewhere.write("copy.yaml", result.out);
  EXPECT_EQ(runOptRun(arguments(copy)).exitCode, 0) << result.out;
  EXPECT_TRUE(fs::exists(folder.path("out/result.txt")));
}

TEST_F(DriverTest, answersQuestionsAboutPasses) {
  const std::string load = "--load-plugin=" + plugin("good");
  auto list = runOptRun({"--list-passes", load});
  EXPECT_EQ(list.exitCode, 0);
  EXPECT_THAT(list.out, AllOf(HasSubstr("make-model"), HasSubstr("Writes result.txt."),
                              HasSubstr(plugin("good"))));
  auto description = runOptRun({"--describe=write-file", load});
  EXPECT_EQ(description.exitCode, 0);
  EXPECT_THAT(description.out, AllOf(HasSubstr("write-file (version 1)"), HasSubstr("output"),
                                     HasSubstr("Folder for result.txt.")));
  auto schema = runOptRun({"--print-schema", load});
  EXPECT_EQ(schema.exitCode, 0);
  EXPECT_TRUE(static_cast<bool>(llvm::json::parse(schema.out)));
  EXPECT_THAT(schema.out, HasSubstr("write-file"));
  auto docs = runOptRun({"--print-docs"}, {"OPT_RUN_PLUGIN_PATH=" + buildDir() + "/tests/plugins"});
  EXPECT_EQ(docs.exitCode, 0);
  EXPECT_THAT(docs.out, Not(HasSubstr("write-file"))); // only what comes with OptRun
}

TEST_F(DriverTest, showsHelpAndVersionOnStandardOutput) {
  auto help = runOptRun({"--help"});
  EXPECT_EQ(help.exitCode, 0);
  EXPECT_THAT(help.out, AllOf(HasSubstr("--verify-each"), Not(HasSubstr("debug-counter"))));
  auto version = runOptRun({"--version"});
  EXPECT_EQ(version.exitCode, 0);
  EXPECT_THAT(version.out, testing::StartsWith("opt-run "));
}

TEST_F(DriverTest, saysThatStandardOutputIsFull) {
  auto result = runProcess({"/bin/sh", "-c", optRunPath() + " --print-schema > /dev/full"});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_THAT(result.err, HasSubstr("cannot write to standard output: No space left on device"));
}

TEST_F(DriverTest, writesTheSameBytesAtAnyNumberOfThreads) {
  std::vector<std::string> outputs;
  for (const char *threads : {"--threads=1", "--threads=8"}) {
    auto result = run({"make-model: {}"}, {threads, "--dump-after=*", "--quiet"});
    EXPECT_EQ(result.exitCode, 0);
    outputs.push_back(result.err);
  }
  EXPECT_EQ(outputs[0], outputs[1]);
}

} // namespace
