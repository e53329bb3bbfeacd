// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Method::Rtn against plain scalar code, on every instruction set that this processor has.

#include "PlainQuantizer.h"
#include "RowShapes.h"
#include "TestSupport/SourceBytes.h"

#include "optrun/IR/TensorSource.h"

#include <cmath>
#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::quantize;
using testing::Each;
using testing::ElementsAre;

namespace {

constexpr float Inf = std::numeric_limits<float>::infinity();
constexpr float NaN = std::numeric_limits<float>::quiet_NaN();

std::vector<Grid> allGrids() {
  std::vector<Grid> grids;
  for (unsigned bits : {2U, 4U, 8U})
    for (bool symmetric : {true, false})
      for (bool isSigned : {true, false})
        for (ir::DataType type :
             {ir::DataType::Float16, ir::DataType::BFloat16, ir::DataType::Float32})
          for (Convention convention : {Convention::MatMulNBits, Convention::QuantizeLinear})
            grids.push_back({bits, isSigned, symmetric, type, Method::Rtn, convention});
  return grids;
}

class RoundToNearest : public OnEveryTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, RoundToNearest, everyTarget());

TEST_P(RoundToNearest, GivesWhatPlainCodeGives) {
  for (const Grid &grid : allGrids())
    for (const Row &row : rows())
      for (uint64_t blockSize : {1, 4, 16, 31, 32, 128, 5000}) {
        SCOPED_TRACE(testing::Message()
                     << row.name << ", blocks of " << blockSize << ", " << describe(grid));
        const QuantizedRow result = quantizedRow(grid, row.values, blockSize),
                           plain = plainlyQuantizedRow(grid, row.values, blockSize);
        ASSERT_EQ(result.codes, plain.codes);
        ASSERT_EQ(result.scales, plain.scales);
        ASSERT_EQ(result.zeroCodes, plain.zeroCodes);
        ASSERT_EQ(result.errors.zeroBlocks, plain.errors.zeroBlocks);
        // Kernels measure an error in float32, to 2^-22 of the value.
        const double weight = plain.errors.squaredWeight, error = plain.errors.squaredError;
        ASSERT_NEAR(result.errors.squaredWeight, weight, 1e-5 * weight);
        ASSERT_NEAR(result.errors.squaredError, error,
                    0x1p-21 * std::sqrt(error * weight) + 0x1p-42 * weight);
      }
}

TEST_P(RoundToNearest, IsTheSameToTheBitOnTheSlowestTarget) {
  const std::vector<float> values = normalValues(5000, 0.02F);
  for (const Grid &grid : allGrids()) {
    const QuantizedRow here = quantizedRow(grid, values, 32);
    const QuantizedRow there = onSlowestTarget([&] { return quantizedRow(grid, values, 32); });
    EXPECT_EQ(here.codes, there.codes);
    EXPECT_EQ(here.errors.squaredError, there.errors.squaredError);
    EXPECT_EQ(here.errors.squaredWeight, there.errors.squaredWeight);
  }
}

TEST_P(RoundToNearest, DecodesZerosToExactlyZero) {
  const std::vector<float> values(100);
  for (const Grid &grid : allGrids()) {
    const QuantizedRow row = quantizedRow(grid, values, 32);
    EXPECT_THAT(decoded(row, 32), Each(0));
    EXPECT_EQ(row.errors.zeroBlocks, 4u);
    EXPECT_EQ(row.errors.subnormalScales, 0u);
  }
}

/// \p elements converted.
std::vector<uint8_t> converted(llvm::ArrayRef<uint8_t> elements, ir::DataType from,
                               ir::DataType to) {
  return test::bytesOf(
      test::valueOf(ir::makeCastSource(ir::makeInlineSource(elements.vec()), from, to)));
}

/// Every number that there is in two bytes, infinities and NaNs included, and rows that end within
/// a vector.
TEST_P(RoundToNearest, WidensHalfPrecisionExactly) {
  std::vector<uint8_t> halves;
  for (unsigned bits = 0; bits != 1U << 16; ++bits)
    halves.insert(halves.end(), {static_cast<uint8_t>(bits), static_cast<uint8_t>(bits >> 8)});
  for (ir::DataType type : {ir::DataType::Float16, ir::DataType::BFloat16})
    for (uint64_t columns : {32, 50, 5000}) {
      const uint64_t count = 65536 / columns * columns;
      const StoredValues stored(type, llvm::ArrayRef(halves).take_front(2 * count));
      const std::vector<uint8_t> bytes = converted(stored.bytes(), type, ir::DataType::Float32);
      const StoredValues wide(ir::DataType::Float32, bytes);
      for (const Grid &grid : allGrids()) {
        const auto quantized = [&](StoredValues values) {
          QuantizedRow rows;
          rows.codes.resize(count);
          rows.scales.resize(count); // at most as many blocks
          rows.zeroCodes.resize(count);
          rows.errors =
              quantizeRows(grid, values, columns, 32, {}, rows.codes, rows.scales, rows.zeroCodes);
          return rows;
        };
        const QuantizedRow one = quantized(stored), other = quantized(wide);
        ASSERT_EQ(one.codes, other.codes) << describe(grid);
        ASSERT_EQ(one.scales, other.scales);
        ASSERT_EQ(one.zeroCodes, other.zeroCodes);
        ASSERT_EQ(one.errors.nonFiniteValues, other.errors.nonFiniteValues);
        ASSERT_EQ(one.errors.squaredError, other.errors.squaredError);
      }
      EXPECT_EQ(rangeOf(stored).max, rangeOf(wide).max);
    }
}

TEST_P(RoundToNearest, TakesInfinityAndNaNForZeroAndCountsThem) {
  std::vector<float> odd = normalValues(100, 1), zeroed = odd;
  for (auto [place, value] : {std::pair{3, Inf}, {40, NaN}, {41, -Inf}, {99, NaN}}) {
    odd[place] = value;
    zeroed[place] = 0;
  }
  for (const Grid &grid : allGrids()) {
    const QuantizedRow row = quantizedRow(grid, odd, 32), expected = quantizedRow(grid, zeroed, 32);
    EXPECT_EQ(row.codes, expected.codes);
    EXPECT_EQ(row.scales, expected.scales);
    EXPECT_EQ(row.errors.squaredError, expected.errors.squaredError);
    EXPECT_EQ(row.errors.nonFiniteValues, 4u);
    EXPECT_EQ(expected.errors.nonFiniteValues, 0u);
  }
}

TEST_P(RoundToNearest, ClampsScalesBeyondTheStoredType) {
  const Grid grid = {.scaleType = ir::DataType::Float16};
  const QuantizedRow row = quantizedRow(grid, {1e30F, -2e30F, 1, 0}, 4);
  EXPECT_THAT(row.scales, ElementsAre(65504));
  EXPECT_THAT(row.codes, ElementsAre(15, 0, 8, 8));
  EXPECT_EQ(row.errors.clampedScales, 1u);
  EXPECT_NEAR(row.errors.squaredWeight, 5e60, 1e55);
  EXPECT_NEAR(row.errors.squaredError, 5e60, 1e55);
}

TEST_P(RoundToNearest, CountsScalesThatLosePrecisionOrVanish) {
  const Grid grid = {.scaleType = ir::DataType::Float16};
  // Two blocks whose scale is one of float16's subnormal numbers, and two where it is too small.
  const QuantizedRow row = quantizedRow(grid, {1e-5F, 8e-5F, 1e-30F, 2e-9F}, 1);
  EXPECT_THAT(row.scales, ElementsAre(-0x15p-24F, -0xa8p-24F, 0, 0));
  EXPECT_EQ(row.errors.subnormalScales, 4u);
  EXPECT_EQ(row.errors.zeroBlocks, 0u);
  EXPECT_NEAR(row.errors.squaredError, 1.1992e-14, 1e-17);
}

TEST_P(RoundToNearest, KeepsScalesInvertibleBelowTheNormalNumbers) {
  const Grid grid = {.scaleType = ir::DataType::Float32};
  const QuantizedRow row = quantizedRow(grid, {1e-38F, -1e-40F, 1e-45F}, 1);
  const std::vector<double> results = decoded(row, 1);
  constexpr double HalfLeastScale = 0x1.000008p-129;
  EXPECT_NEAR(results[0], 1e-38, HalfLeastScale);
  EXPECT_NEAR(results[1], -1e-40, HalfLeastScale);
  EXPECT_NEAR(results[2], 1e-45, HalfLeastScale);
  EXPECT_EQ(row.errors.subnormalScales, 3u);
}

TEST_P(RoundToNearest, OneScaleForMoreThanARow) {
  const std::vector<float> first = normalValues(75, 1), second = normalValues(2000, 3);
  for (const Grid &grid : allGrids()) {
    Range range = rangeOf(llvm::ArrayRef(first));
    range.merge(rangeOf(llvm::ArrayRef(second)));
    const Scale scale = chooseScale(grid, range);
    std::vector<uint8_t> firstCodes(first.size()), secondCodes(second.size());
    BlockErrors errors = applyScale(grid, scale, llvm::ArrayRef(first), firstCodes);
    errors.merge(applyScale(grid, scale, llvm::ArrayRef(second), secondCodes));

    std::vector<float> both = first;
    both.insert(both.end(), second.begin(), second.end());
    const QuantizedRow plain = plainlyQuantizedRow(grid, both, both.size());
    firstCodes.insert(firstCodes.end(), secondCodes.begin(), secondCodes.end());
    EXPECT_EQ(firstCodes, plain.codes);
    EXPECT_EQ(scale.scale, plain.scales[0]);
    EXPECT_EQ(scale.zeroCode, plain.zeroCodes[0]);
    EXPECT_NEAR(errors.squaredError, plain.errors.squaredError, 1e-5 * plain.errors.squaredError);
  }
}

TEST_P(RoundToNearest, KeepsChannelsOfSmallValuesInHalfPrecision) {
  // Their scales, 2.4e-6 and 1.4 * 2^-24, are subnormal numbers of float16.
  for (const float largest : {3e-4F, 127 * 1.4F * 0x1p-24F}) {
    const std::vector<float> values = {largest, -largest, largest / 2, 0};
    const Grid grid = {
        .bits = 8, .scaleType = ir::DataType::Float16, .convention = Convention::QuantizeLinear};
    const QuantizedRow row = quantizedRow(grid, values, 4);
    EXPECT_EQ(row.errors.subnormalScales, 1u);
    const std::vector<double> results = decoded(row, 4);
    for (const auto &[value, result] : llvm::zip_equal(values, results))
      EXPECT_NEAR(result, value, row.scales[0] / 2);

    const Range range = rangeOf(llvm::ArrayRef(values));
    const Scale scale = chooseScale(grid, range);
    EXPECT_EQ(scale.scale, row.scales[0]);
    EXPECT_EQ(countScale(grid, range, scale).subnormalScales, 1u);
  }
}

TEST_P(RoundToNearest, DecodesTheLargestValuesOfHalfPrecisionToFiniteOnes) {
  for (const bool symmetric : {false, true})
    for (const bool isSigned : {false, true}) {
      const Grid grid = {.bits = 8,
                         .isSigned = isSigned,
                         .symmetric = symmetric,
                         .scaleType = ir::DataType::Float16,
                         .convention = Convention::QuantizeLinear};
      for (const double value : decoded(quantizedRow(grid, {65504, -65504}, 2), 2))
        EXPECT_NEAR(std::fabs(value), 65504, 1310); // 2 %
      for (const double value : decoded(quantizedRow(grid, {65504, -65504}, 2), 2))
        EXPECT_LE(std::fabs(value), 65504);
    }
}

TEST_P(RoundToNearest, RangeLeavesOutWhatIsNotFinite) {
  const Range range = rangeOf(llvm::ArrayRef<float>({NaN, 2, -Inf, Inf, 5, -1, NaN}));
  EXPECT_EQ(range.min, -1);
  EXPECT_EQ(range.max, 5);
  EXPECT_EQ(rangeOf({}).max, 0);
}

TEST_P(RoundToNearest, EmptyRowHasNothing) {
  const QuantizedRow row = quantizedRow({}, {}, 32);
  EXPECT_TRUE(row.codes.empty());
  EXPECT_EQ(row.errors.squaredWeight, 0);
}

} // namespace
