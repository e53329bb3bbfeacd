// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Codes of floats, and their errors, on every processor.

#include "kernels/FloatCodes.h"

#include "kernels/Lut.h"

#include <algorithm>
#include <cmath>
#include <gmock/gmock.h>
#include <hwy/targets.h>
#include <random>

using namespace optrun::palettize;

namespace {

/// Runs each test with each of Highway's instruction sets, in a program that has them.
class EncodedFloats : public testing::TestWithParam<int64_t> {
protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};
INSTANTIATE_TEST_SUITE_P(EveryTarget, EncodedFloats,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()));

/// Entries, what is halfway between them, the floats beside that, and others.
std::vector<float> valuesAround(llvm::ArrayRef<float> entries, std::mt19937 &random) {
  std::vector<float> values = {0, -0.0F, 1e30F, -1e30F, 1e-44F};
  for (size_t i = 0; i != entries.size(); ++i) {
    const auto middle =
        static_cast<float>(middleOf(entries[i], entries[std::max<size_t>(i, 1) - 1]));
    for (float value : {entries[i], middle})
      values.insert(values.end(), {value, std::nextafter(value, -INFINITY),
                                   std::nextafter(value, INFINITY), -value});
    values.push_back(std::normal_distribution<float>(0, 2)(random));
  }
  return values;
}

TEST_P(EncodedFloats, AreNearest) {
  std::mt19937 random(1);
  for (size_t count : {1, 2, 4, 16, 31, 32, 64, 256})
    for (bool repeats : {false, true}) {
      std::vector<float> entries(count);
      for (size_t i = 0; i != count; ++i)
        entries[i] =
            repeats && i % 3 == 1 ? entries[i - 1] : std::normal_distribution<float>()(random);
      llvm::sort(entries);
      std::vector<float> values = valuesAround(entries, random);
      llvm::sort(values);
      std::vector<uint8_t> expected(values.size()), codes(values.size());
      findNearest(entries, values, expected);
      FloatCodes(entries).encode(values, codes);
      EXPECT_EQ(codes, expected) << count;
    }
}

TEST_P(EncodedFloats, HaveCodeZeroIfTheyAreNotFinite) {
  for (size_t count : {16, 256}) {
    std::vector<float> entries(count);
    for (size_t i = 0; i != count; ++i)
      entries[i] = static_cast<float>(i) - 8;
    std::vector<float> values(20, INFINITY);
    values[3] = NAN;
    values[5] = -INFINITY;
    values[7] = 3;
    std::vector<uint8_t> codes(values.size(), 255), expected(values.size());
    expected[7] = 11;
    FloatCodes(entries).encode(values, codes);
    EXPECT_EQ(codes, expected);
  }
}

/// Of any length, with and without importance, as they are added up one by one.
TEST_P(EncodedFloats, AreMeasured) {
  std::mt19937 random(2);
  std::normal_distribution<float> normal;
  const std::vector<float> entries = {-1.5F, -0.25F, 0.5F, 2};
  for (size_t size : {0, 1, 7, 8, 9, 23, 1000})
    for (bool isWeighted : {false, true}) {
      std::vector<float> values(size), importance(isWeighted ? size : 0);
      std::vector<uint8_t> codes(size);
      PaletteErrors expected;
      for (size_t i = 0; i != size; ++i) {
        values[i] = i % 11 == 3 ? INFINITY : i % 13 == 5 ? NAN : normal(random);
        codes[i] = static_cast<uint8_t>(random() % 4);
        if (isWeighted)
          importance[i] = i % 7 == 2 ? -1 : i % 7 == 4 ? NAN : std::abs(normal(random));
        if (!std::isfinite(values[i])) {
          ++expected.nonFinite;
          continue;
        }
        const double value = 3.0 * values[i], error = value - 3.0 * entries[codes[i]];
        const double weight = !isWeighted ? 1 : importance[i] >= 0 ? importance[i] : 0;
        expected.squaredError += error * error;
        expected.weightedError += weight * (error * error);
        expected.squaredWeight += value * value;
        expected.largestError = std::max(expected.largestError, std::abs(error));
      }
      const PaletteErrors errors = measureRow(values, codes, entries, 3, importance);
      EXPECT_EQ(errors.nonFinite, expected.nonFinite);
      EXPECT_NEAR(errors.squaredError, expected.squaredError, 1e-12 * expected.squaredError);
      EXPECT_NEAR(errors.weightedError, expected.weightedError, 1e-12 * expected.weightedError);
      EXPECT_NEAR(errors.squaredWeight, expected.squaredWeight, 1e-12 * expected.squaredWeight);
      EXPECT_NEAR(errors.largestError, expected.largestError, 1e-12 * expected.largestError);
    }
}

/// The same bits as with the first instruction set.
TEST_P(EncodedFloats, HaveTheSameErrorsOnEveryProcessor) {
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(1003);
  std::vector<uint8_t> codes(values.size());
  for (float &value : values)
    value = normal(random);
  const std::vector<float> entries = {0};
  const auto measured = [&] { return measureRow(values, codes, entries, 1, values).weightedError; };
  const double error = measured();
  hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().front());
  EXPECT_EQ(error, measured());
}

} // namespace
