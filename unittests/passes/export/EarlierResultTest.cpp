// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What may be replaced in an output folder.

#include "EarlierResult.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include "optrun/Results/Manifest.h"

using namespace optrun;
using namespace optrun::exporting;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::vector<std::string> filesIn(const std::string &folder) {
  return valueOf(findEarlierResult(folder)).value();
}

TEST(EarlierResult, IsWhatTheManifestLists) {
  TemporaryFolder folder;
  EXPECT_EQ(valueOf(findEarlierResult(folder.path(""))), std::nullopt);
  EXPECT_EQ(valueOf(findEarlierResult(folder.path("missing"))), std::nullopt);
  Manifest manifest;
  manifest.components = {{"split_0", "split_0.onnx", {"weights.bin"}, 0, {}, {}, {}}};
  manifest.files = {{"split_0.onnx", 1}, {"split_0.onnx.data", 1}, {"model.data", 1}};
  folder.write("manifest.json", printManifest(manifest));
  EXPECT_THAT(filesIn(folder.path("")),
              ElementsAre("split_0.onnx", "split_0.onnx.data", "model.data", "manifest.json"))
      << "data that was there before is not ours";
}

TEST(EarlierResult, NeverHasNamesThatExportDoesNotWrite) {
  TemporaryFolder folder;
  Manifest manifest;
  for (const char *name : {"README.md", "thesis.onnx", "split_x.onnx", "split_.onnx", "model_.data",
                           "sub/model.onnx", "weights.data", ".bashrc", "model.onnx.data.old",
                           "split_1.data", "model_1.onnx", "model_1.data"})
    manifest.files.push_back({name, 1});
  folder.write("manifest.json", printManifest(manifest));
  EXPECT_THAT(filesIn(folder.path("")), ElementsAre("model_1.data", "manifest.json"));
}

TEST(EarlierResult, IsNotGuessedFromForeignManifests) {
  TemporaryFolder folder;
  const std::string path = folder.write("manifest.json", R"({"name": "my web app"})");
  EXPECT_THAT(errorOf(findEarlierResult(folder.path(""))),
              AllOf(HasSubstr(path), HasSubstr("choose another folder")));
}

} // namespace
