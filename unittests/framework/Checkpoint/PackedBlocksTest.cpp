// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Quantized blocks in the layout of MatMulNBits against what they decode to.

#include "optrun/Checkpoint/PackedBlocks.h"

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"

#include <gmock/gmock.h>
#include <random>
#include <thread>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

constexpr GgmlType PackedTypes[] = {GgmlType::Q40, GgmlType::Q41, GgmlType::Q80};
constexpr int64_t BlockSize = PackedBlocks::BlockSize;

/// A source that is not in memory, as files are not.
class Remote final : public ir::TensorSource {
public:
  explicit Remote(std::vector<uint8_t> bytes) : bytes(std::move(bytes)) {}
  uint64_t byteSize() const override { return bytes.size(); }
  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    EXPECT_LE(offset + out.size(), bytes.size());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), out.size(), out.begin());
    return llvm::Error::success();
  }

private:
  std::vector<uint8_t> bytes;
};

std::vector<uint8_t> readRange(const ir::TensorSource &source, uint64_t offset, size_t count) {
  std::vector<uint8_t> bytes(count);
  EXPECT_EQ(errorOf(source.read(offset, bytes)), "");
  return bytes;
}

std::vector<float> floats(ir::TensorSourceRef source, ir::DataType type) {
  source = valueOf(ir::makeCastSource(std::move(source), type, ir::DataType::Float32));
  const std::vector<uint8_t> bytes = readRange(*source, 0, source->byteSize());
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

/// Blocks of random bytes; scales and minimums are finite, and those of every fifth block are 0.
std::vector<uint8_t> randomBlocks(GgmlType type, size_t count) {
  const size_t blockBytes = ggmlLayout(type).blockBytes;
  std::mt19937 random(static_cast<unsigned>(type));
  std::vector<uint8_t> blocks(count * blockBytes);
  for (uint8_t &byte : blocks)
    byte = static_cast<uint8_t>(random());
  for (size_t block = 0; block < count; ++block) {
    uint8_t *scale = &blocks[block * blockBytes];
    scale[1] &= 0xbf;
    if (type == GgmlType::Q41)
      scale[3] &= 0xbf;
    if (block % 5 == 0)
      scale[0] = scale[1] = 0;
  }
  return blocks;
}

/// (q - zero) * scale + minimum, number by number as MatMulNBits is specified.
std::vector<float> decodeOneByOne(const PackedBlocks &packed) {
  const std::vector<uint8_t> quants = readRange(*packed.quants, 0, packed.quants->byteSize());
  const std::vector<float> scales = floats(packed.scales, ir::DataType::Float16);
  const std::vector<float> minimums = packed.minimums
                                          ? floats(packed.minimums, ir::DataType::Float16)
                                          : std::vector<float>(scales.size());
  std::vector<float> values;
  for (size_t i = 0; i < scales.size() * BlockSize; ++i) {
    const size_t bit = i * static_cast<size_t>(packed.bits);
    const int q = quants[bit / 8] >> (bit % 8) & ((1 << packed.bits) - 1);
    const float product =
        static_cast<float>(q - static_cast<int>(packed.zero)) * scales[i / BlockSize];
    values.push_back(product + minimums[i / BlockSize]);
  }
  return values;
}

TEST(PackedBlocks, HoldTheSameNumbersBitByBit) {
  for (GgmlType type : PackedTypes) {
    auto blocks = std::make_shared<Remote>(randomBlocks(type, 500));
    const PackedBlocks packed = valueOf(packBlocks(blocks, type));
    const std::vector<float> expected =
        floats(valueOf(makeGgufDequantizedSource(blocks, type, ir::DataType::Float32)),
               ir::DataType::Float32);
    EXPECT_EQ(decodeOneByOne(packed), expected) << ggmlLayout(type).name.str();
  }
}

TEST(PackedBlocks, HaveTheSizesOfTheOperator) {
  for (GgmlType type : PackedTypes) {
    const PackedBlocks packed =
        valueOf(packBlocks(std::make_shared<Remote>(randomBlocks(type, 7)), type));
    EXPECT_EQ(packed.bits, type == GgmlType::Q80 ? 8 : 4);
    EXPECT_EQ(packed.quants->byteSize(), 7u * 4 * packed.bits);
    EXPECT_EQ(packed.scales->byteSize(), 7u * 2);
    EXPECT_EQ(packed.minimums != nullptr, type == GgmlType::Q41);
  }
}

TEST(PackedBlocks, HaveNeighboursInOneByte) {
  std::vector<uint8_t> block(18);
  for (uint8_t j = 0; j < 16; ++j)
    block[2 + j] = static_cast<uint8_t>(j | (15 - j) << 4);
  const PackedBlocks packed = valueOf(packBlocks(ir::makeInlineSource(block), GgmlType::Q40));
  EXPECT_THAT(readRange(*packed.quants, 0, 16),
              testing::ElementsAre(0x10, 0x32, 0x54, 0x76, 0x98, 0xba, 0xdc, 0xfe, 0xef, 0xcd, 0xab,
                                   0x89, 0x67, 0x45, 0x23, 0x01));
}

TEST(PackedBlocks, AreReadInAnyRange) {
  for (GgmlType type : PackedTypes) {
    const PackedBlocks packed =
        valueOf(packBlocks(std::make_shared<Remote>(randomBlocks(type, 9)), type));
    for (const ir::TensorSourceRef &source : {packed.quants, packed.scales, packed.minimums}) {
      if (!source)
        continue;
      const std::vector<uint8_t> whole = readRange(*source, 0, source->byteSize());
      for (size_t begin = 0; begin <= whole.size(); ++begin)
        for (size_t end = begin; end <= whole.size(); end += 3)
          ASSERT_EQ(readRange(*source, begin, end - begin),
                    std::vector(whole.begin() + static_cast<std::ptrdiff_t>(begin),
                                whole.begin() + static_cast<std::ptrdiff_t>(end)));
      std::vector<uint8_t> one(1);
      EXPECT_THAT(errorOf(source->read(whole.size(), one)), HasSubstr("cannot read 1 bytes"));
    }
  }
}

TEST(PackedBlocks, AreReadFromManyThreads) {
  for (GgmlType type : PackedTypes) {
    const PackedBlocks packed =
        valueOf(packBlocks(std::make_shared<Remote>(randomBlocks(type, 20000)), type));
    const std::vector<uint8_t> expected = readRange(*packed.quants, 0, packed.quants->byteSize());
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
      threads.emplace_back(
          [&] { EXPECT_EQ(readRange(*packed.quants, 0, expected.size()), expected); });
    for (std::thread &thread : threads)
      thread.join();
  }
}

TEST(PackedBlocks, AreNotMadeOfOtherTypesAndPartsOfBlocks) {
  const ir::TensorSourceRef source = ir::makeInlineSource(std::vector<uint8_t>(36));
  for (GgmlType type : {GgmlType::Q4K, GgmlType::Q6K, GgmlType::F16})
    EXPECT_FALSE(canPack(type));
  EXPECT_THAT(errorOf(packBlocks(source, GgmlType::Q4K)), HasSubstr("cannot pack Q4_K"));
  EXPECT_THAT(errorOf(packBlocks(source, GgmlType::Q41)),
              HasSubstr("36 bytes are no whole blocks of Q4_1, which have 20"));
  EXPECT_THAT(errorOf(packBlocks(nullptr, GgmlType::Q40)), HasSubstr("needs a source"));
}

} // namespace
