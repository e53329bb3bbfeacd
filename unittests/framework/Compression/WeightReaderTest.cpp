// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tiles of weights, whatever way they are stored.

#include "optrun/Compression/WeightReader.h"

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include <cstring>

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::ElementsAreArray;

namespace {

/// Hides that its bytes are in memory, as a file does.
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

/// 0, 1, 2 … in the order of storage.
ir::TensorRef counting(ir::DataType type, int64_t count) {
  std::vector<float> values;
  for (int64_t i = 0; i != count; ++i)
    values.push_back(static_cast<float>(i));
  std::vector<uint8_t> bytes(values.size() * sizeof(float));
  std::memcpy(bytes.data(), values.data(), bytes.size());
  auto source = valueOf(
      ir::makeCastSource(ir::makeInlineSource(std::move(bytes)), ir::DataType::Float32, type));
  return valueOf(ir::Tensor::create("w", type, {count}, std::make_shared<Remote>(source)));
}

std::vector<float> read(const ir::TensorRef &tensor, const MatrixLayout &layout,
                        const WeightTile &tile) {
  std::vector<float> values(tile.elements());
  WeightReader::Buffer buffer;
  const WeightReader reader(tensor, layout);
  EXPECT_EQ(errorOf(reader.read(tile, values, buffer)), "");
  EXPECT_LE(buffer.size(), reader.bufferBytes(tile));
  return values;
}

TEST(WeightReader, ReadsRows) {
  const MatrixLayout layout{1, 3, 4, /*rowsContiguous=*/true};
  EXPECT_THAT(read(counting(ir::DataType::Float32, 12), layout, {1, 2, 0, 4}),
              ElementsAre(4, 5, 6, 7, 8, 9, 10, 11));
  EXPECT_THAT(read(counting(ir::DataType::Float16, 12), layout, {1, 2, 1, 2}),
              ElementsAre(5, 6, 9, 10));
}

TEST(WeightReader, TurnsColumnsIntoRows) {
  const MatrixLayout layout{1, 3, 4, /*rowsContiguous=*/false};
  EXPECT_THAT(read(counting(ir::DataType::BFloat16, 12), layout, {0, 3, 0, 4}),
              ElementsAre(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11));
  EXPECT_THAT(read(counting(ir::DataType::Float32, 12), layout, {1, 2, 1, 2}),
              ElementsAre(4, 7, 5, 8));
}

TEST(WeightReader, CountsRowsThroughAllMatrices) {
  const MatrixLayout layout{2, 2, 3, /*rowsContiguous=*/false};
  EXPECT_THAT(read(counting(ir::DataType::Float32, 12), layout, {1, 2, 0, 3}),
              ElementsAre(1, 3, 5, 6, 8, 10));
}

/// Larger than a strip and than a chunk, against element by element.
TEST(WeightReader, GivesTheSameForEveryTile) {
  const uint64_t rows = 2100, columns = 67;
  for (bool rowsContiguous : {true, false}) {
    const MatrixLayout layout{1, rows, columns, rowsContiguous};
    const ir::TensorRef tensor = counting(ir::DataType::Float32, rows * columns);
    for (const WeightTile &tile : {WeightTile{0, rows, 0, columns}, WeightTile{7, 2000, 3, 50}}) {
      const std::vector<float> values = read(tensor, layout, tile);
      for (uint64_t row = 0; row != tile.rows; ++row)
        for (uint64_t column = 0; column != tile.columns; ++column) {
          const uint64_t r = tile.firstRow + row, c = tile.firstColumn + column;
          ASSERT_EQ(values[row * tile.columns + column],
                    static_cast<float>(rowsContiguous ? r * columns + c : c * rows + r));
        }
    }
  }
}

/// As they are stored, whatever floats they are: of all rows, of some, of two matrices; more
/// columns than are read at a time.
TEST(WeightReader, GivesElementsAsTheyAreStored) {
  const uint64_t rows = 2100, columns = 567;
  std::vector<uint8_t> bytes(2 * rows * columns * sizeof(uint16_t));
  for (uint64_t i = 0; i != 2 * rows * columns; ++i) {
    const auto pattern = static_cast<uint16_t>(i * 0x9E3779B1);
    std::memcpy(bytes.data() + i * sizeof(pattern), &pattern, sizeof(pattern));
  }
  const auto tensor =
      valueOf(ir::Tensor::create("w", ir::DataType::BFloat16, {2, rows, columns},
                                 std::make_shared<Remote>(ir::makeInlineSource(std::move(bytes)))));
  for (bool rowsContiguous : {true, false}) {
    const WeightReader reader(tensor, {2, rows, columns, rowsContiguous});
    for (const auto &[first, count] : {std::pair(uint64_t(0), rows), {7, 2000}, {2000, 1234}}) {
      const WeightTile tile = {first, count, 0, columns};
      WeightReader::Buffer buffer;
      const StoredValues values = valueOf(reader.readStored(tile, buffer));
      EXPECT_EQ(values.type(), ir::DataType::BFloat16);
      EXPECT_LE(buffer.size(), reader.storedBufferBytes(tile));
      std::vector<uint16_t> bits(tile.elements());
      std::memcpy(bits.data(), values.bytes().data(), values.bytes().size());
      for (uint64_t i = 0; i != bits.size(); ++i) {
        const uint64_t row = first + i / columns, column = i % columns;
        const uint64_t place = rowsContiguous ? row * columns + column
                                              : (row / rows * columns + column) * rows + row % rows;
        ASSERT_EQ(bits[i], static_cast<uint16_t>(place * 0x9E3779B1));
      }
    }
  }
}

TEST(WeightReader, GivesContiguousRowsAsTheyAreStored) {
  const ir::TensorRef remote = counting(ir::DataType::BFloat16, 12);
  std::vector<uint8_t> bytes(24);
  ASSERT_EQ(errorOf(remote->source()->read(0, bytes)), "");
  const auto resident =
      valueOf(ir::Tensor::create("w", ir::DataType::BFloat16, {12}, ir::makeInlineSource(bytes)));
  for (const ir::TensorRef &tensor : {remote, resident}) {
    const WeightReader reader(tensor, {1, 3, 4, /*rowsContiguous=*/true});
    WeightReader::Buffer buffer;
    const StoredValues rows = valueOf(reader.readStored({1, 2, 0, 4}, buffer));
    EXPECT_EQ(rows.type(), ir::DataType::BFloat16);
    EXPECT_EQ(rows.bytes(), llvm::ArrayRef(bytes).drop_front(8));
    EXPECT_EQ(rows.slice(2, 3).bytes(), llvm::ArrayRef(bytes).slice(12, 6));
    const StoredValues part = valueOf(reader.readStored({1, 2, 1, 2}, buffer));
    EXPECT_THAT(part.bytes(), ElementsAreArray({bytes[10], bytes[11], bytes[12], bytes[13],
                                                bytes[18], bytes[19], bytes[20], bytes[21]}));
    EXPECT_LE(buffer.size(), reader.storedBufferBytes({1, 2, 0, 4}));
  }
}

/// Multiples of eight, so that codes of one tile never share a byte with those of another.
TEST(WeightReader, ReadsAFewContiguousRowsAtATime) {
  const ir::TensorRef tensor = counting(ir::DataType::Float16, 20 * 40000);
  const WeightReader straight(tensor, {1, 20, 40000, true}), turned(tensor, {1, 20, 40000, false});
  EXPECT_EQ(straight.rowsPerRead({0, 20, 0, 40000}), 8U);
  EXPECT_EQ(straight.rowsPerRead({0, 20, 0, 256}), 20U);
  EXPECT_EQ(straight.rowsPerRead({0, 5, 0, 40000}), 5U);
  EXPECT_EQ(turned.rowsPerRead({0, 20, 0, 40000}), 20U);
}

TEST(WeightReader, NamesTheWeightThatCannotBeRead) {
  class Broken final : public ir::TensorSource {
    uint64_t byteSize() const override { return 16; }
    llvm::Error read(uint64_t, llvm::MutableArrayRef<uint8_t>) const override {
      return llvm::createStringError("the file has shrunk");
    }
  };
  const auto tensor =
      valueOf(ir::Tensor::create("up", ir::DataType::Float32, {2, 2}, std::make_shared<Broken>()));
  std::vector<float> values(4);
  WeightReader::Buffer buffer;
  EXPECT_EQ(errorOf(WeightReader(tensor, {1, 2, 2, true}).read({0, 2, 0, 2}, values, buffer)),
            "cannot read the weight 'up': the file has shrunk");
  EXPECT_EQ(errorOf(WeightReader(tensor, {1, 2, 2, true}).readStored({0, 2, 0, 2}, buffer)),
            "cannot read the weight 'up': the file has shrunk");
}

} // namespace
