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

TEST(EarlierResult, HoldsTheFilesOfAllTargets) {
  TemporaryFolder folder;
  const std::vector<std::string> names = {"model.onnx-00001-of-00002.data",
                                          "split_1.onnx-00012-of-00012.data",
                                          "genai_config.json",
                                          "config.json",
                                          "generation_config.json",
                                          "tokenizer.json",
                                          "model.safetensors",
                                          "model-00001-of-00002.safetensors",
                                          "model.safetensors.index.json"};
  Manifest manifest;
  for (const std::string &name : names)
    manifest.files.push_back({name, 1});
  folder.write("manifest.json", printManifest(manifest));
  std::vector<std::string> expected = names;
  expected.push_back("manifest.json");
  EXPECT_THAT(filesIn(folder.path("")), testing::ElementsAreArray(expected));
}

TEST(EarlierResult, RefusesToReplaceWhatTheRunReads) {
  TemporaryFolder folder;
  const std::string path = folder.write("config.json", "{}");
  const std::vector<ir::InputFile> sources = {{path}};
  EXPECT_EQ(errorOf(refuseToReplaceSources(folder.path(""), {"model.onnx"}, sources)), "");
  EXPECT_THAT(
      errorOf(refuseToReplaceSources(folder.path(""), {"model.onnx", "config.json"}, sources)),
      HasSubstr("is read by this run and would be replaced"));
}

TEST(EarlierResult, NeverHasNamesThatExportDoesNotWrite) {
  TemporaryFolder folder;
  Manifest manifest;
  for (const char *name :
       {"README.md", "thesis.onnx", "split_x.onnx", "split_.onnx", "model_.data", "sub/model.onnx",
        "weights.data", ".bashrc", "model.onnx.data.old", "split_1.data", "model_1.onnx",
        "model_1.data", "package.json", "other.safetensors", "model-1-of-2.safetensors",
        "-00001-of-00002.safetensors", "model.onnx-00001-of-0000x.data"})
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
