// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models as files and as folders that export wrote.

#include "optrun/Results/ModelFiles.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include "optrun/Results/Manifest.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

class ModelFilesTest : public testing::Test {
protected:
  void writeManifest(const std::vector<std::string> &components) const {
    Manifest manifest;
    for (const std::string &name : components)
      manifest.components.push_back({.name = name, .file = name + ".onnx"});
    folder.write("out/manifest.json", printManifest(manifest));
  }

  TemporaryFolder folder;
};

TEST_F(ModelFilesTest, AFileIsAModel) {
  ModelFiles files = valueOf(findModelFiles(folder.write("gpt2.onnx", "")));
  EXPECT_EQ(files.name, "gpt2.onnx");
  ASSERT_EQ(files.links.size(), 1u);
  EXPECT_EQ(files.links[0].path, folder.path("gpt2.onnx"));
}

TEST_F(ModelFilesTest, AnExportedFolderIsAChainInTheOrderOfItsManifest) {
  writeManifest({"split_1", "split_0"});
  folder.write("out/split_0.onnx", "");
  folder.write("out/split_1.onnx", "");
  ModelFiles files = valueOf(findModelFiles(folder.path("out/")));
  EXPECT_EQ(files.name, "out");
  ASSERT_EQ(files.links.size(), 2u);
  EXPECT_EQ(files.links[0].name, "split_1");
  EXPECT_EQ(files.links[1].path, folder.path("out/split_0.onnx"));
}

TEST_F(ModelFilesTest, SaysWhatIsMissing) {
  EXPECT_THAT(errorOf(findModelFiles(folder.path("none.onnx"))), HasSubstr("no file"));
  EXPECT_THAT(errorOf(findModelFiles(folder.path(""))), HasSubstr("no manifest.json"));
  folder.write("out/manifest.json", "{}");
  EXPECT_THAT(errorOf(findModelFiles(folder.path("out"))), HasSubstr("manifest.json"));
  writeManifest({});
  EXPECT_THAT(errorOf(findModelFiles(folder.path("out"))), HasSubstr("names no component"));
  writeManifest({"split_0"});
  EXPECT_THAT(errorOf(findModelFiles(folder.path("out"))), HasSubstr("split_0.onnx"));
}

} // namespace
