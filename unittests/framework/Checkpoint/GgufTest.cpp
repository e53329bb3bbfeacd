// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading good GGUF files.

#include "optrun/Checkpoint/Gguf.h"

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

GgufFile read(const TemporaryFolder &folder, const GgufBytes &bytes) {
  return valueOf(GgufFile::open(folder.write("model.gguf", bytes.build())));
}

std::vector<uint8_t> readWhole(const ir::TensorSource &source) {
  std::vector<uint8_t> bytes(source.byteSize());
  EXPECT_EQ(errorOf(source.read(0, bytes)), "");
  return bytes;
}

TEST(Gguf, GivesTensorsInTheOrderOfTheFileAndTheirShapesOutermostFirst) {
  TemporaryFolder folder;
  GgufFile file = read(folder, GgufBytes()
                                   .tensor("b", {32, 2}, 2, std::string(36, 'q'))
                                   .tensor("a", {3}, 0, "abcdefghijkl"));
  EXPECT_EQ(file.version(), 3u);
  ASSERT_EQ(file.tensors().size(), 2u);
  const GgufTensor &b = file.tensors()[0], &a = file.tensors()[1];
  EXPECT_EQ(b.name, "b");
  EXPECT_EQ(b.type, GgmlType::Q40);
  EXPECT_THAT(b.dims, ElementsAre(2, 32));
  EXPECT_EQ(b.payload->byteSize(), 36u);
  EXPECT_EQ(b.payload->inlineBytes(), std::nullopt) << "nothing is loaded";
  EXPECT_EQ(a.type, GgmlType::F32);
  std::vector<uint8_t> bytes = readWhole(*a.payload);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "abcdefghijkl");
  EXPECT_EQ(file.findTensor("a"), &a);
  EXPECT_EQ(file.findTensor("c"), nullptr);
}

TEST(Gguf, GivesMetadataByType) {
  TemporaryFolder folder;
  GgufBytes bytes;
  bytes.version = 2;
  bytes.key("u8", 0, number<uint8_t>(200)).key("i8", 1, number<int8_t>(-3));
  bytes.key("u16", 2, number<uint16_t>(60000)).key("i16", 3, number<int16_t>(-300));
  bytes.key("u32", 4u).key("i32", 5, number<int32_t>(-5)).key("f32", 0.5f);
  bytes.key("yes", 7, number<uint8_t>(1)).key("text", "some text");
  bytes.key("u64", 10, number(UINT64_MAX)).key("i64", 11, number(INT64_MIN));
  bytes.key("f64", 12, number(1e300));
  GgufFile file = read(folder, bytes);
  EXPECT_EQ(file.version(), 2u);
  std::vector<GgufValue> values;
  for (const auto &[key, value] : file.metadata())
    values.push_back(value);
  ASSERT_EQ(values.size(), 12u);
  EXPECT_EQ(std::get<uint64_t>(values[0]), 200u);
  EXPECT_EQ(std::get<int64_t>(values[1]), -3);
  EXPECT_EQ(std::get<uint64_t>(values[2]), 60000u);
  EXPECT_EQ(std::get<int64_t>(values[3]), -300);
  EXPECT_EQ(std::get<uint64_t>(values[4]), 4u);
  EXPECT_EQ(std::get<int64_t>(values[5]), -5);
  EXPECT_EQ(std::get<double>(values[6]), 0.5);
  EXPECT_EQ(std::get<bool>(values[7]), true);
  EXPECT_EQ(std::get<std::string>(values[8]), "some text");
  EXPECT_EQ(std::get<uint64_t>(values[9]), UINT64_MAX);
  EXPECT_EQ(std::get<int64_t>(values[10]), INT64_MIN);
  EXPECT_EQ(std::get<double>(values[11]), 1e300);
  ASSERT_TRUE(file.find("text"));
  EXPECT_EQ(file.find("none"), nullptr);
}

TEST(Gguf, ReadsArraysWhenAsked) {
  TemporaryFolder folder;
  GgufBytes bytes;
  bytes.key("tokens", std::vector<std::string>{"a", "", std::string(300000, 'b')});
  bytes.key("scores", 9, number<uint32_t>(6) + number<uint64_t>(2) + number(0.5f) + number(-1.0f));
  bytes.key("types", 9,
            number<uint32_t>(1) + number<uint64_t>(2) + number<int8_t>(-1) + number<int8_t>(7));
  bytes.key("after", 7u);
  GgufFile file = read(folder, bytes);
  auto array = [&](const char *key) { return std::get<GgufArray>(*file.find(key)); };
  EXPECT_EQ(array("tokens").count, 3u);
  EXPECT_THAT(valueOf(file.strings(array("tokens"))),
              ElementsAre("a", "", std::string(300000, 'b')));
  EXPECT_THAT(valueOf(file.numbers(array("scores"))), ElementsAre(0.5, -1));
  EXPECT_THAT(valueOf(file.numbers(array("types"))), ElementsAre(-1, 7));
  EXPECT_THAT(errorOf(file.numbers(array("tokens"))), HasSubstr("holds strings"));
  EXPECT_THAT(errorOf(file.strings(array("types"))), HasSubstr("does not"));
  EXPECT_EQ(std::get<uint64_t>(*file.find("after")), 7u);
}

TEST(Gguf, ObeysTheAlignmentOfTheFile) {
  TemporaryFolder folder;
  GgufBytes bytes;
  bytes.alignment = 256;
  bytes.key("general.alignment", 256u);
  bytes.tensor("a", {1}, 24, "x").tensor("b", {1}, 24, "y");
  GgufFile file = read(folder, bytes);
  EXPECT_EQ(file.tensors()[1].payload->fileRange()->offset % 256, 0u);
  EXPECT_THAT(readWhole(*file.tensors()[1].payload), ElementsAre('y'));
}

TEST(Gguf, MayHoldAVocabularyOnly) {
  TemporaryFolder folder;
  EXPECT_TRUE(read(folder, GgufBytes().key("general.architecture", "llama")).tensors().empty());
}

} // namespace
