// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Broken plugins through opt-run: one clear error, the right exit code, no crash of the host, no
/// partial output.

#include "DriverTest.h"

#include <csignal>

using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

// Libraries that cannot be loaded: wrong use, told before anything runs.

struct BrokenLibrary {
  const char *name;
  const char *reason;
};

class BrokenLibraryTest : public DriverTest, public testing::WithParamInterface<BrokenLibrary> {};

TEST_P(BrokenLibraryTest, isRefusedWithFileAndReason) {
  const std::string path = plugin(GetParam().name);
  const auto isOneClearError = [&](const ProcessResult &result) {
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_EQ(result.signal, 0);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, AllOf(HasSubstr(path), HasSubstr(GetParam().reason)));
  };
  // Named on the command line, and by the recipe.
  const std::string passes = recipe({"make-model: {}"});
  isOneClearError(runOptRun({passes, "--load-plugin", plugin("good"), "--load-plugin", path}));
  const std::string named = recipe({"make-model: {}"}, "plugins: [" + path + "]\n");
  auto result = runOptRun({named, "--load-plugin", plugin("good")});
  isOneClearError(result);
  EXPECT_THAT(result.err, HasSubstr("recipe.yaml:2:"));
}

INSTANTIATE_TEST_SUITE_P(
    All, BrokenLibraryTest,
    testing::Values(BrokenLibrary{"no-such-file", "No such file or directory"},
                    BrokenLibrary{"no-note", "it is not an OptRun plugin"},
                    BrokenLibrary{"no-entry-point", "it has no entry point"},
                    BrokenLibrary{"null-descriptor", "its descriptor is incomplete"},
                    BrokenLibrary{"contradiction", "contradicts its .note.optrun note"},
                    BrokenLibrary{"wrong-major", "its plugin ABI is version 99"},
                    BrokenLibrary{"other-headers", "the headers of another OptRun"},
                    BrokenLibrary{"other-sanitizers", "built with other sanitizers"},
                    BrokenLibrary{"undefined-symbol", "undefined symbol"},
                    BrokenLibrary{"no-passes", "it registers no passes"},
                    BrokenLibrary{"throws-in-registration", "no info today"},
                    BrokenLibrary{"twice-in-one", "'duplicate' is registered twice"}),
    [](const auto &test) {
      std::string name = test.param.name;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST_F(DriverTest, refusesFilesThatAreNoLibraries) {
  std::ifstream file(plugin("good"), std::ios::binary);
  std::string good(std::istreambuf_iterator<char>(file), {});
  const std::string passes = recipe({"make-model: {}"});
  for (const auto &[content, reason] :
       {std::pair<std::string, const char *>{"", "the file is empty"},
        {"#!/bin/sh\n", "not a shared library"},
        {good.substr(0, good.size() / 2), "the file is truncated"}}) {
    const std::string path = folder.write("broken.so", content);
    auto result = runOptRun({passes, "--load-plugin", plugin("good"), "--load-plugin", path});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_THAT(result.err, AllOf(HasSubstr(path), HasSubstr(reason)));
  }
}

TEST_F(DriverTest, namesBothLibrariesOfADuplicatePass) {
  auto result =
      runOptRun({recipe({"make-model: {}"}), "--load-plugin", plugin("good"), "--load-plugin",
                 plugin("duplicate-a"), "--load-plugin", plugin("duplicate-b")});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr(plugin("duplicate-a")), HasSubstr(plugin("duplicate-b"))));
}

TEST_F(DriverTest, takesBrokenLibrariesInAFolderForNotesOnly) {
  // This folder has every fixture, broken ones first.
  const std::string path = "OPT_RUN_PLUGIN_PATH=" + buildDir() + "/tests/plugins";
  auto result = runOptRun({recipe({"make-model: {}"})}, {path});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(result.err, testing::Not(HasSubstr("cannot load")));

  result = runOptRun({recipe({"make-modl: {}"})}, {path});
  EXPECT_EQ(result.exitCode, 2);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("recipe.yaml:3:5: error: unknown pass 'make-modl'; did you mean "
                              "'make-model'?"),
                    HasSubstr("note: cannot load plugin")));
}

// Passes that misbehave: the run fails, the plugin is named.

struct BadPass {
  const char *id;
  int exitCode;
  const char *reason;
};

class BadPassTest : public DriverTest, public testing::WithParamInterface<BadPass> {};

TEST_P(BadPassTest, endsTheRunAndIsNamed) {
  auto result = run({"make-model: {}", writeFile(), GetParam().id + std::string(": {}")});
  EXPECT_EQ(result.exitCode, GetParam().exitCode);
  EXPECT_EQ(result.signal, 0);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("error: "), HasSubstr(GetParam().id), HasSubstr(GetParam().reason)));
  EXPECT_THAT(leftovers(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPassTest,
    testing::Values(
        BadPass{"throw-in-run", 1, "misbehaving.so'): uncaught exception: on purpose"},
        BadPass{"throw-in-loop", 1, "misbehaving.so'): uncaught exception: on purpose"},
        BadPass{"throw-in-check", 2, "misbehaving.so'): uncaught exception"},
        BadPass{"throw-when-made", 2, "misbehaving.so'): uncaught exception: on purpose"},
        BadPass{"write-undeclared", 1, "wrote fixture.Undeclared/1, which it does not declare"},
        BadPass{"forget-declared", 1, "did not write fixture.Forgotten/1"}),
    [](const auto &test) {
      std::string name = test.param.id;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

// A crash cannot be survived, but it can be attributed, and it leaves the old output.

struct Crash {
  const char *id;
  int signal;
  bool inWorker;
};

class CrashTest : public DriverTest, public testing::WithParamInterface<Crash> {};

TEST_P(CrashTest, diesOfTheSignalAndNamesPassAndLibrary) {
  folder.write("out/result.txt", "old\n");
  auto result = run({"make-model: {}", writeFile(), GetParam().id + std::string(": {}")});
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_EQ(result.signal, GetParam().signal);
#endif
  EXPECT_NE(result.exitCode, 0);
  EXPECT_THAT(result.err, AllOf(HasSubstr("crashed"),
                                HasSubstr("while running pass '" + std::string(GetParam().id) +
                                          "' (plugin '" + plugin("misbehaving") + "')"),
                                HasSubstr("nothing was published")));
  std::ifstream old(folder.path("out/result.txt"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(old), {}), "old\n");
}

INSTANTIATE_TEST_SUITE_P(All, CrashTest,
                         testing::Values(Crash{"crash", SIGSEGV, false},
                                         Crash{"crash-in-loop", SIGSEGV, true},
                                         Crash{"overflow-the-stack", SIGSEGV, false},
                                         Crash{"abort", SIGABRT, false}),
                         [](const auto &test) {
                           std::string name = test.param.id;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST_F(DriverTest, doesNotDenyItsOutputWhenItCrashesAfterwards) {
  auto result = run({"make-model: {}", writeFile(), "abort-at-exit: {}"});
  EXPECT_NE(result.exitCode, 0);
  EXPECT_THAT(result.err,
              AllOf(HasSubstr("crashed"), testing::Not(HasSubstr("nothing was published"))));
  EXPECT_THAT(leftovers(), testing::ElementsAre("out"));
}

} // namespace
