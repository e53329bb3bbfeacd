// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Every model that set-up provides is read and written without a difference.

#include "TestSupport/ModelDiff.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Onnx/Checks.h"

#include <algorithm>

namespace optrun::onnx {
namespace {

std::vector<std::string> modelsBelow(const std::string &folder) {
  std::vector<std::string> models;
  if (std::filesystem::is_directory(folder))
    for (const auto &entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".onnx")
        models.push_back(entry.path().string());
  std::sort(models.begin(), models.end());
  return models;
}

/// "…/simple/test_add/model.onnx" → "simple_test_add_model"
std::string testName(const testing::TestParamInfo<std::string> &info) {
  std::filesystem::path path(info.param);
  path.replace_extension();
  auto parent = path.parent_path();
  std::string name =
      (parent.parent_path().filename() / parent.filename() / path.filename()).string();
  std::replace_if(name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name;
}

class RealModelsTest : public testing::TestWithParam<std::string> {};

TEST_P(RealModelsTest, IsTheSameAfterReadingAndWriting) {
  ::onnx::ModelProto original = test::loadProto(GetParam());
  auto component = test::readModel(GetParam());
  llvm::Error error = verifyGraph(component->graph);
  EXPECT_FALSE(error) << llvm::toString(std::move(error));
  EXPECT_TRUE(test::modelsEqual(original, test::toProto(*component)));
}

TEST_P(RealModelsTest, TheBytesAreThoseThatProtobufWrites) {
  auto component = test::readModel(GetParam());
  test::TemporaryFolder folder;
  test::writeModel(*component, folder.path("model.onnx"));
  std::ifstream stream(folder.path("model.onnx"), std::ios::binary);
  std::string written{std::istreambuf_iterator<char>(stream), {}};

  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(written));
  EXPECT_EQ(model.SerializeAsString(), written);
  auto size = serializedSize(*component, WriteOptions());
  ASSERT_TRUE(!!size);
  EXPECT_EQ(*size, written.size());
}

TEST_P(RealModelsTest, WhatIsWrittenPassesTheChecker) {
  llvm::Error error = checkModel(*test::readModel(GetParam()));
  EXPECT_FALSE(error) << llvm::toString(std::move(error));
}

TEST_P(RealModelsTest, ShapesOfAllOutputsAreInferred) {
  auto component = test::readModel(GetParam());
  std::vector<std::string> warnings;
  llvm::Error error = inferShapes(*component, &warnings);
  ASSERT_FALSE(error) << llvm::toString(std::move(error));
  EXPECT_TRUE(warnings.empty()) << warnings.front();
  for (const ir::Node &node : component->graph.nodes())
    for (const ir::Value *value : node.outputs())
      if (value && (value->hasUses() || value->isOutput())) {
        EXPECT_NE(value->type().kind(), ir::Type::Kind::Unknown)
            << value->name().str() << " of " << node.opType().str();
      }
}

INSTANTIATE_TEST_SUITE_P(OnnxBackend, RealModelsTest,
                         testing::ValuesIn(modelsBelow(test::onnxTestData())), testName);
INSTANTIATE_TEST_SUITE_P(Fixtures, RealModelsTest,
                         testing::ValuesIn(modelsBelow(test::fixture("onnx"))), testName);
INSTANTIATE_TEST_SUITE_P(Published, RealModelsTest,
                         testing::ValuesIn(modelsBelow(test::testModel(""))), testName);

TEST(RealModels, AllBackendModelsAreThere) {
  auto models = modelsBelow(test::onnxTestData());
  EXPECT_EQ(std::count_if(models.begin(), models.end(),
                          [](llvm::StringRef path) { return path.ends_with("/model.onnx"); }),
            140);
}

} // namespace
} // namespace optrun::onnx
