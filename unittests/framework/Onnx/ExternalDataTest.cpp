// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which data files a model may refer to, and which ranges of them.

#include "TestSupport/ModelDiff.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include <gmock/gmock.h>

namespace optrun::onnx {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

struct ExternalTensor {
  const char *name;
  std::string location;
  std::string offset;
  std::string length;
  int64_t elements = 4;
};

/// A serialized model of float tensors, all external. Empty offset and length are left out.
std::string externalModel(const std::vector<ExternalTensor> &tensors) {
  ::onnx::ModelProto model;
  model.set_ir_version(10);
  for (const ExternalTensor &spec : tensors) {
    auto *tensor = model.mutable_graph()->add_initializer();
    tensor->set_name(spec.name);
    tensor->set_data_type(::onnx::TensorProto::FLOAT);
    tensor->add_dims(spec.elements);
    tensor->set_data_location(::onnx::TensorProto::EXTERNAL);
    for (auto [key, value] : {std::pair<std::string, std::string>{"location", spec.location},
                              {"offset", spec.offset},
                              {"length", spec.length}}) {
      if (value.empty())
        continue;
      auto *entry = tensor->add_external_data();
      entry->set_key(key);
      entry->set_value(value);
    }
  }
  return model.SerializeAsString();
}

std::string errorOf(const std::string &path) {
  auto result = readModel(path);
  return result ? "no error" : llvm::toString(result.takeError());
}

const std::string sixteenBytes = "0123456789abcdef";

class ExternalDataTest : public testing::Test {
protected:
  /// Writes a model with one tensor at \p location and returns the error of reading it.
  std::string errorAt(const std::string &location, const std::string &offset = "",
                      const std::string &length = "") {
    return errorOf(
        folder.write("model/model.onnx", externalModel({{"w", location, offset, length}})));
  }
  test::TemporaryFolder folder;
};

TEST_F(ExternalDataTest, IsRecordedByRangeAndNotRead) {
  folder.write("model/data", "skip" + sixteenBytes);
  auto result =
      readModel(folder.write("model/model.onnx", externalModel({{"w", "data", "4", "16"}})));
  ASSERT_TRUE(!!result) << llvm::toString(result.takeError());
  ir::TensorRef tensor = result->component->graph.findValue("w")->tensor();
  auto range = tensor->source()->fileRange();
  ASSERT_TRUE(range.has_value());
  EXPECT_EQ(range->offset, 4u);
  EXPECT_EQ(range->length, 16u);
  auto bytes = llvm::cantFail(tensor->readAll());
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), sixteenBytes);
  EXPECT_THAT(result->dataFiles,
              testing::ElementsAre(fs::canonical(folder.path("model/data")).string()));
}

TEST_F(ExternalDataTest, OffsetAndLengthHaveDefaults) {
  folder.write("model/data", sixteenBytes);
  EXPECT_EQ(errorAt("data"), "no error");
}

TEST_F(ExternalDataTest, SubfoldersAndDotsArePlainNames) {
  folder.write("model/weights/data", sixteenBytes);
  folder.write("model/data", sixteenBytes);
  EXPECT_EQ(errorAt("weights/data"), "no error");
  EXPECT_EQ(errorAt("./data"), "no error");
}

TEST_F(ExternalDataTest, AMissingFileNamesTensorAndFile) {
  std::string message = errorAt("data");
  EXPECT_THAT(message, testing::StartsWith(folder.path("model/model.onnx") + ": "));
  EXPECT_THAT(
      message,
      HasSubstr("tensor 'w': the location of its data, 'data', leads to no file in the folder"));
}

TEST_F(ExternalDataTest, RangesBeyondTheFileAreRefused) {
  folder.write("model/data", sixteenBytes);
  EXPECT_THAT(errorAt("data", "1"), HasSubstr("go beyond the end of that file (16 bytes)"));
  EXPECT_THAT(errorAt("data", "17"), HasSubstr("go beyond the end of that file"));
  // offset + length wraps to 15.
  EXPECT_THAT(errorAt("data", "18446744073709551615"), HasSubstr("go beyond the end"));
  EXPECT_THAT(errorAt("data", "18446744073709551616"), HasSubstr("is not a number of bytes"));
  EXPECT_THAT(errorAt("data", "0", "12"), HasSubstr("need 16 bytes, its data has 12"));
  EXPECT_THAT(errorAt("data", "-1"), HasSubstr("is not a number of bytes"));
  EXPECT_THAT(errorAt("data", "1 "), HasSubstr("is not a number of bytes"));
}

TEST_F(ExternalDataTest, LocationsOutsideOfTheFolderAreRefused) {
  folder.write("data", sixteenBytes);
  folder.write("model/data", sixteenBytes);
  const char *advice = "external data must lie in the folder of the model";
  EXPECT_THAT(errorAt("../data"), testing::AllOf(HasSubstr("'../data'"), HasSubstr(advice)));
  EXPECT_THAT(errorAt("a/../data"), HasSubstr(advice));
  EXPECT_THAT(errorAt(folder.path("data")), HasSubstr("is an absolute path"));
  EXPECT_THAT(errorAt(std::string("data\0x", 6)), HasSubstr("holds a zero byte"));
}

TEST_F(ExternalDataTest, SymlinkedSubfoldersMustStayInside) {
  folder.write("outside/data", sixteenBytes);
  folder.write("model/inside/data", sixteenBytes);
  fs::create_directory_symlink("../outside", folder.path("model/out"));
  fs::create_directory_symlink("inside", folder.path("model/in"));
  EXPECT_THAT(errorAt("out/data"), HasSubstr("leaves the folder through a symbolic link"));
  EXPECT_EQ(errorAt("in/data"), "no error");
  fs::create_symlink("../../outside/data", folder.path("model/inside/link"));
  EXPECT_THAT(errorAt("inside/link"), HasSubstr("leaves the folder through a symbolic link"));
}

TEST_F(ExternalDataTest, AHuggingFaceCacheIsRead) {
  // A snapshot is a folder of links into ../../blobs, under names that are hashes.
  folder.write("blobs/1111", externalModel({{"w", "model.onnx_data", "", ""}}));
  folder.write("blobs/2222", sixteenBytes);
  fs::create_directories(folder.path("snapshots/abc/onnx"));
  fs::create_symlink("../../../blobs/1111", folder.path("snapshots/abc/onnx/model.onnx"));
  fs::create_symlink("../../../blobs/2222", folder.path("snapshots/abc/onnx/model.onnx_data"));
  auto result = readModel(folder.path("snapshots/abc/onnx/model.onnx"));
  ASSERT_TRUE(!!result) << llvm::toString(result.takeError());
  EXPECT_THAT(result->dataFiles,
              testing::ElementsAre(fs::canonical(folder.path("blobs/2222")).string()));
}

TEST_F(ExternalDataTest, ALinkToAModelFindsTheDataBesideTheModel) {
  folder.write("real/data", sixteenBytes);
  folder.write("real/model.onnx", externalModel({{"w", "data", "", ""}}));
  fs::create_symlink("real/model.onnx", folder.path("link.onnx"));
  EXPECT_EQ(errorOf(folder.path("link.onnx")), "no error");
  fs::create_directory_symlink("real", folder.path("linked-folder"));
  EXPECT_EQ(errorOf(folder.path("linked-folder/model.onnx")), "no error");
}

TEST_F(ExternalDataTest, WhatIsNoRegularFileIsRefused) {
  fs::create_directories(folder.path("model/data"));
  EXPECT_THAT(errorAt("data"), HasSubstr("not a regular file"));
  fs::create_symlink("/dev/zero", folder.path("model/zero"));
  EXPECT_THAT(errorAt("zero"), HasSubstr("not a regular file"));
}

TEST_F(ExternalDataTest, TiedTensorsShareTheirSource) {
  folder.write("model/data", sixteenBytes);
  auto result = readModel(folder.write(
      "model/model.onnx", externalModel({{"a", "data", "0", ""}, {"b", "./data", "", "16"}})));
  ASSERT_TRUE(!!result) << llvm::toString(result.takeError());
  ir::Graph &graph = result->component->graph;
  EXPECT_EQ(graph.findValue("a")->tensor()->source(), graph.findValue("b")->tensor()->source());
  EXPECT_EQ(result->dataFiles.size(), 1u);
}

TEST_F(ExternalDataTest, PartlyOverlappingTensorsAreRefused) {
  folder.write("model/data", sixteenBytes + sixteenBytes);
  std::string path =
      folder.write("model/model.onnx",
                   externalModel({{"first", "data", "0", ""}, {"second", "data", "12", ""}}));
  EXPECT_THAT(errorOf(path),
              HasSubstr("tensors 'first' and 'second' claim overlapping parts of 'data'"));
  // A part of another tensor, and a neighbour that only touches.
  path = folder.write("model/model.onnx",
                      externalModel({{"whole", "data", "0", "", 8}, {"part", "data", "0", "", 2}}));
  EXPECT_THAT(errorOf(path), HasSubstr("claim overlapping parts"));
  path = folder.write("model/model.onnx",
                      externalModel({{"left", "data", "0", ""}, {"right", "data", "16", ""}}));
  EXPECT_EQ(errorOf(path), "no error");
}

TEST_F(ExternalDataTest, TwoNamesOfOneFileAreOneFile) {
  folder.write("model/data", sixteenBytes + sixteenBytes);
  fs::create_hard_link(folder.path("model/data"), folder.path("model/alias"));
  std::string path =
      folder.write("model/model.onnx",
                   externalModel({{"first", "data", "0", ""}, {"second", "alias", "12", ""}}));
  EXPECT_THAT(errorOf(path), HasSubstr("claim overlapping parts"));
}

TEST_F(ExternalDataTest, AModelInMemoryHasNoOtherFiles) {
  std::string model = externalModel({{"w", "data", "", ""}});
  auto component =
      readModelFromMemory({reinterpret_cast<const uint8_t *>(model.data()), model.size()});
  ASSERT_FALSE(!!component);
  EXPECT_THAT(llvm::toString(component.takeError()),
              HasSubstr("its data is in another file, which a model in memory cannot refer to"));
}

TEST_F(ExternalDataTest, UnknownKeysAreReported) {
  folder.write("model/data", sixteenBytes);
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(externalModel({{"w", "data", "", ""}})));
  auto *entry = model.mutable_graph()->mutable_initializer(0)->add_external_data();
  entry->set_key("encryption");
  entry->set_value("none");
  auto result = readModel(folder.write("model/model.onnx", model.SerializeAsString()));
  ASSERT_TRUE(!!result) << llvm::toString(result.takeError());
  EXPECT_THAT(result->warnings, testing::ElementsAre(HasSubstr("'encryption'")));
}

} // namespace
} // namespace optrun::onnx
