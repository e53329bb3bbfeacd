// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Quantized blocks as floats.

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"

#include "optrun/Checkpoint/GgmlType.h"

#include <gmock/gmock.h>
#include <random>
#include <thread>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

constexpr GgmlType QuantizedTypes[] = {GgmlType::Q40, GgmlType::Q41, GgmlType::Q80, GgmlType::Q4K,
                                       GgmlType::Q6K};

// float16 numbers.
constexpr uint16_t Half = 0x3800, MinusTwo = 0xc000, Quarter = 0x3400;

ir::TensorSourceRef inlineSource(const std::string &bytes) {
  return ir::makeInlineSource(std::vector<uint8_t>(bytes.begin(), bytes.end()));
}

std::vector<uint8_t> readRange(const ir::TensorSource &source, uint64_t offset, size_t count) {
  std::vector<uint8_t> bytes(count);
  EXPECT_EQ(errorOf(source.read(offset, bytes)), "");
  return bytes;
}

std::vector<float> floats(const ir::TensorSource &source) {
  std::vector<uint8_t> bytes = readRange(source, 0, source.byteSize());
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

std::vector<float> dequantize(GgmlType type, const std::string &blocks) {
  return floats(
      *valueOf(makeGgufDequantizedSource(inlineSource(blocks), type, ir::DataType::Float32)));
}

/// Blocks of random bytes, with scales that are no infinities or NaNs.
std::string randomBlocks(GgmlType type, size_t count) {
  GgmlLayout layout = ggmlLayout(type);
  std::mt19937 random(static_cast<unsigned>(type));
  std::string blocks(count * layout.blockBytes, '\0');
  for (char &byte : blocks)
    byte = static_cast<char>(random());
  for (size_t block = 0; block != count; ++block) {
    size_t scales = block * layout.blockBytes + (type == GgmlType::Q6K ? 208 : 0);
    for (size_t upperByte : {scales + 1, scales + 3})
      if (upperByte < (block + 1) * layout.blockBytes)
        blocks[upperByte] = static_cast<char>(blocks[upperByte] & 0xbf);
  }
  return blocks;
}

TEST(DequantizedSource, Q40HasLowNibblesFirstAndAZeroOfEight) {
  std::string block = number(Half);
  for (int j = 0; j != 16; ++j)
    block += static_cast<char>(j | (15 - j) << 4);
  std::vector<float> values = dequantize(GgmlType::Q40, block);
  ASSERT_EQ(values.size(), 32u);
  for (int j = 0; j != 16; ++j) {
    EXPECT_EQ(values[j], (j - 8) * 0.5f);
    EXPECT_EQ(values[j + 16], (15 - j - 8) * 0.5f);
  }
}

TEST(DequantizedSource, Q41AddsAMinimum) {
  std::string block = number(Half) + number(MinusTwo);
  for (int j = 0; j != 16; ++j)
    block += static_cast<char>(j | (15 - j) << 4);
  std::vector<float> values = dequantize(GgmlType::Q41, block);
  for (int j = 0; j != 16; ++j) {
    EXPECT_EQ(values[j], j * 0.5f - 2);
    EXPECT_EQ(values[j + 16], (15 - j) * 0.5f - 2);
  }
}

TEST(DequantizedSource, Q80HasSignedBytes) {
  std::string block = number(MinusTwo);
  for (int j = 0; j != 32; ++j)
    block += static_cast<char>(j * 8 - 128);
  std::vector<float> values = dequantize(GgmlType::Q80, block);
  for (int j = 0; j != 32; ++j)
    EXPECT_EQ(values[j], (j * 8 - 128) * -2.0f);
}

/// Scales and minimums 1 … 8 and 33 … 40, packed in 12 bytes.
std::string packedScales() {
  auto scale = [](int j) { return j + 1; };
  auto minimum = [](int j) { return j + 33; };
  std::string bytes(12, '\0');
  for (int j = 0; j != 4; ++j) {
    bytes[j] = static_cast<char>(scale(j) | (scale(j + 4) >> 4) << 6);
    bytes[j + 4] = static_cast<char>(minimum(j) | (minimum(j + 4) >> 4) << 6);
    bytes[j + 8] = static_cast<char>((scale(j + 4) & 15) | (minimum(j + 4) & 15) << 4);
  }
  return bytes;
}

TEST(DequantizedSource, Q4KHasEightSubBlocksWithScalesAndMinimums) {
  std::string block = number(Half) + number(Quarter) + packedScales();
  for (int i = 0; i != 128; ++i)
    block += static_cast<char>((i % 16) | (i % 7) << 4);
  std::vector<float> values = dequantize(GgmlType::Q4K, block);
  ASSERT_EQ(values.size(), 256u);
  for (int i = 0; i != 256; ++i) {
    int subBlock = i / 32, byte = i / 64 * 32 + i % 32;
    int q = subBlock % 2 == 0 ? byte % 16 : byte % 7;
    EXPECT_EQ(values[i], 0.5f * (subBlock + 1) * q - 0.25f * (subBlock + 33)) << i;
  }
}

TEST(DequantizedSource, Q6KHasSixteenSubBlocksWithScales) {
  // Value i of the block is i % 64, in sub-block i / 16 of scale i / 16 - 8.
  std::string low(128, '\0'), high(64, '\0'), scales;
  for (int i = 0; i != 256; ++i) {
    int half = i / 128, quarter = i % 128 / 32, l = i % 32, q = i % 64;
    char &lowByte = low[half * 64 + (quarter % 2) * 32 + l], &highByte = high[half * 32 + l];
    lowByte = static_cast<char>(lowByte | (q & 15) << (quarter / 2 * 4));
    highByte = static_cast<char>(highByte | (q >> 4) << (quarter * 2));
  }
  for (int j = 0; j != 16; ++j)
    scales += static_cast<char>(j - 8);
  std::vector<float> values = dequantize(GgmlType::Q6K, low + high + scales + number(Half));
  ASSERT_EQ(values.size(), 256u);
  for (int i = 0; i != 256; ++i)
    EXPECT_EQ(values[i], 0.5f * (i / 16 - 8) * (i % 64 - 32)) << i;
}

TEST(DequantizedSource, RoundsToFloat16FromFloat32) {
  for (GgmlType type : QuantizedTypes) {
    ir::TensorSourceRef blocks = inlineSource(randomBlocks(type, 5));
    ir::TensorSourceRef wide =
        valueOf(makeGgufDequantizedSource(blocks, type, ir::DataType::Float32));
    ir::TensorSourceRef narrow =
        valueOf(makeGgufDequantizedSource(blocks, type, ir::DataType::Float16));
    ir::TensorSourceRef rounded =
        valueOf(ir::makeCastSource(wide, ir::DataType::Float32, ir::DataType::Float16));
    EXPECT_EQ(readRange(*narrow, 0, narrow->byteSize()),
              readRange(*rounded, 0, rounded->byteSize()));
  }
}

TEST(DequantizedSource, ReadsAnyRange) {
  for (GgmlType type : QuantizedTypes)
    for (ir::DataType to : {ir::DataType::Float32, ir::DataType::Float16}) {
      ir::TensorSourceRef source =
          valueOf(makeGgufDequantizedSource(inlineSource(randomBlocks(type, 7)), type, to));
      std::vector<uint8_t> whole = readRange(*source, 0, source->byteSize());
      std::mt19937 random(1);
      for (int attempt = 0; attempt != 500; ++attempt) {
        size_t begin = random() % (whole.size() + 1);
        size_t end = begin + random() % (whole.size() - begin + 1);
        ASSERT_EQ(readRange(*source, begin, end - begin),
                  std::vector(whole.begin() + begin, whole.begin() + end))
            << "bytes " << begin << " to " << end;
      }
      std::vector<uint8_t> one(1);
      EXPECT_THAT(errorOf(source->read(whole.size(), one)), HasSubstr("cannot read 1 bytes"));
      EXPECT_THAT(errorOf(source->read(UINT64_MAX, one)), HasSubstr("cannot read 1 bytes"));
    }
}

/// A source that is not in memory, as files are not.
class Remote final : public ir::TensorSource {
public:
  explicit Remote(ir::TensorSourceRef source) : source(std::move(source)) {}
  uint64_t byteSize() const override { return source->byteSize(); }
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    return source->read(offset, out);
  }

private:
  ir::TensorSourceRef source;
};

TEST(DequantizedSource, ReadsFilesBlockByBlockFromManyThreads) {
  for (GgmlType type : QuantizedTypes) {
    ir::TensorSourceRef blocks = inlineSource(randomBlocks(type, 3000));
    ir::TensorSourceRef local =
        valueOf(makeGgufDequantizedSource(blocks, type, ir::DataType::Float32));
    ir::TensorSourceRef remote = valueOf(
        makeGgufDequantizedSource(std::make_shared<Remote>(blocks), type, ir::DataType::Float32));
    const std::vector<uint8_t> expected = readRange(*local, 0, local->byteSize());
    std::vector<std::thread> threads;
    for (int i = 0; i != 4; ++i)
      threads.emplace_back([&] { EXPECT_EQ(readRange(*remote, 0, remote->byteSize()), expected); });
    for (std::thread &thread : threads)
      thread.join();
  }
}

TEST(DequantizedSource, GivesTheSameBitsForManyBlocksAsForOne) {
  for (GgmlType type : QuantizedTypes) {
    std::string blocks = randomBlocks(type, 64);
    std::vector<float> together = dequantize(type, blocks);
    size_t bytes = ggmlLayout(type).blockBytes;
    std::vector<float> single;
    for (size_t offset = 0; offset != blocks.size(); offset += bytes)
      for (float value : dequantize(type, blocks.substr(offset, bytes)))
        single.push_back(value);
    EXPECT_EQ(together, single);
  }
}

TEST(DequantizedSource, RefusesWhatIsNotQuantizedAndOtherResults) {
  ir::TensorSourceRef source = inlineSource(std::string(36, 'x'));
  EXPECT_THAT(errorOf(makeGgufDequantizedSource(source, GgmlType::F32, ir::DataType::Float32)),
              HasSubstr("cannot dequantize F32 to float"));
  EXPECT_THAT(errorOf(makeGgufDequantizedSource(source, GgmlType::Q40, ir::DataType::Int8)),
              HasSubstr("cannot dequantize Q4_0 to int8"));
  EXPECT_THAT(errorOf(makeGgufDequantizedSource(source, GgmlType::Q41, ir::DataType::Float32)),
              HasSubstr("36 bytes are no whole blocks of Q4_1, which have 20"));
  EXPECT_THAT(errorOf(makeGgufDequantizedSource(nullptr, GgmlType::Q40, ir::DataType::Float32)),
              HasSubstr("needs a source"));
}

} // namespace
