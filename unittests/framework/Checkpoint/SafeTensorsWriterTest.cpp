// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Checkpoints are divided as Hugging Face's hub divides them, and what is written is read again by
/// the strict reader.

#include "optrun/Checkpoint/SafeTensorsWriter.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include "optrun/Checkpoint/SafeTensors.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using ir::DataType;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

namespace {

ir::TensorRef bytes(const std::string &name, std::vector<uint8_t> content,
                    DataType type = DataType::UInt8) {
  const auto elements = static_cast<int64_t>(content.size() * 8 / ir::bitWidth(type));
  return valueOf(
      ir::Tensor::create(name, type, {elements}, ir::makeInlineSource(std::move(content))));
}

/// A tensor of so many bytes.
ir::TensorRef sized(const std::string &name, size_t size) {
  return bytes(name, std::vector<uint8_t>(size));
}

/// Files with the names of their tensors: "model.safetensors: a b".
std::vector<std::string> divided(const std::vector<ir::TensorRef> &tensors, uint64_t maxBytes) {
  std::vector<std::string> files;
  for (const SafeTensorsShard &shard : divideIntoShards(tensors, maxBytes)) {
    files.push_back(shard.file + ":");
    for (const ir::TensorRef &tensor : shard.tensors)
      files.back() += " " + tensor->name().str();
  }
  return files;
}

TEST(SafeTensorsShards, AreFilledInOrder) {
  const std::vector<ir::TensorRef> tensors = {sized("a", 40), sized("b", 60), sized("c", 1)};
  EXPECT_THAT(divided(tensors, 1000), ElementsAre("model.safetensors: a b c"));
  EXPECT_THAT(divided(tensors, 100), ElementsAre("model-00001-of-00002.safetensors: a b",
                                                 "model-00002-of-00002.safetensors: c"));
  EXPECT_THAT(divided({}, 100), IsEmpty());
}

TEST(SafeTensorsShards, ATensorBeyondTheLimitHasAFileAndTheCurrentOneStaysOpen) {
  EXPECT_THAT(divided({sized("a", 10), sized("large", 101), sized("b", 90)}, 100),
              ElementsAre("model-00001-of-00002.safetensors: large",
                          "model-00002-of-00002.safetensors: a b"));
}

TEST(SafeTensorsShards, ALargeFirstTensorLeavesNoEmptyFile) {
  EXPECT_THAT(divided({sized("large", 101), sized("a", 10)}, 100),
              ElementsAre("model-00001-of-00002.safetensors: large",
                          "model-00002-of-00002.safetensors: a"));
  EXPECT_THAT(divided({sized("large", 101)}, 100), ElementsAre("model.safetensors: large"));
}

TEST(SafeTensorsShards, TiedTensorsAreStoredOnce) {
  const ir::TensorRef table = sized("embed_tokens.weight", 8);
  EXPECT_THAT(divided({table, table->renamed("lm_head.weight"), sized("norm", 8)}, 100),
              ElementsAre("model.safetensors: embed_tokens.weight norm"));
}

TEST(SafeTensorsShards, EmptyTensorsAreNotTied) {
  EXPECT_THAT(divided({sized("a", 0), sized("b", 0)}, 100), ElementsAre("model.safetensors: a b"));
}

TEST(SafeTensorsShards, HaveAnIndex) {
  const auto index = nlohmann::json::parse(
      printShardIndex(divideIntoShards({sized("b", 60), sized("a", 50)}, 100)));
  EXPECT_EQ(index["metadata"]["total_size"], 110);
  EXPECT_EQ(index["weight_map"], nlohmann::json::parse(R"({
      "a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors"})"));
}

class SafeTensorsWriterTest : public testing::Test {
protected:
  llvm::Error write(const std::vector<ir::TensorRef> &tensors) {
    OutputFile out = valueOf(OutputFile::create(path));
    const std::pair<std::string, std::string> metadata[] = {{"format", "pt"}};
    if (llvm::Error error = writeSafeTensors(out, tensors, metadata, [&](uint64_t bytesSoFar) {
          done = bytesSoFar;
          return llvm::Error::success();
        }))
      return error;
    return out.close();
  }

  TemporaryFolder folder;
  const std::string path = folder.path("model.safetensors");
  uint64_t done = 0;
};

TEST_F(SafeTensorsWriterTest, WritesWhatTheReaderReads) {
  ASSERT_EQ(errorOf(write({bytes("half", {1, 2, 3, 4}, DataType::BFloat16),
                           valueOf(ir::Tensor::create("matrix", DataType::Int8, {2, 3},
                                                      ir::makeInlineSource({1, 2, 3, 4, 5, 6}))),
                           bytes("nothing", {})})),
            "");
  EXPECT_EQ(done, 10u);
  SafeTensorsFile file = valueOf(SafeTensorsFile::open(path));
  EXPECT_THAT(file.metadata(), ElementsAre(Pair("format", "pt")));
  ASSERT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.find("half")->dataType(), DataType::BFloat16);
  EXPECT_THAT(valueOf(file.find("half")->readAll()), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(file.find("matrix")->dims(), ElementsAre(2, 3));
}

TEST_F(SafeTensorsWriterTest, AlignsEveryTensor) {
  ASSERT_EQ(errorOf(write({bytes("flags", {1, 0, 1}),
                           bytes("wide", std::vector<uint8_t>(8), DataType::Float64)})),
            "");
  SafeTensorsFile file = valueOf(SafeTensorsFile::open(path));
  EXPECT_EQ(file.tensors().front()->name(), "wide");
  EXPECT_EQ(file.find("wide")->source()->fileRange()->offset % 8, 0u);
}

TEST_F(SafeTensorsWriterTest, CopiesRangesOfFiles) {
  const std::string source = folder.write("source", "0123456789");
  ir::TensorRef tensor = valueOf(ir::Tensor::create(
      "t", DataType::UInt8, {4},
      valueOf(ir::makeFileRangeSource({valueOf(FileHandle::open(source)), 3, 4}))));
  ASSERT_EQ(errorOf(write({tensor})), "");
  EXPECT_THAT(valueOf(valueOf(SafeTensorsFile::open(path)).find("t")->readAll()),
              ElementsAre('3', '4', '5', '6'));
}

TEST_F(SafeTensorsWriterTest, EscapesNames) {
  ASSERT_EQ(errorOf(write({sized("a \"quoted\"\n\u00fc", 1)})), "");
  EXPECT_TRUE(valueOf(SafeTensorsFile::open(path)).find("a \"quoted\"\n\u00fc"));
}

TEST_F(SafeTensorsWriterTest, RefusesWhatTheFormatCannotHold) {
  EXPECT_EQ(errorOf(write({bytes("q", {1, 2}, DataType::Int4)})),
            "tensor 'q': a safetensors file cannot hold elements of type int4");
  EXPECT_THAT(errorOf(write({sized("\xff", 1)})), HasSubstr("is not UTF-8"));
}

} // namespace
