// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What is stored of a weight, against its rows quantized one by one, for every order and shape.

#include "WeightQuantizer.h"

#include "TestSupport/PassBody.h"
#include "TestSupport/SourceBytes.h"
#include "Tiling.h"

#include <cstring>
#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::quantize;
using namespace optrun::test;

namespace {

/// A weight by its rows, stored one way or the other.
struct SomeWeight {
  MatrixLayout layout;
  std::vector<float> rows;
  ir::TensorRef tensor;
};

SomeWeight someWeight(const MatrixLayout &layout) {
  SomeWeight weight{layout, std::vector<float>(layout.elements()), nullptr};
  std::mt19937 random(7);
  for (float &value : weight.rows)
    value = static_cast<float>(static_cast<int>(random() % 2001) - 1000) / 512;
  std::vector<float> stored = weight.rows;
  if (!layout.rowsContiguous)
    for (uint64_t m = 0; m != layout.matrices; ++m)
      for (uint64_t r = 0; r != layout.rows; ++r)
        for (uint64_t c = 0; c != layout.columns; ++c)
          stored[(m * layout.columns + c) * layout.rows + r] =
              weight.rows[(m * layout.rows + r) * layout.columns + c];
  std::vector<uint8_t> bytes(stored.size() * sizeof(float));
  std::memcpy(bytes.data(), stored.data(), bytes.size());
  weight.tensor =
      valueOf(ir::Tensor::create("w", ir::DataType::Float32, {static_cast<int64_t>(stored.size())},
                                 ir::makeInlineSource(std::move(bytes))));
  return weight;
}

/// The bytes of a result, which lie in the run's scratch file.
struct Stored {
  std::vector<uint8_t> codes, scales, zeroPoints;
  BlockErrors errors;
};

/// Small, so that weights have several tiles.
constexpr uint64_t Budget = 1 << 20;

Stored quantized(const QuantizationJob &job, unsigned threads = 2) {
  Stored stored;
  RunSettings settings;
  settings.threads = threads;
  settings.memoryBudget = Budget;
  EXPECT_EQ(runBody(
                [&](PassContext &context) -> llvm::Error {
                  auto results = quantizeWeights(job, context);
                  if (!results)
                    return results.takeError();
                  const QuantizedWeight &result = results->front();
                  stored = {bytesOf(result.codes), bytesOf(result.scales),
                            bytesOf(result.zeroPoints), result.errors};
                  return llvm::Error::success();
                },
                settings),
            "");
  EXPECT_EQ(stored.codes.size() + stored.scales.size() + stored.zeroPoints.size(),
            job.storedBytes());
  return stored;
}

/// Element \p index of a stream of packed codes.
uint8_t codeAt(llvm::ArrayRef<uint8_t> bytes, uint64_t index, unsigned bits) {
  const uint64_t bit = index * bits;
  return (bytes[bit / 8] >> (bit % 8)) & ((1U << bits) - 1);
}

/// Where the element of a row and a column is, in elements.
uint64_t placeOf(const MatrixLayout &layout, Order order, uint64_t row, uint64_t column,
                 uint64_t columns, uint64_t padded) {
  if (order == Order::Rows)
    return row * columns + column;
  if (order == Order::PaddedRows)
    return row * padded + column;
  const uint64_t matrix = row / layout.rows;
  return (matrix * columns + column) * layout.rows + row % layout.rows;
}

uint64_t paddedToBytes(uint64_t elements, unsigned bits) {
  return (elements * bits + 7) / 8 * 8 / bits;
}

/// Compares with each row by itself.
void expectRowByRow(const SomeWeight &weight, const QuantizationJob &job) {
  const Stored stored = quantized(job);
  const uint64_t columns = weight.layout.columns, blocks = job.blocks();
  const unsigned bits = job.grid.bits;
  const uint8_t middle = static_cast<uint8_t>(1U << (bits - 1));
  const uint64_t paddedCodes = paddedToBytes(job.paddedColumns(), bits);
  const uint64_t paddedBlocks = paddedToBytes(blocks, bits);
  for (uint64_t row = 0; row != weight.layout.allRows(); ++row) {
    std::vector<uint8_t> codes(columns), zeros(blocks);
    std::vector<float> scales(blocks);
    quantizeRows(job.grid, llvm::ArrayRef(weight.rows).slice(row * columns, columns), columns,
                 job.blockSize, job.importance, codes, scales, zeros);
    for (uint64_t column = 0; column != columns; ++column) {
      const uint64_t place = placeOf(weight.layout, job.order, row, column, columns, paddedCodes);
      const uint8_t flip = job.coding == Coding::Signed ? middle : 0; // two's complement
      ASSERT_EQ(codeAt(stored.codes, place, bits) ^ flip, codes[column]) << row << ", " << column;
    }
    for (uint64_t block = 0; block != blocks; ++block) {
      const Order order = job.order == Order::PaddedRows ? Order::Rows : job.order;
      float scale;
      std::memcpy(&scale,
                  stored.scales.data() +
                      placeOf(weight.layout, order, row, block, blocks, 0) * sizeof(float),
                  sizeof(float));
      ASSERT_EQ(scale, scales[block]);
      if (job.keepsZeroPoints) {
        const uint64_t place = placeOf(weight.layout, job.order, row, block, blocks, paddedBlocks);
        const uint8_t flip = job.coding == Coding::Signed ? middle : 0;
        ASSERT_EQ(codeAt(stored.zeroPoints, place, bits) ^ flip, zeros[block]);
      }
    }
  }
}

QuantizationJob jobOf(const SomeWeight &weight, unsigned bits, uint64_t blockSize, Order order) {
  QuantizationJob job;
  job.tensor = weight.tensor;
  job.layout = weight.layout;
  job.grid.bits = bits;
  job.grid.scaleType = ir::DataType::Float32;
  job.blockSize = blockSize;
  job.order = order;
  return job;
}

/// Odd extents, one row, one column, blocks that do not divide, longer than a row, and a row each.
TEST(WeightQuantizer, StoresWhatRowsGiveInEveryOrder) {
  for (const auto &[rows, columns] : {std::pair(5, 7), {1, 33}, {33, 1}, {6, 64}, {7, 40}})
    for (uint64_t matrices : {1, 3})
      for (bool rowsContiguous : {true, false}) {
        const SomeWeight weight = someWeight({matrices, static_cast<uint64_t>(rows),
                                              static_cast<uint64_t>(columns), rowsContiguous});
        for (Order order : {Order::Rows, Order::PaddedRows, Order::Columns})
          for (unsigned bits : {2, 4, 8})
            for (uint64_t blockSize : {3, 16, columns})
              for (bool isAsymmetric : {false, true}) {
                if (order == Order::PaddedRows && (matrices != 1 || blockSize % 16 != 0))
                  continue; // only as MatMulNBits has it
                QuantizationJob job = jobOf(weight, bits, blockSize, order);
                job.grid.symmetric = !isAsymmetric;
                job.keepsZeroPoints = isAsymmetric;
                job.coding = isAsymmetric ? Coding::Unsigned : Coding::Signed;
                SCOPED_TRACE(testing::Message()
                             << rows << "x" << columns << "x" << matrices << " contiguous "
                             << rowsContiguous << " order " << static_cast<int>(order) << " bits "
                             << bits << " block " << blockSize);
                expectRowByRow(weight, job);
              }
      }
}

/// More than one tile in each of the ways that weights are cut; columns that do not end with a
/// byte.
TEST(WeightQuantizer, StoresTheSameFromManyTiles) {
  for (const auto &[rows, columns] : {std::pair(5003, 1200), {16501, 260}})
    for (bool rowsContiguous : {true, false})
      for (Order order : {Order::Rows, Order::Columns}) {
        const SomeWeight weight = someWeight(
            {1, static_cast<uint64_t>(rows), static_cast<uint64_t>(columns), rowsContiguous});
        QuantizationJob job = jobOf(weight, 4, 100, order);
        ASSERT_GT(tile(weight.layout, order, 100, 2, Budget).tiles.size(), 1U);
        job.grid.symmetric = false;
        job.keepsZeroPoints = true;
        const Stored one = quantized(job, 1), many = quantized(job, 4);
        EXPECT_TRUE(one.codes == many.codes && one.scales == many.scales &&
                    one.zeroPoints == many.zeroPoints);
        EXPECT_EQ(one.errors.squaredError, many.errors.squaredError);
        expectRowByRow(weight, job);
      }
}

TEST(WeightQuantizer, TakesOneScaleForEverything) {
  const SomeWeight weight = someWeight({1, 3, 5, true});
  QuantizationJob job = jobOf(weight, 8, 0, Order::Columns);
  job.isPerTensor = true;
  job.keepsZeroPoints = true;
  job.grid.symmetric = false;
  job.grid.convention = Convention::QuantizeLinear;
  const Stored stored = quantized(job);
  const Scale scale = chooseScale(job.grid, rangeOf(llvm::ArrayRef(weight.rows)));
  std::vector<uint8_t> codes(weight.rows.size());
  applyScale(job.grid, scale, llvm::ArrayRef(weight.rows), codes);
  for (uint64_t row = 0; row != 3; ++row)
    for (uint64_t column = 0; column != 5; ++column)
      EXPECT_EQ(stored.codes[column * 3 + row], codes[row * 5 + column]);
  EXPECT_EQ(stored.zeroPoints, std::vector<uint8_t>{scale.zeroCode});
  EXPECT_EQ(stored.scales.size(), sizeof(float));
}

TEST(WeightQuantizer, CountsWhatIsNotFinite) {
  SomeWeight weight = someWeight({1, 2, 2, true});
  const std::vector<float> values = {1, INFINITY, NAN, 2};
  std::vector<uint8_t> bytes(sizeof(float) * values.size());
  std::memcpy(bytes.data(), values.data(), bytes.size());
  weight.tensor = valueOf(ir::Tensor::create("w", ir::DataType::Float32, {2, 2},
                                             ir::makeInlineSource(std::move(bytes))));
  EXPECT_EQ(quantized(jobOf(weight, 8, 2, Order::Rows)).errors.nonFiniteValues, 2U);
}

} // namespace
