// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Method::Search and Method::Hqq: never worse than Method::Rtn by their own measure, near the best
/// there is, and the same on every instruction set.

#include "PlainQuantizer.h"
#include "RowShapes.h"

#include <cmath>
#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::quantize;
using testing::AllOf;
using testing::Each;
using testing::Ge;
using testing::Le;

namespace {

class ScaleSearch : public OnEveryTarget {};
INSTANTIATE_TEST_SUITE_P(Targets, ScaleSearch, everyTarget());

std::vector<Grid> gridsOf(Method method) {
  std::vector<Grid> grids;
  for (unsigned bits : {2U, 4U, 8U})
    for (bool symmetric : {true, false})
      for (ir::DataType type :
           {ir::DataType::Float16, ir::DataType::BFloat16, ir::DataType::Float32})
        grids.push_back(
            {.bits = bits, .symmetric = symmetric, .scaleType = type, .method = method});
  return grids;
}

Grid withMethod(Grid grid, Method method) {
  grid.method = method;
  return grid;
}

/// Of the values' squared errors where no importance is known: (rms + |value|)^2, in units of the
/// largest value of each block.
std::vector<float> weightsBySize(llvm::ArrayRef<float> values, uint64_t blockSize) {
  std::vector<float> weights;
  for (llvm::ArrayRef<float> rest = values; !rest.empty();) {
    const llvm::ArrayRef<float> block = rest.take_front(blockSize);
    rest = rest.drop_front(block.size());
    double squares = 0, unit = std::numeric_limits<double>::min();
    for (double value : block) {
      squares += value * value;
      unit = std::max(unit, std::fabs(value));
    }
    const double rms = std::sqrt(squares / static_cast<double>(block.size()));
    for (double value : block)
      weights.push_back(static_cast<float>(std::pow((rms + std::fabs(value)) / unit, 2)));
  }
  return weights;
}

/// Of each block of a row.
std::vector<double> blockErrors(llvm::ArrayRef<float> values, const QuantizedRow &row,
                                uint64_t blockSize, llvm::ArrayRef<float> weights) {
  const std::vector<double> results = decoded(row, blockSize);
  std::vector<double> errors(row.scales.size());
  for (size_t i = 0; i != values.size(); ++i)
    errors[i / blockSize] += std::pow(values[i] - results[i], 2) * weights[i];
  return errors;
}

/// Sum of |error|^0.7.
double smallPowerOf(llvm::ArrayRef<float> values, const QuantizedRow &row, uint64_t blockSize) {
  const std::vector<double> results = decoded(row, blockSize);
  double sum = 0;
  for (size_t i = 0; i != values.size(); ++i)
    sum += std::pow(std::fabs(values[i] - results[i]), 0.7);
  return sum;
}

std::vector<float> someImportance(size_t count) {
  std::vector<float> importance = normalValues(count, 1, 99);
  for (float &each : importance)
    each = each * each * 1e-3F;
  return importance;
}

TEST_P(ScaleSearch, NoBlockIsWorseThanRounded) {
  for (const Grid &grid : gridsOf(Method::Search))
    for (const Row &row : rows())
      for (uint64_t blockSize : {1, 31, 32, 256, 5000})
        for (bool weighted : {false, true}) {
          SCOPED_TRACE(testing::Message()
                       << row.name << ", blocks of " << blockSize << ", " << describe(grid));
          const std::vector<float> importance =
              weighted ? someImportance(row.values.size()) : std::vector<float>();
          const QuantizedRow searched = quantizedRow(grid, row.values, blockSize, importance);
          const QuantizedRow rounded =
              quantizedRow(withMethod(grid, Method::Rtn), row.values, blockSize);
          const std::vector<float> weights =
              weighted ? importance : weightsBySize(row.values, blockSize);
          const auto errors = blockErrors(row.values, searched, blockSize, weights),
                     most = blockErrors(row.values, rounded, blockSize, weights);
          for (size_t i = 0; i != errors.size(); ++i)
            ASSERT_LE(errors[i], most[i] * (1 + 1e-6)) << "block " << i;
        }
}

TEST_P(ScaleSearch, StoresScalesOfTheirTypeAndCodesOfTheGrid) {
  for (Method method : {Method::Search, Method::Hqq})
    for (const Grid &grid : gridsOf(method))
      for (const Row &row : rows()) {
        const QuantizedRow result = quantizedRow(grid, row.values, 32);
        const unsigned last = (1U << grid.bits) - 1;
        EXPECT_THAT(result.codes, Each(Le(last)));
        EXPECT_THAT(result.zeroCodes, Each(Le(last)));
        for (float scale : result.scales)
          EXPECT_EQ(scale, storedAs(grid.scaleType, scale)) << row.name << ", " << describe(grid);
      }
}

TEST_P(ScaleSearch, SymmetricBlocksKeepTheMiddle) {
  const std::vector<float> values = normalValues(500, 1);
  for (Method method : {Method::Search, Method::Hqq})
    for (unsigned bits : {2U, 4U, 8U}) {
      const Grid grid = {.bits = bits, .method = method};
      EXPECT_THAT(quantizedRow(grid, values, 32).zeroCodes, Each(1U << (bits - 1)));
    }
}

/// The least weighted sum of squared errors that any scale and zero point leave, by trying very
/// many.
double leastError(const Grid &grid, llvm::ArrayRef<float> block, llvm::ArrayRef<float> weights) {
  const int last = (1 << grid.bits) - 1, middle = 1 << (grid.bits - 1);
  float extreme = 0;
  for (float value : block)
    extreme = std::max(extreme, std::fabs(value));
  double least = std::numeric_limits<double>::infinity();
  for (int zero = grid.symmetric ? middle : 0; zero <= (grid.symmetric ? middle : last); ++zero)
    for (int i = 1; i <= 400; ++i)
      for (int sign : {-1, 1}) {
        // Up to where one step reaches the extreme, closer where scales are small.
        const float scale = extreme * std::pow(10.F, -2.F * static_cast<float>(i) / 400);
        double error = 0;
        for (const auto &[value, weight] : llvm::zip_equal(block, weights)) {
          const float steps = static_cast<float>(sign) * value / scale + static_cast<float>(zero);
          const float code = std::clamp(std::round(steps), 0.F, static_cast<float>(last));
          error += weight * std::pow(value - sign * scale * (code - static_cast<float>(zero)), 2);
        }
        least = std::min(least, error);
      }
  return least;
}

TEST_P(ScaleSearch, IsNearTheBestThereIs) {
  for (unsigned bits : {2U, 4U})
    for (bool symmetric : {true, false}) {
      const Grid grid = {.bits = bits,
                         .symmetric = symmetric,
                         .scaleType = ir::DataType::Float32,
                         .method = Method::Search};
      double searched = 0, least = 0;
      for (uint64_t seed = 0; seed != 16; ++seed) {
        const std::vector<float> block = normalValues(32, 0.02F, seed);
        const std::vector<float> weights = weightsBySize(block, 32);
        searched += squaredError(block, quantizedRow(grid, block, 32), 32, weights);
        least += leastError(grid, block, weights);
      }
      EXPECT_LE(searched, 1.02 * least) << describe(grid);
    }
}

TEST_P(ScaleSearch, LeavesOutliersThatDoNotMatterOutOfLongRows) {
  std::vector<float> values = normalValues(4096, 0.02F);
  const std::vector<float> equal(4096, 1);
  values[7] = 0.3F; // alone, it would take half of the codes
  for (bool symmetric : {true, false}) {
    const Grid grid = {.symmetric = symmetric, .method = Method::Search};
    const QuantizedRow searched = quantizedRow(grid, values, 4096, equal);
    const QuantizedRow rounded = quantizedRow(withMethod(grid, Method::Rtn), values, 4096);
    EXPECT_LT(searched.errors.squaredError, 0.5 * rounded.errors.squaredError);
  }
}

TEST_P(ScaleSearch, KeepsMoreOfOutliersWhereNothingIsKnown) {
  std::vector<float> values = normalValues(4096, 0.02F);
  const std::vector<float> equal(4096, 1);
  values[7] = 0.3F;
  for (bool symmetric : {true, false}) {
    const Grid grid = {.symmetric = symmetric, .method = Method::Search};
    const QuantizedRow kept = quantizedRow(grid, values, 4096);
    const QuantizedRow cut = quantizedRow(grid, values, 4096, equal);
    EXPECT_GT(decoded(kept, 4096)[7], 2 * decoded(cut, 4096)[7]);
  }
}

TEST_P(ScaleSearch, ValuesThatMatterMoreAreMoreExact) {
  const std::vector<float> values = normalValues(320, 1);
  std::vector<float> importance(320, 0.001F), onlyThose(320);
  for (size_t i = 0; i < 320; i += 8)
    importance[i] = onlyThose[i] = 1;
  const Grid grid = {.method = Method::Search};
  const double weighted =
      squaredError(values, quantizedRow(grid, values, 32, importance), 32, onlyThose);
  const std::vector<float> equal(320, 1);
  const double plain = squaredError(values, quantizedRow(grid, values, 32, equal), 32, onlyThose);
  EXPECT_LT(weighted, 0.5 * plain);
}

TEST_P(ScaleSearch, ImportanceHasNoUnit) {
  const std::vector<float> values = normalValues(320, 1);
  std::vector<float> importance = someImportance(320);
  const Grid grid = {.symmetric = false, .method = Method::Search};
  const QuantizedRow expected = quantizedRow(grid, values, 32, importance);
  for (float &each : importance)
    each *= 0x1p60F;
  EXPECT_EQ(quantizedRow(grid, values, 32, importance).codes, expected.codes);
}

TEST_P(ScaleSearch, BlocksWithoutImportanceAreRounded) {
  const std::vector<float> values = normalValues(64, 1), importance(64, 0);
  const Grid grid = {.method = Method::Search};
  EXPECT_EQ(quantizedRow(grid, values, 32, importance).codes,
            quantizedRow(withMethod(grid, Method::Rtn), values, 32).codes);
}

TEST_P(ScaleSearch, FindsScalesThatFloat16CanHold) {
  // Method::Rtn's scale rounds to 0.
  const std::vector<float> values = {2e-7F, -1.2e-7F, 6e-8F, 1.8e-7F};
  for (Method method : {Method::Search, Method::Hqq}) {
    const QuantizedRow row = quantizedRow({.method = method}, values, 4);
    EXPECT_LT(row.errors.squaredError, 0.05 * row.errors.squaredWeight);
    EXPECT_EQ(row.errors.subnormalScales, 1u);
  }
}

TEST_P(ScaleSearch, DecodesZerosToExactlyZero) {
  const std::vector<float> values(100);
  for (Method method : {Method::Search, Method::Hqq})
    for (const Grid &grid : gridsOf(method)) {
      const QuantizedRow row = quantizedRow(grid, values, 32);
      EXPECT_THAT(decoded(row, 32), Each(0));
      EXPECT_EQ(row.errors.zeroBlocks, 4u);
    }
}

TEST_P(ScaleSearch, TakesInfinityAndNaNForZero) {
  std::vector<float> odd = normalValues(100, 1), zeroed = odd;
  odd[3] = std::numeric_limits<float>::infinity();
  odd[70] = std::numeric_limits<float>::quiet_NaN();
  zeroed[3] = zeroed[70] = 0;
  for (Method method : {Method::Search, Method::Hqq})
    for (const Grid &grid : gridsOf(method)) {
      const QuantizedRow row = quantizedRow(grid, odd, 32);
      EXPECT_EQ(row.codes, quantizedRow(grid, zeroed, 32).codes);
      EXPECT_EQ(row.errors.nonFiniteValues, 2u);
    }
}

TEST_P(ScaleSearch, IsTheSameToTheBitOnTheSlowestTarget) {
  for (Method method : {Method::Search, Method::Hqq})
    for (const Grid &grid : gridsOf(method))
      for (uint64_t blockSize : {32, 1000}) {
        const std::vector<float> values = normalValues(1100, 0.02F),
                                 importance = someImportance(1100);
        const QuantizedRow here = quantizedRow(grid, values, blockSize, importance);
        const QuantizedRow there =
            onSlowestTarget([&] { return quantizedRow(grid, values, blockSize, importance); });
        EXPECT_EQ(here.codes, there.codes) << describe(grid);
        EXPECT_EQ(here.scales, there.scales) << describe(grid);
        EXPECT_EQ(here.zeroCodes, there.zeroCodes) << describe(grid);
        EXPECT_EQ(here.errors.squaredError, there.errors.squaredError);
      }
}

TEST_P(ScaleSearch, HqqLowersSmallPowersOfErrors) {
  for (const Grid &grid : gridsOf(Method::Hqq)) {
    const std::vector<float> values = normalValues(4096, 0.02F);
    for (uint64_t blockSize : {64, 4096}) {
      const QuantizedRow result = quantizedRow(grid, values, blockSize);
      const QuantizedRow rounded = quantizedRow(withMethod(grid, Method::Rtn), values, blockSize);
      // At 8 bits nothing is large beside a step, and there is little to gain.
      EXPECT_LE(smallPowerOf(values, result, blockSize),
                (grid.bits == 8 ? 1 : 0.98) * smallPowerOf(values, rounded, blockSize))
          << describe(grid) << ", blocks of " << blockSize;
    }
  }
}

} // namespace
