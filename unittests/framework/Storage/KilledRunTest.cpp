// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Runs that are killed: never half a result, and the next run cleans up.

#include "FolderContent.h"
#include "SystemCallFaults.h"
#include "gmock/gmock.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace optrun;
using namespace optrun::test;
using testing::AnyOf;
using testing::Eq;
using testing::IsEmpty;
using testing::Not;

namespace {

Content withoutTemporaries(Content content) {
  std::erase_if(
      content, [](const auto &entry) { return entry.first.find(".optrun-") != std::string::npos; });
  return content;
}

/// One run into \p folder: two files and the manifest, which replace \p replaces.
void run(const std::string &folder, const std::vector<std::string> &replaces) {
  auto output = valueOf(StagedFolder::create(folder, {replaces}));
  output->finalFile("manifest.json");
  writeStaged(*output, "manifest.json", "new manifest");
  writeStaged(*output, "split_0.onnx", "new 0");
  writeStaged(*output, "split_1.onnx", "new 1");
  if (llvm::Error error = output->commit())
    throw std::runtime_error(llvm::toString(std::move(error)));
}

const Content NewFiles = {
    {"manifest.json", "new manifest"}, {"split_0.onnx", "new 0"}, {"split_1.onnx", "new 1"}};

TEST(KilledRun, IntoANewFolderLeavesAllOrNothing) {
  unsigned kills = 0;
  for (const char *path : {"out", "not/there/out"}) {
    for (unsigned call = 0;; ++call) {
      TemporaryFolder root;
      std::string folder = root.path(path);
      bool killed = killedBeforeCall(call, [&] { run(folder, {}); });
      bool exists = std::filesystem::exists(folder);
      if (exists) {
        EXPECT_EQ(contentOf(folder), NewFiles) << "killed before call " << call;
      }
      if (!killed) {
        EXPECT_TRUE(exists);
        break;
      }
      ++kills;
      // The next run leaves nothing but its own result.
      std::filesystem::remove_all(folder);
      run(folder, {});
      Content all = contentOf(root.path(""));
      EXPECT_EQ(all, withoutTemporaries(all)) << "killed before call " << call;
      EXPECT_EQ(contentOf(folder), NewFiles);
    }
  }
  EXPECT_GT(kills, 10u) << "the test must have killed something";
}

TEST(KilledRun, IntoAnEmptyFolderLeavesAllOrNothing) {
  for (unsigned call = 0;; ++call) {
    TemporaryFolder root;
    std::string folder = root.path("out");
    std::filesystem::create_directory(folder);
    bool killed = killedBeforeCall(call, [&] { run(folder, {}); });
    EXPECT_THAT(contentOf(folder), AnyOf(IsEmpty(), Eq(NewFiles)));
    if (!killed)
      break;
    ASSERT_EQ(errorOf(valueOf(StagedFolder::create(folder, {}))->commit()), "");
    Content all = contentOf(root.path(""));
    EXPECT_EQ(all, withoutTemporaries(all));
  }
}

TEST(KilledRun, OverAnOldResultIsUndoneUnlessItWasComplete) {
  const Content oldFiles = {{"manifest.json", "old manifest"},
                            {"split_0.onnx", "old 0"},
                            {"split_2.onnx", "old 2"},
                            {"tokenizer.json", "words"}};
  Content allNew = NewFiles;
  allNew["tokenizer.json"] = "words";
  unsigned undone = 0, completed = 0, between = 0;
  for (unsigned call = 0;; ++call) {
    TemporaryFolder root;
    std::string folder = root.path("out");
    for (const auto &[name, text] : oldFiles)
      root.write("out/" + name, text);
    bool killed = killedBeforeCall(
        call, [&] { run(folder, {"manifest.json", "split_0.onnx", "split_2.onnx"}); });

    // Whoever looks now finds a complete result, or no manifest.
    Content visible = withoutTemporaries(contentOf(folder));
    if (visible.contains("manifest.json")) {
      EXPECT_THAT(visible, AnyOf(Eq(oldFiles), Eq(allNew))) << "killed before call " << call;
    } else {
      ++between;
    }
    EXPECT_EQ(visible["tokenizer.json"], "words");

    // The next run, whatever comes of it, first makes it one or the other.
    valueOf(StagedFolder::create(folder, {})).reset();
    Content after = contentOf(folder);
    EXPECT_THAT(after, AnyOf(Eq(oldFiles), Eq(allNew))) << "killed before call " << call;
    if (!visible.contains("manifest.json")) {
      EXPECT_EQ(after, oldFiles) << "killed before call " << call;
    }
    (after == allNew ? completed : undone) += 1;
    if (!killed)
      break;
  }
  EXPECT_GT(undone, 10u);
  EXPECT_GT(between, 3u) << "some kills must have hit the middle of the commit";
  EXPECT_GT(completed, 3u) << "and some the removal of what was replaced";
}

TEST(KilledRun, AfterACompleteCommitIsNotUndoneWhateverIsEditedSince) {
  unsigned edits = 0;
  for (unsigned call = 0;; ++call) {
    TemporaryFolder root;
    std::string folder = root.path("out");
    root.write("out/manifest.json", "old manifest");
    root.write("out/split_0.onnx", "old 0");
    bool killed = killedBeforeCall(call, [&] { run(folder, {"manifest.json", "split_0.onnx"}); });
    if (!killed)
      break;
    if (contentOf(folder)["manifest.json"] != "new manifest")
      continue;
    ++edits;
    // As editors do: the file gets another inode.
    std::filesystem::rename(root.write("out/edited", "edited manifest"), folder + "/manifest.json");
    valueOf(StagedFolder::create(folder, {})).reset();
    Content expected = NewFiles;
    expected["manifest.json"] = "edited manifest";
    EXPECT_EQ(contentOf(folder), expected) << "killed before call " << call;
  }
  EXPECT_GT(edits, 3u) << "some kills must have hit the removal of what was replaced";
}

TEST(KilledRun, DuringTheCleanUpAfterAKilledRunIsCleanedUpToo) {
  const Content oldFiles = {{"manifest.json", "old manifest"}, {"split_0.onnx", "old 0"}};
  bool firstKilled = true;
  for (unsigned first = 0; firstKilled; ++first) {
    bool secondKilled = true;
    for (unsigned second = 0; secondKilled; ++second) {
      TemporaryFolder root;
      std::string folder = root.path("out");
      for (const auto &[name, text] : oldFiles)
        root.write("out/" + name, text);
      firstKilled =
          killedBeforeCall(first, [&] { run(folder, {"manifest.json", "split_0.onnx"}); });
      bool complete = contentOf(folder)["manifest.json"] == "new manifest";
      secondKilled = killedBeforeCall(second, [&] { valueOf(StagedFolder::create(folder, {})); });
      valueOf(StagedFolder::create(folder, {})).reset();
      EXPECT_EQ(contentOf(folder), complete ? NewFiles : oldFiles)
          << "killed before call " << first << ", the clean-up before call " << second;
    }
  }
}

TEST(KilledRun, FindsNoJournalOnceThereIsNothingToUndo) {
  for (bool fails : {false, true}) {
    TemporaryFolder root;
    root.write("out/manifest.json", "old manifest");
    std::vector<std::string> removed;
    ScopedFault fault([&](llvm::StringRef call, const std::string &path) {
      if (call == "unlink")
        removed.push_back(std::filesystem::path(path).extension());
      return fails && call == "rename" && path.ends_with("/split_1.onnx") ? EIO : 0;
    });
    auto output = valueOf(StagedFolder::create(root.path("out"), {{"manifest.json"}}));
    for (const char *name : {"manifest.json", "split_1.onnx"})
      writeStaged(*output, name, "new");
    EXPECT_EQ(errorOf(output->commit()).empty(), !fails);
    ASSERT_GT(removed.size(), 2u);
    // What was placed before the failure goes while the commit is undone.
    EXPECT_EQ(removed[fails ? 1 : 0], ".commit");
    EXPECT_EQ(removed.back(), ".lock");
  }
}

TEST(LeftOvers, OfLiveRunsAreLeftAlone) {
  TemporaryFolder root;
  root.write("used/file", "x");
  auto one = valueOf(StagedFolder::create(root.path("new"), {}));
  auto two = valueOf(StagedFolder::create(root.path("used"), {}));
  writeStaged(*one, "a", "1");
  writeStaged(*two, "b", "2");
  pid_t child = ::fork();
  if (child == 0) { // another run, in another process, into the same places
    valueOf(StagedFolder::create(root.path("new"), {})).reset();
    valueOf(StagedFolder::create(root.path("used"), {})).reset();
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  valueOf(StagedFolder::create(root.path("new"), {})).reset(); // and in this one
  valueOf(StagedFolder::create(root.path("used"), {})).reset();

  EXPECT_EQ(errorOf(one->commit()), "");
  EXPECT_EQ(errorOf(two->commit()), "");
  EXPECT_EQ(contentOf(root.path("")),
            (Content{{"new/a", "1"}, {"used/b", "2"}, {"used/file", "x"}}));
}

TEST(LeftOvers, AreOnlyWhatHasOurKindOfName) {
  TemporaryFolder root;
  const Content mine = {{"out/.optrun-notes", "x"},
                        {"out/.optrun-1-abc-x", "x"},    // too short a tag
                        {"out/.optrun-1-abcdefx", "x"},  // no separator
                        {"out/.optrun-x-abcdef-y", "x"}, // no process
                        {"out/data", "x"},
                        {".optrun-out-1-abcdef/file", "x"}, // a dead run's
                        {".optrun-other-1-abcdef/file", "x"},
                        {".optrun-out-1-abcdef.bak/file", "x"},
                        {"out/.optrun-1-abcdef-model", "x"}, // a dead run's
                        {"out/.optrun-1-abcdef.lock", ""}};
  for (const auto &[name, text] : mine)
    root.write(name, text);
  valueOf(StagedFolder::create(root.path("out"), {})).reset();
  Content expected = mine;
  for (const char *removed :
       {".optrun-out-1-abcdef/file", "out/.optrun-1-abcdef-model", "out/.optrun-1-abcdef.lock"})
    expected.erase(removed);
  EXPECT_EQ(contentOf(root.path("")), expected);
}

TEST(LeftOvers, AHostileJournalCannotReachOutOfTheFolder) {
  TemporaryFolder root;
  root.write("precious", "x");
  root.write("out/file", "x");
  root.write("out/.optrun-1-abcdef.lock", "");
  struct stat status;
  ASSERT_EQ(::stat(root.path("precious").c_str(), &status), 0);
  root.write("out/.optrun-1-abcdef.commit", "optrun-commit/1\nplaced " +
                                                std::to_string(status.st_ino) +
                                                " ../precious\nplaced 1 file\nend\n");
  valueOf(StagedFolder::create(root.path("out"), {})).reset();
  EXPECT_EQ(contentOf(root.path("")), (Content{{"precious", "x"}, {"out/file", "x"}}));
}

TEST(LeftOvers, OfOtherUsersAreLeftAlone) {
  if (::geteuid() != 0)
    GTEST_SKIP() << "only the superuser can make files of other users";
  const auto giveAway = [](const std::string &path) {
    ASSERT_EQ(::lchown(path.c_str(), 65534, 65534), 0);
  };
  for (const char *foreign : {"out/.optrun-1-abcdef.lock", "out/.optrun-1-abcdef.commit"}) {
    TemporaryFolder root;
    root.write("out/precious", "x");
    root.write("out/.optrun-1-abcdef~precious", "old");
    root.write("out/.optrun-1-abcdef-last", "staged");
    root.write("out/.optrun-1-abcdef.lock", "");
    struct stat status;
    ASSERT_EQ(::stat(root.path("out/precious").c_str(), &status), 0);
    root.write("out/.optrun-1-abcdef.commit", "optrun-commit/1\nplaced " +
                                                  std::to_string(status.st_ino) +
                                                  " precious\nplaced 1 last\nend\n");
    root.write(".optrun-out-1-abcdef/file", "x");
    giveAway(root.path(foreign));
    giveAway(root.path(".optrun-out-1-abcdef"));
    const Content before = contentOf(root.path(""));
    valueOf(StagedFolder::create(root.path("out"), {})).reset();
    EXPECT_EQ(contentOf(root.path("")), before) << foreign;
  }
}

TEST(LeftOvers, AJournalIsNotReadThroughASymbolicLink) {
  TemporaryFolder root;
  root.write("out/precious", "x");
  struct stat status;
  ASSERT_EQ(::stat(root.path("out/precious").c_str(), &status), 0);
  root.write("elsewhere", "optrun-commit/1\nplaced " + std::to_string(status.st_ino) +
                              " precious\nplaced 1 last\nend\n");
  std::filesystem::create_symlink("../elsewhere", root.path("out/.optrun-1-abcdef.commit"));
  valueOf(StagedFolder::create(root.path("out"), {})).reset();
  EXPECT_EQ(contentOf(root.path("out")), (Content{{"precious", "x"}}));
  EXPECT_TRUE(std::filesystem::exists(root.path("elsewhere")));
}

TEST(LeftOvers, FilesThatSomebodyPutInPlaceSinceAreKept) {
  // A run was killed after it had placed "a"; then a user wrote an "a" of his own.
  TemporaryFolder root;
  root.write("out/a", "the user's");
  root.write("out/.optrun-1-abcdef-b", "staged");
  root.write("out/.optrun-1-abcdef~a", "old");
  root.write("out/.optrun-1-abcdef.lock", "");
  root.write("out/.optrun-1-abcdef.commit",
             "optrun-commit/1\nremoved a\nplaced 1 a\nplaced 2 b\nend\n");
  valueOf(StagedFolder::create(root.path("out"), {})).reset();
  EXPECT_EQ(contentOf(root.path("out")), (Content{{"a", "the user's"}}));
}

} // namespace
