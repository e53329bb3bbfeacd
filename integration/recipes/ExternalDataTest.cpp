// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where weights go: inside, beside, shared, or left where they are. Each result is verified by the
/// recipe.

#include "RecipeRunTest.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
namespace fs = std::filesystem;

namespace {

class ExternalDataTest : public RecipeRunTest {
protected:
  void SetUp() override { model = makeDecoder({"--hidden", "128", "--intermediate", "512"}); }

  ProcessResult run(const std::string &mode, const std::string &output) const {
    return split({{"model", model}, {"external-data", mode}, {"output", folder.path(output)}});
  }

  std::string model;
};

TEST_F(ExternalDataTest, inlinePutsWeightsIntoTheOnnxFiles) {
  ProcessResult result = run("inline", "out");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(namesIn(folder.path("out")),
              ElementsAre("manifest.json", "split_0.onnx", "split_1.onnx"));
}

TEST_F(ExternalDataTest, singleGivesEachComponentAFile) {
  ProcessResult result = run("single", "out");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(namesIn(folder.path("out")),
              ElementsAre("manifest.json", "split_0.onnx", "split_0.onnx.data", "split_1.onnx",
                          "split_1.onnx.data"));
}

TEST_F(ExternalDataTest, dataFilesAreDividedAtALimit) {
  std::string recipe = folder.write(
      "shards.yaml", "recipe: 1\npasses:\n  - capture: {model: model}\n  - export: {output: out, "
                     "max-shard-size: 300KB}\n  - verify: {}\n");
  ProcessResult result = runOptRun({recipe});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  const std::vector<std::string> data = manifestOf(folder.path("out")).components[0].data;
  EXPECT_GT(data.size(), 2u);
  EXPECT_EQ(data.front(), "model.onnx-00001-of-0000" + std::to_string(data.size()) + ".data");
  for (const std::string &name : data)
    EXPECT_LE(fs::file_size(folder.path("out/" + name)), 300'000u);
}

TEST_F(ExternalDataTest, sharedElsewhereHasOneFile) {
  ProcessResult result = run("shared", "out");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  Manifest manifest = manifestOf(folder.path("out"));
  ASSERT_EQ(manifest.components[0].data.size(), 1u);
  EXPECT_EQ(manifest.components[0].data, manifest.components[1].data);
  EXPECT_EQ(namesIn(folder.path("out")).size(), 4u);
}

TEST_F(ExternalDataTest, sharedInTheModelsFolderMovesNoByte) {
  std::string before = contentOf(model + ".data");
  ProcessResult result = run("shared", "model");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(namesIn(folder.path("model")),
              ElementsAre("manifest.json", "model.onnx", "model.onnx.data", "split_0.onnx",
                          "split_1.onnx"));
  EXPECT_THAT(manifestOf(folder.path("model")).components[1].data, ElementsAre("model.onnx.data"));
  EXPECT_TRUE(contentOf(model + ".data") == before);
  EXPECT_LT(fs::file_size(folder.path("model/split_0.onnx")), 100'000u);
}

TEST_F(ExternalDataTest, sharedAboveTheModelsFolderPointsDown) {
  ProcessResult result = run("shared", "");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(manifestOf(folder.path("")).components[0].data, ElementsAre("model/model.onnx.data"));
}

TEST_F(ExternalDataTest, hardLinksOnRequest) {
  std::string recipe = folder.write(
      "hard.yaml",
      "recipe: 1\npasses:\n  - capture: {model: model}\n  - split-by-count: {splits: 2}\n"
      "  - export: {output: out, external-data: shared, link: hard}\n  - verify: {}\n");
  ProcessResult result = runOptRun({recipe});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(fs::hard_link_count(model + ".data"), 2u);
}

TEST_F(ExternalDataTest, sharedWithWeightsInsideTheOnnxFilePointsIntoIt) {
  fs::remove_all(folder.path("model"));
  makeDecoder({"--inline"});
  ProcessResult result = run("shared", "model");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_THAT(manifestOf(folder.path("model")).components[0].data, ElementsAre("model.onnx"));
}

TEST_F(ExternalDataTest, dataThatIsTooShortIsOneError) {
  fs::resize_file(model + ".data", 1000);
  ProcessResult result = run("single", "out");
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_THAT(result.err, HasSubstr("model.onnx.data"));
  EXPECT_FALSE(fs::exists(folder.path("out")));
}

} // namespace
