// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading good .safetensors files.

#include "optrun/Checkpoint/SafeTensors.h"

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestPaths.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

namespace {

SafeTensorsFile read(const TemporaryFolder &folder, const std::string &content) {
  return valueOf(SafeTensorsFile::open(folder.write("model.safetensors", content)));
}

TEST(SafeTensors, GivesTensorsInTheOrderOfTheirBytes) {
  TemporaryFolder folder;
  SafeTensorsFile file =
      read(folder, safeTensors(R"({"b":{"dtype":"U8","shape":[3],"data_offsets":[4,7]},)"
                               R"("__metadata__":{"format":"pt","made by":"a test"},)"
                               R"("a":{"dtype":"F16","shape":[1,2],"data_offsets":[0,4]}}  )",
                               "1234567"));
  ASSERT_EQ(file.tensors().size(), 2u);
  const ir::Tensor &a = *file.tensors()[0], &b = *file.tensors()[1];
  EXPECT_EQ(a.name(), "a");
  EXPECT_EQ(a.dataType(), ir::DataType::Float16);
  EXPECT_THAT(a.dims(), ElementsAre(1, 2));
  EXPECT_THAT(valueOf(a.readAll()), ElementsAre('1', '2', '3', '4'));
  EXPECT_EQ(b.name(), "b");
  EXPECT_THAT(valueOf(b.readAll()), ElementsAre('5', '6', '7'));
  EXPECT_THAT(file.metadata(), ElementsAre(Pair("format", "pt"), Pair("made by", "a test")));
}

TEST(SafeTensors, LoadsNothing) {
  TemporaryFolder folder;
  std::string header = R"({"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}})";
  SafeTensorsFile file = read(folder, safeTensors(header, "123"));
  const ir::TensorSource &source = *file.tensors()[0]->source();
  EXPECT_EQ(source.inlineBytes(), std::nullopt);
  ASSERT_TRUE(source.fileRange());
  EXPECT_EQ(source.fileRange()->file, file.file());
  EXPECT_EQ(source.fileRange()->offset, 8 + header.size()) << "whatever alignment that is";
}

TEST(SafeTensors, FindsByName) {
  TemporaryFolder folder;
  SafeTensorsFile file = read(
      folder, safeTensors(R"({"\u0061":{"dtype":"U8","shape":[],"data_offsets":[0,1]}})", "x"));
  ASSERT_TRUE(file.find("a"));
  EXPECT_EQ(file.find("a"), file.tensors()[0]);
  EXPECT_EQ(file.find("b"), nullptr);
}

TEST(SafeTensors, MayHoldNoTensorAndTensorsOfNoBytes) {
  TemporaryFolder folder;
  EXPECT_TRUE(read(folder, safeTensors("{}", "")).tensors().empty());
  SafeTensorsFile file =
      read(folder, safeTensors(R"({"one":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},)"
                               R"("none":{"dtype":"F32","shape":[7,0],"data_offsets":[1,1]},)"
                               R"("first":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}})",
                               "x"));
  ASSERT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.tensors()[0]->name(), "first");
  EXPECT_EQ(file.tensors()[2]->byteSize(), 0u);
}

TEST(SafeTensors, KnowsTheTypesOfTheFormat) {
  struct Case {
    const char *name;
    ir::DataType type;
  };
  using ir::DataType;
  for (auto [name, type] : std::initializer_list<Case>{{"BOOL", DataType::Bool},
                                                       {"U8", DataType::UInt8},
                                                       {"I8", DataType::Int8},
                                                       {"F8_E5M2", DataType::Float8E5M2},
                                                       {"F8_E4M3", DataType::Float8E4M3FN},
                                                       {"F8_E8M0", DataType::Float8E8M0},
                                                       {"F8_E4M3FNUZ", DataType::Float8E4M3FNUZ},
                                                       {"F8_E5M2FNUZ", DataType::Float8E5M2FNUZ},
                                                       {"I16", DataType::Int16},
                                                       {"U16", DataType::UInt16},
                                                       {"F16", DataType::Float16},
                                                       {"BF16", DataType::BFloat16},
                                                       {"I32", DataType::Int32},
                                                       {"U32", DataType::UInt32},
                                                       {"F32", DataType::Float32},
                                                       {"C64", DataType::Complex64},
                                                       {"F64", DataType::Float64},
                                                       {"I64", DataType::Int64},
                                                       {"U64", DataType::UInt64},
                                                       {"F4", DataType::Float4E2M1}}) {
    TemporaryFolder folder;
    size_t bytes = 4 * ir::bitWidth(type) / 8;
    std::string header = std::string(R"({"a":{"dtype":")") + name +
                         R"(","shape":[2,2],"data_offsets":[0,)" + std::to_string(bytes) + "]}}";
    SafeTensorsFile file = read(folder, safeTensors(header, std::string(bytes, 'x')));
    EXPECT_EQ(file.tensors()[0]->dataType(), type) << name;
  }
}

TEST(SafeTensors, NamesTheFileThatIsMissing) {
  EXPECT_THAT(errorOf(SafeTensorsFile::open("/none.safetensors")), HasSubstr("/none.safetensors"));
}

TEST(SafeTensors, ReadsWhatTheReferenceImplementationWrites) {
  std::string path = fixture("checkpoints/qwen2/model.safetensors");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "no fixtures";
  SafeTensorsFile file = valueOf(SafeTensorsFile::open(path));
  EXPECT_THAT(file.metadata(), ElementsAre(Pair("format", "pt")));
  ir::TensorRef bias = file.find("model.layers.3.self_attn.k_proj.bias");
  ASSERT_TRUE(bias);
  EXPECT_EQ(bias->dataType(), ir::DataType::BFloat16);
  EXPECT_THAT(bias->dims(), ElementsAre(32));
}

} // namespace
