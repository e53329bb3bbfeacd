// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Staged output: what is visible when, and what is refused.

#include "FolderContent.h"
#include "SystemCallFaults.h"
#include "gmock/gmock.h"

#include <chrono>
#include <fcntl.h>
#include <future>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

namespace {

using Output = std::unique_ptr<StagedFolder>;

Output stageInto(const std::string &folder, std::vector<std::string> replaces = {}) {
  return valueOf(StagedFolder::create(folder, {std::move(replaces)}));
}

std::string createError(const std::string &folder, std::vector<std::string> replaces = {}) {
  return errorOf(StagedFolder::create(folder, {std::move(replaces)}));
}

// ---- A whole new folder -----------------------------------------------------------------------

TEST(WholeFolder, AppearsAtCommit) {
  TemporaryFolder root;
  Output output = stageInto(root.path("out/"));
  EXPECT_TRUE(output->isWholeFolder());
  EXPECT_EQ(output->folder(), root.path("out"));
  EXPECT_EQ(output->stagedName("model.onnx"), "model.onnx");
  writeStaged(*output, "model.onnx", "graph");
  writeStaged(*output, "model.data", "weights");
  EXPECT_FALSE(std::filesystem::exists(root.path("out")));

  ASSERT_EQ(errorOf(output->commit()), "");
  Content expected = {{"out/model.onnx", "graph"}, {"out/model.data", "weights"}};
  EXPECT_EQ(contentOf(root.path("")), expected);
  EXPECT_EQ(errorOf(output->commit()), "") << "a second commit does nothing";
  output->discard();
  output.reset();
  EXPECT_EQ(contentOf(root.path("")), expected) << "what is committed stays";
}

TEST(WholeFolder, LeavesNoTraceWithoutCommit) {
  TemporaryFolder root;
  for (const char *path : {"out", "not/there/yet/out"}) {
    Output output = stageInto(root.path(path));
    writeStaged(*output, "model.onnx", "graph");
    output.reset();
    EXPECT_EQ(contentOf(root.path("")), Content{}) << path;
  }
}

TEST(WholeFolder, MakesMissingParents) {
  TemporaryFolder root;
  Output output = stageInto(root.path("not/there/./yet/out"));
  writeStaged(*output, "model.onnx", "graph");
  EXPECT_FALSE(std::filesystem::exists(root.path("not")));
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"not/there/yet/out/model.onnx", "graph"}}));
}

TEST(WholeFolder, JoinsParentsThatAppearDuringTheRun) {
  TemporaryFolder root;
  Output one = stageInto(root.path("new/one")), two = stageInto(root.path("new/two"));
  writeStaged(*one, "a", "1");
  writeStaged(*two, "b", "2");
  ASSERT_EQ(errorOf(one->commit()), "");
  ASSERT_EQ(errorOf(two->commit()), "");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"new/one/a", "1"}, {"new/two/b", "2"}}));
}

TEST(WholeFolder, CanBeCommittedWithoutFiles) {
  TemporaryFolder root;
  ASSERT_EQ(errorOf(stageInto(root.path("out"))->commit()), "");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"out", "/"}}));
}

TEST(WholeFolder, ReplacesAnEmptyFolderAndKeepsItsPermissions) {
  TemporaryFolder root;
  std::filesystem::create_directory(root.path("out"));
  ASSERT_EQ(::chmod(root.path("out").c_str(), 0750), 0);
  Output output = stageInto(root.path("out"));
  EXPECT_TRUE(output->isWholeFolder());
  writeStaged(*output, "model.onnx", "graph");
  EXPECT_TRUE(std::filesystem::is_empty(root.path("out")));
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"out/model.onnx", "graph"}}));
  struct stat status;
  ASSERT_EQ(::stat(root.path("out").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0750u);
}

TEST(WholeFolder, HasTheUsualPermissions) {
  TemporaryFolder root;
  mode_t previous = ::umask(027);
  Output output = stageInto(root.path("out"));
  writeStaged(*output, "file", "x");
  ::umask(previous);
  ASSERT_EQ(errorOf(output->commit()), "");
  struct stat folder, file;
  ASSERT_EQ(::stat(root.path("out").c_str(), &folder), 0);
  ASSERT_EQ(::stat(root.path("out/file").c_str(), &file), 0);
  EXPECT_EQ(folder.st_mode & 0777, 0750u);
  EXPECT_EQ(file.st_mode & 0777, 0640u);
}

TEST(WholeFolder, DoesNotReplaceWhatAppearedDuringTheRun) {
  TemporaryFolder root;
  Output first = stageInto(root.path("out")), second = stageInto(root.path("out"));
  writeStaged(*first, "model.onnx", "first");
  writeStaged(*second, "model.onnx", "second");
  ASSERT_EQ(errorOf(first->commit()), "");
  EXPECT_THAT(errorOf(second->commit()),
              AllOf(HasSubstr(root.path("out")), HasSubstr("was put there during the run")));
  EXPECT_EQ(contentOf(root.path("")), (Content{{"out/model.onnx", "first"}}));
}

TEST(WholeFolder, NoticesWhatAppearedBeforeItIsPublished) {
  TemporaryFolder root;
  for (const char *path : {"a", "b/sub", "c/sub"}) {
    Output output = stageInto(root.path(path));
    writeStaged(*output, "model.onnx", "graph");
    root.write(path[0] == 'b' ? "b" : std::string(path) + "/other", "x"); // a file, or a folder
    EXPECT_THAT(errorOf(output->prepare()), HasSubstr("was put there during the run")) << path;
    EXPECT_THAT(errorOf(output->commit()), HasSubstr("it was discarded"));
  }
  EXPECT_EQ(contentOf(root.path("")),
            (Content{{"a/other", "x"}, {"b", "x"}, {"c/sub/other", "x"}}));
}

TEST(WholeFolder, TakesNothingOnceItIsPrepared) {
  TemporaryFolder root;
  Output output = stageInto(root.path("out"));
  writeStaged(*output, "model.onnx", "graph");
  ASSERT_EQ(errorOf(output->prepare()), "");
  ASSERT_EQ(errorOf(output->prepare()), "") << "again";
  EXPECT_FALSE(std::filesystem::exists(root.path("out")));
  EXPECT_THAT(errorOf(output->stage("late")), HasSubstr("nothing can be added"));
  EXPECT_THAT(errorOf(output->scratch("late")), HasSubstr("nothing can be added"));
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(errorOf(output->prepare()), "");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"out/model.onnx", "graph"}}));
}

TEST(WholeFolder, ReportsAFailedRename) {
  TemporaryFolder root;
  Output output = stageInto(root.path("out"));
  writeStaged(*output, "model.onnx", "graph");
  ScopedFault fault(
      [](llvm::StringRef call, const std::string &) { return call == "rename" ? EIO : 0; });
  EXPECT_THAT(errorOf(output->commit()), HasSubstr("cannot move the finished output to"));
  EXPECT_EQ(contentOf(root.path("")), Content{});
  EXPECT_THAT(errorOf(output->commit()), HasSubstr("it was discarded"));
}

TEST(WholeFolder, FollowsSymbolicLinksToFolders) {
  TemporaryFolder root;
  std::filesystem::create_directory(root.path("real"));
  std::filesystem::create_symlink("real", root.path("link"));
  for (const char *name : {"link/out", "link"}) { // through the link, then the link itself
    Output output = stageInto(root.path(name));
    writeStaged(*output, "file", name);
    ASSERT_EQ(errorOf(output->commit()), "");
    EXPECT_EQ(contentOf(root.path(name)).at("file"), name);
  }
  EXPECT_TRUE(std::filesystem::is_symlink(root.path("link")));
}

// ---- Files in a folder that has others
// -----------------------------------------------------------

struct FilesInFolder : testing::Test {
  TemporaryFolder root;
  std::string folder = root.path("model");
  FilesInFolder() { root.write("model/tokenizer.json", "words"); }
};

TEST_F(FilesInFolder, AppearAtCommitBesideTheOthers) {
  Output output = stageInto(folder);
  EXPECT_FALSE(output->isWholeFolder());
  EXPECT_THAT(output->stagedName("a.onnx"), StartsWith(".optrun-"));
  writeStaged(*output, "a.onnx", "graph");
  EXPECT_TRUE(std::filesystem::exists(folder + "/" + output->stagedName("a.onnx")));
  EXPECT_THAT(errorOf(output->stage("a.onnx")), HasSubstr("this run writes 'a.onnx'"));
  writeStaged(*output, "manifest.json", "{}");
  output->finalFile("manifest.json");
  EXPECT_FALSE(std::filesystem::exists(folder + "/a.onnx"));
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(contentOf(folder),
            (Content{{"a.onnx", "graph"}, {"manifest.json", "{}"}, {"tokenizer.json", "words"}}));
  EXPECT_EQ(errorOf(output->commit()), "");
}

TEST_F(FilesInFolder, LeaveNoTraceWithoutCommit) {
  Output output = stageInto(folder, {"tokenizer.json"});
  writeStaged(*output, "a.onnx", "graph");
  writeStaged(*output, "tokenizer.json", "other words");
  output->discard();
  EXPECT_EQ(contentOf(folder), (Content{{"tokenizer.json", "words"}}));
  EXPECT_THAT(errorOf(output->commit()), HasSubstr("it was discarded"));
  EXPECT_THAT(errorOf(output->stage("b")), HasSubstr("committed or discarded"));
  writeStaged(*stageInto(folder), "a.onnx", "graph"); // the destructor discards
  EXPECT_EQ(contentOf(folder), (Content{{"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, ReplaceAndRemoveOnlyWhatIsListed) {
  root.write("model/split_0.onnx", "old 0");
  root.write("model/split_1.onnx", "old 1");
  root.write("model/split_2.onnx", "old 2");
  Output output = stageInto(folder, {"split_0.onnx", "split_1.onnx", "split_2.onnx", "gone.onnx"});
  writeStaged(*output, "split_0.onnx", "new 0");
  writeStaged(*output, "split_1.onnx", "new 1");
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(
      contentOf(folder),
      (Content{{"split_0.onnx", "new 0"}, {"split_1.onnx", "new 1"}, {"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, RefuseToOverwriteAnythingElse) {
  Output output = stageInto(folder);
  EXPECT_EQ(errorOf(output->stage("tokenizer.json")),
            "'tokenizer.json' exists in '" + folder + "' already and is not to be overwritten");
  std::filesystem::create_directory(folder + "/sub");
  EXPECT_THAT(errorOf(output->stage("sub")), HasSubstr("it is a folder"));
}

TEST_F(FilesInFolder, RefuseToOverwriteWhatAppearedDuringTheRun) {
  Output output = stageInto(folder, {"old.onnx"});
  root.write("model/old.onnx", "old");
  writeStaged(*output, "a.onnx", "graph");
  writeStaged(*output, "b.onnx", "graph");
  root.write("model/b.onnx", "somebody else's");
  EXPECT_THAT(errorOf(output->commit()), HasSubstr("'b.onnx' exists in"));
  EXPECT_EQ(
      contentOf(folder),
      (Content{{"b.onnx", "somebody else's"}, {"old.onnx", "old"}, {"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, ArePreparedWithoutATrace) {
  const Content before = contentOf(folder);
  Output output = stageInto(folder, {"tokenizer.json"});
  writeStaged(*output, "a.onnx", "graph");
  ASSERT_EQ(errorOf(output->prepare()), "");
  EXPECT_THAT(errorOf(output->stage("late")), HasSubstr("nothing can be added"));
  EXPECT_EQ(contentOf(folder).at("tokenizer.json"), "words");
  output->discard();
  EXPECT_EQ(contentOf(folder), before);

  output = stageInto(folder);
  writeStaged(*output, "a.onnx", "graph");
  root.write("model/a.onnx", "somebody else's");
  EXPECT_THAT(errorOf(output->prepare()), HasSubstr("'a.onnx' exists in"));
  EXPECT_EQ(contentOf(folder),
            (Content{{"a.onnx", "somebody else's"}, {"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, RefuseToOverwriteWhatAppearedDuringTheCommit) {
  // Listed or not: this is not the file that was to be replaced.
  root.write("model/old.onnx", "old");
  Output output = stageInto(folder, {"a.onnx", "old.onnx"});
  writeStaged(*output, "a.onnx", "graph");
  writeStaged(*output, "b.onnx", "graph");
  ScopedFault fault([&](llvm::StringRef call, const std::string &path) {
    if (call == "rename" && llvm::StringRef(path).ends_with("/a.onnx"))
      root.write("model/a.onnx", "somebody else's");
    return 0;
  });
  EXPECT_EQ(errorOf(output->commit()), "'a.onnx' appeared in '" + folder + "' during the run");
  EXPECT_THAT(errorOf(output->commit()), HasSubstr("it was discarded"));
  EXPECT_EQ(
      contentOf(folder),
      (Content{{"a.onnx", "somebody else's"}, {"old.onnx", "old"}, {"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, WaitForAnotherRunThatPublishes) {
  root.write("model/a.onnx", "old");
  Output output = stageInto(folder, {"a.onnx"});
  writeStaged(*output, "a.onnx", "new");
  const Content before = contentOf(folder);
  int other = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY);
  ASSERT_EQ(::flock(other, LOCK_EX), 0);
  std::future<std::string> commit =
      std::async(std::launch::async, [&] { return errorOf(output->commit()); });
  EXPECT_EQ(commit.wait_for(std::chrono::milliseconds(100)), std::future_status::timeout);
  EXPECT_EQ(contentOf(folder), before);
  ::close(other);
  EXPECT_EQ(commit.get(), "");
  EXPECT_EQ(contentOf(folder), (Content{{"a.onnx", "new"}, {"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, PutEverythingBackWhenAnyStepOfTheCommitFails) {
  root.write("model/a.onnx", "old a");
  root.write("model/stale.onnx", "old");
  root.write("model/manifest.json", "old manifest");
  Content before = contentOf(folder);
  unsigned failures = 0;
  for (unsigned step = 0;; ++step) {
    Output output = stageInto(folder, {"a.onnx", "stale.onnx", "manifest.json"});
    writeStaged(*output, "a.onnx", "new a");
    writeStaged(*output, "b.onnx", "new b");
    writeStaged(*output, "manifest.json", "new manifest");
    output->finalFile("manifest.json");
    std::string error, victim;
    {
      unsigned count = 0;
      ScopedFault fault([&](llvm::StringRef call, const std::string &path) {
        if (call != "rename" || count++ != step)
          return 0;
        victim = std::filesystem::path(path).filename();
        return EIO;
      });
      error = errorOf(output->commit());
    }
    if (victim.empty()) { // fewer steps than that
      EXPECT_EQ(error, "");
      break;
    }
    ++failures;
    EXPECT_THAT(error, HasSubstr("Input/output error")) << victim;
    EXPECT_EQ(contentOf(folder), before) << "after a failure at " << victim;
  }
  EXPECT_EQ(failures, 6u) << "three files go, three come";
  EXPECT_EQ(contentOf(folder).at("manifest.json"), "new manifest");
}

TEST_F(FilesInFolder, CanBeACommitThatOnlyRemoves) {
  root.write("model/a.onnx", "old a");
  root.write("model/b.onnx", "old b");
  Content before = contentOf(folder);
  Output output = stageInto(folder, {"a.onnx", "b.onnx"});
  {
    ScopedFault fault([](llvm::StringRef call, const std::string &path) {
      return call == "rename" && llvm::StringRef(path).ends_with("~b.onnx") ? EIO : 0;
    });
    EXPECT_THAT(errorOf(output->commit()), HasSubstr("cannot replace 'b.onnx'"));
  }
  EXPECT_EQ(contentOf(folder), before);
  ASSERT_EQ(errorOf(stageInto(folder, {"a.onnx", "b.onnx"})->commit()), "");
  EXPECT_EQ(contentOf(folder), (Content{{"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, SayWhereOldFilesAreWhenTheyCannotBePutBack) {
  root.write("model/a.onnx", "old a");
  std::string prefix;
  {
    Output output = stageInto(folder, {"a.onnx"});
    writeStaged(*output, "a.onnx", "new a");
    prefix = output->stagedName("").substr(0, output->stagedName("").size() - 1);
    unsigned count = 0;
    ScopedFault fault([&](llvm::StringRef call, const std::string &) {
      return call == "rename" && count++ >= 1 ? EIO : 0;
    });
    EXPECT_THAT(errorOf(output->commit()),
                AllOf(HasSubstr("cannot move 'a.onnx'"),
                      HasSubstr("could not put back in '" + folder + "': 'a.onnx'"),
                      HasSubstr("start with '" + prefix + "~'")));
  }
  EXPECT_EQ(contentOf(folder).at(prefix + "~a.onnx"), "old a");
  // The next run tries again, and can.
  stageInto(folder).reset();
  EXPECT_EQ(contentOf(folder), (Content{{"a.onnx", "old a"}, {"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, NoticeFilesThatWereNeverWritten) {
  Output output = stageInto(folder, {"tokenizer.json"});
  valueOf(output->stage("tokenizer.json"));
  EXPECT_THAT(errorOf(output->commit()), HasSubstr("'tokenizer.json' was to be written"));
  EXPECT_EQ(contentOf(folder), (Content{{"tokenizer.json", "words"}}));
}

TEST_F(FilesInFolder, AreUsedForTheCurrentFolder) {
  // Exchanging it would leave the caller's shell in a folder that is gone.
  TemporaryFolder empty;
  std::filesystem::path previous = std::filesystem::current_path();
  std::filesystem::current_path(empty.path(""));
  Output output = stageInto(".");
  EXPECT_FALSE(output->isWholeFolder());
  writeStaged(*output, "a", "1");
  EXPECT_EQ(errorOf(output->commit()), "");
  std::filesystem::current_path(previous);
  EXPECT_EQ(contentOf(empty.path("")), (Content{{"a", "1"}}));
}

// ---- Scratch files ------------------------------------------------------------------------------

TEST(ScratchFiles, LieBesideTheStagedOnesAndAreNotPublished) {
  TemporaryFolder root;
  root.write("used/file", "x");
  for (const char *name : {"new", "used"}) {
    Output output = stageInto(root.path(name));
    std::filesystem::path staged = valueOf(output->stage("model.onnx"));
    std::filesystem::path scratch = valueOf(output->scratch("model.onnx"));
    EXPECT_NE(staged, scratch);
    EXPECT_EQ(staged.parent_path(), scratch.parent_path());
    std::ofstream(staged) << "graph";
    std::ofstream(scratch) << "for a moment";
    ASSERT_EQ(errorOf(output->commit()), "");
  }
  EXPECT_EQ(
      contentOf(root.path("")),
      (Content{{"new/model.onnx", "graph"}, {"used/file", "x"}, {"used/model.onnx", "graph"}}));
}

// ---- Places and names that are refused
// -----------------------------------------------------------

TEST(StagedFolder, SaysWhatIsInTheWay) {
  TemporaryFolder root;
  std::string file = root.write("file", "x");
  EXPECT_EQ(createError(file),
            "the output folder cannot be '" + file + "': '" + file + "' is a file");
  EXPECT_EQ(createError(file + "/sub/out"),
            "the output folder cannot be '" + file + "/sub/out': '" + file + "' is a file");
  std::filesystem::create_symlink("nowhere", root.path("link"));
  for (const std::string &path : {root.path("link"), root.path("link/out")})
    EXPECT_THAT(createError(path),
                AllOf(HasSubstr("'" + root.path("link") + "' is a symbolic link"),
                      HasSubstr("does not exist")));
  EXPECT_EQ(createError(""), "the output folder has no name");
  EXPECT_EQ(createError("/dev/null"), "the output folder cannot be '/dev/null': '/dev/null' is a "
                                      "device");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"file", "x"}}));
}

TEST(StagedFolder, ResolvesAllWaysToWriteTheSamePlace) {
  TemporaryFolder root;
  const std::string real = std::filesystem::canonical(root.path("")).string();
  std::filesystem::create_directories(root.path("a/b"));
  std::filesystem::create_directory_symlink("a/b", root.path("link"));
  for (const char *path : {"new/out", "./new//out/", "a/../new/./out", "a/b/../../new/out"})
    EXPECT_EQ(valueOf(StagedFolder::resolve(root.path(path))), real + "/new/out") << path;
  for (const char *path : {"a/out", "link/../out", "a/b/../out"})
    EXPECT_EQ(valueOf(StagedFolder::resolve(root.path(path))), real + "/a/out") << path;
  EXPECT_EQ(valueOf(StagedFolder::resolve("/..")), "/");
  EXPECT_EQ(valueOf(StagedFolder::resolve("//")), "/");
}

TEST(StagedFolder, StagesNothingInTheOpenBesideAMissingFolder) {
  // What is staged for "missing/../x" by its text would be written to x before the commit.
  TemporaryFolder root;
  for (const char *path : {"missing/../x", "missing/sub/../../../x", "missing/.."})
    EXPECT_THAT(createError(root.path(path)),
                AllOf(HasSubstr("the output folder cannot be '" + root.path(path)),
                      HasSubstr("'..' comes after"), HasSubstr("missing")));
  EXPECT_EQ(contentOf(root.path("")), Content{});
}

TEST(StagedFolder, SaysWhichFolderCannotBeWritten) {
  TemporaryFolder root;
  root.write("shared/file", "x");
  std::filesystem::permissions(root.path("shared"), std::filesystem::perms(0555));
  std::filesystem::permissions(root.path(""), std::filesystem::perms(0755));
  bool superuser = ::geteuid() == 0;
  if (superuser) { // whom permissions do not bind
    ASSERT_EQ(::seteuid(65534), 0);
  }
  std::string inside = createError(root.path("shared/out"));
  std::string itself = createError(root.path("shared"));
  if (superuser) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_THAT(inside, AllOf(HasSubstr("cannot make the output folder '" + root.path("shared/out")),
                            HasSubstr("Permission denied")));
  EXPECT_THAT(itself, AllOf(HasSubstr("cannot write in the folder '" + root.path("shared")),
                            HasSubstr("Permission denied")));
}

TEST(StagedFolder, RefusesNamesThatAreNoPlainFileNames) {
  TemporaryFolder root;
  Output output = stageInto(root.path("out"));
  for (const char *name : {"", ".", "..", "a/b", "/a", "../a", ".optrun-1-abcdef-x", "a\nb"}) {
    EXPECT_THAT(errorOf(output->stage(name)), StartsWith("the output name '")) << name;
    EXPECT_THAT(createError(root.path("other"), {name}), StartsWith("the output name '")) << name;
  }
  EXPECT_EQ(output->stagedName(".hidden"), ".hidden");
}

} // namespace
