// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Files that are wanted until commit only.

#include "FolderContent.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;

namespace {

/// Writes a staged and a scratch file; both are in one folder.
void writeBoth(StagedFolder &output) {
  const std::filesystem::path staged = valueOf(output.stage("model.onnx"));
  const std::filesystem::path scratch = valueOf(output.scratch("model.onnx"));
  EXPECT_EQ(scratch.parent_path(), staged.parent_path());
  std::ofstream(staged) << "graph";
  std::ofstream(scratch) << "for now";
}

TEST(ScratchFile, IsGoneAfterCommitOfANewFolder) {
  TemporaryFolder root;
  auto output = valueOf(StagedFolder::create(root.path("out"), {}));
  writeBoth(*output);
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(contentOf(root.path("")), (Content{{"out/model.onnx", "graph"}}));
}

TEST(ScratchFile, IsGoneAfterCommitIntoAFolderWithOtherFiles) {
  TemporaryFolder root;
  root.write("out/README", "theirs");
  auto output = valueOf(StagedFolder::create(root.path("out"), {}));
  writeBoth(*output);
  ASSERT_EQ(errorOf(output->commit()), "");
  EXPECT_EQ(contentOf(root.path("")),
            (Content{{"out/README", "theirs"}, {"out/model.onnx", "graph"}}));
}

TEST(ScratchFile, IsGoneWithoutCommit) {
  for (bool other : {false, true}) {
    TemporaryFolder root;
    Content before;
    if (other)
      before["out/README"] = root.write("out/README", "theirs").empty() ? "" : "theirs";
    auto output = valueOf(StagedFolder::create(root.path("out"), {}));
    writeBoth(*output);
    output.reset();
    EXPECT_EQ(contentOf(root.path("")), before);
  }
}

TEST(ScratchFile, RefusesNamesThatAreNone) {
  TemporaryFolder root;
  auto output = valueOf(StagedFolder::create(root.path("out"), {}));
  for (const char *name : {"", "..", "a/b", ".optrun-x"})
    EXPECT_NE(errorOf(output->scratch(name)), "(no error)") << name;
}

} // namespace
