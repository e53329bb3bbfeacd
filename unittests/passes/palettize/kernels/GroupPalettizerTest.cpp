// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Rows of elements to tables and codes.

#include "kernels/GroupPalettizer.h"

#include "optrun/IR/FloatScalars.h"

#include <cmath>
#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::palettize;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;

namespace {

struct Coded {
  Palette palette;
  std::vector<uint8_t> codes;
};

Coded palettized(const PaletteSettings &settings, const std::vector<float> &values,
                 uint64_t columns, const std::vector<float> &importance = {}) {
  std::vector<uint8_t> codes(values.size());
  GroupPalettizer palettizer(settings);
  const Palette &palette = palettizer.palettize(values, columns, importance, codes);
  return {palette, codes};
}

Coded palettized(const PaletteSettings &settings, const std::vector<uint16_t> &bits,
                 uint64_t columns, const std::vector<float> &importance = {}) {
  std::vector<uint8_t> codes(bits.size());
  GroupPalettizer palettizer(settings);
  const Palette &palette =
      palettizer.palettize(bits, ir::DataType::Float16, columns, importance, codes);
  return {palette, codes};
}

/// Rows of different size, as float16.
struct Rows {
  std::vector<uint16_t> bits;
  std::vector<float> values, importance;

  Rows(size_t rows, size_t columns) {
    std::mt19937 random(1);
    std::normal_distribution<float> normal(0, 0.02F);
    for (size_t i = 0; i != rows * columns; ++i) {
      const float value = normal(random) * static_cast<float>(1 + i / columns % 7);
      bits.push_back(ir::fromFloat<ir::Float16>(value).bits);
      values.push_back(ir::toFloat(ir::Float16{bits.back()}));
      importance.push_back(1 + std::abs(normal(random)));
    }
  }
};

float decoded(const Coded &coded, size_t index, uint64_t columns) {
  const float entry = coded.palette.lut.entries[coded.codes[index]];
  return coded.palette.scales.empty() ? entry : entry * coded.palette.scales[index / columns];
}

/// Whatever the bits, method, table and scales: each code decodes to the nearest entry, and errors
/// are those of what is decoded.
TEST(GroupPalettizer, ChoosesNearestEntriesAndMeasuresThem) {
  constexpr uint64_t Columns = 96;
  const Rows rows(5, Columns);
  for (unsigned bits : {1U, 2U, 3U, 4U, 6U, 8U})
    for (Method method : {Method::Optimal, Method::Lloyd, Method::Uniform})
      for (bool int8 : {false, true})
        for (bool scaleRows : {false, true}) {
          const PaletteSettings settings = {
              .method = method, .lut = {.bits = bits, .int8 = int8}, .scaleRows = scaleRows};
          const Coded coded = palettized(settings, rows.bits, Columns, rows.importance);
          ASSERT_EQ(coded.palette.lut.entries.size(), 1U << bits);
          ASSERT_EQ(coded.palette.scales.size(), scaleRows ? 5 : 0);
          PaletteErrors expected;
          for (size_t i = 0; i != rows.values.size(); ++i) {
            const double error = static_cast<double>(rows.values[i]) - decoded(coded, i, Columns);
            const float scale = scaleRows ? coded.palette.scales[i / Columns] : 1;
            for (const float entry : coded.palette.lut.entries)
              ASSERT_LE(std::abs(error), std::abs(rows.values[i] - entry * scale) + 1e-7);
            expected.squaredError += error * error;
            expected.weightedError += error * error * rows.importance[i];
            expected.squaredWeight += rows.values[i] * rows.values[i];
            expected.largestError = std::max(expected.largestError, std::abs(error));
          }
          const PaletteErrors &errors = coded.palette.errors;
          EXPECT_THAT(errors.squaredError, DoubleNear(expected.squaredError, 1e-7));
          EXPECT_THAT(errors.weightedError, DoubleNear(expected.weightedError, 1e-7));
          EXPECT_THAT(errors.squaredWeight, DoubleNear(expected.squaredWeight, 1e-6));
          EXPECT_THAT(errors.largestError, DoubleNear(expected.largestError, 1e-7));
        }
}

TEST(GroupPalettizer, DividesRowsByTheirLargestMagnitude) {
  const Coded coded = palettized({.lut = {.bits = 1}, .scaleRows = true},
                                 std::vector<float>{1, -2, 4, -8, 0, 0}, 2);
  EXPECT_THAT(coded.palette.scales, ElementsAre(2, 8, 1));
  EXPECT_THAT(coded.palette.lut.entries,
              ElementsAre(-1, roundedTo(ir::DataType::Float16, 34 / 70.0)));
  EXPECT_THAT(coded.codes, ElementsAre(1, 0, 1, 0, 1, 1));
}

/// Scaled, both rows are {-1, 1, x}: the larger row says where the third entry is.
TEST(GroupPalettizer, CountsErrorsOfScaledRowsByTheirScale) {
  const std::vector<float> values = {-1, 0, 0.25F, 1, -100, 0, 50, 100};
  const auto entry = [&](const std::vector<float> &importance) {
    return palettized({.lut = {.bits = 2, .type = ir::DataType::Float32}, .scaleRows = true},
                      values, 4, importance)
        .palette.lut.entries[2];
  };
  EXPECT_FLOAT_EQ(entry({}), (0.25F + 0.5F * 1e4F) / (1 + 1e4F));
  EXPECT_FLOAT_EQ(entry({1, 1, 1e4F, 1, 1, 1, 1, 1}), 0.375F);
}

TEST(GroupPalettizer, GivesCodeZeroToWhatIsNotFinite) {
  const std::vector<float> values = {1, INFINITY, NAN, 2};
  const Coded coded = palettized({.lut = {.bits = 1}}, values, 4);
  EXPECT_THAT(coded.codes, ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(coded.palette.errors.nonFinite, 2);
  EXPECT_EQ(coded.palette.errors.squaredError, 0);
  const Coded scaled = palettized({.lut = {.bits = 1}, .scaleRows = true}, values, 4);
  EXPECT_THAT(scaled.codes, ElementsAre(0, 0, 0, 1));
  EXPECT_EQ(scaled.palette.errors.nonFinite, 2);
}

TEST(GroupPalettizer, DoesNotMindTheOrderOfRows) {
  const Rows rows(4, 64);
  std::vector<uint16_t> turned(rows.bits.begin() + 64, rows.bits.end());
  turned.insert(turned.end(), rows.bits.begin(), rows.bits.begin() + 64);
  const PaletteSettings settings = {.lut = {.bits = 3}};
  const Coded coded = palettized(settings, rows.bits, 64), other = palettized(settings, turned, 64);
  EXPECT_EQ(coded.palette.lut.entries, other.palette.lut.entries);
  std::vector<uint8_t> codes(other.codes.end() - 64, other.codes.end());
  codes.insert(codes.end(), other.codes.begin(), other.codes.end() - 64);
  EXPECT_EQ(coded.codes, codes);
}

/// By sorting, by sorting floats and, when there are many, by histogram.
TEST(GroupPalettizer, EveryWayGivesTheSame) {
  for (size_t count : {64U, 40'000U}) {
    const Rows rows(1, count);
    for (const std::vector<float> &importance : {std::vector<float>(), rows.importance}) {
      const Coded coded = palettized({}, rows.bits, count, importance);
      const Coded wide = palettized({}, rows.values, count, importance);
      EXPECT_EQ(coded.palette.lut.entries, wide.palette.lut.entries);
      EXPECT_EQ(coded.codes, wide.codes);
      EXPECT_EQ(coded.palette.errors.squaredError, wide.palette.errors.squaredError);
      EXPECT_EQ(coded.palette.errors.weightedError, wide.palette.errors.weightedError);
    }
  }
}

TEST(GroupPalettizer, KeepsNothingFromCallToCall) {
  const Rows rows(2, 128);
  GroupPalettizer palettizer({.lut = {.bits = 4}, .scaleRows = true});
  std::vector<uint8_t> codes(128), again(128);
  const llvm::ArrayRef<uint16_t> bits = rows.bits;
  const Palette first =
      palettizer.palettize(bits.take_front(128), ir::DataType::Float16, 128, {}, codes);
  palettizer.palettize(bits.drop_front(128), ir::DataType::Float16, 64, {}, again);
  const Palette second =
      palettizer.palettize(bits.take_front(128), ir::DataType::Float16, 128, {}, again);
  EXPECT_EQ(first.lut.entries, second.lut.entries);
  EXPECT_EQ(first.scales, second.scales);
  EXPECT_EQ(codes, again);
}

TEST(GroupPalettizer, OfOneValueIsExact) {
  const Coded coded = palettized({}, std::vector<float>(10, 0.1F), 10);
  EXPECT_THAT(coded.codes, Each(0));
  EXPECT_EQ(palettized({}, std::vector<float>(10, 0.5F), 10).palette.errors.squaredError, 0);
  EXPECT_EQ(palettized({}, std::vector<float>(), 10).codes.size(), 0);
}

} // namespace
