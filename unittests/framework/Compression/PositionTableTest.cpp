// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tables of rotary and sinusoidal embeddings against those that only look like them.

#include "optrun/Compression/PositionTable.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <cmath>
#include <gtest/gtest.h>

using namespace optrun;

namespace {

constexpr uint64_t Columns = 8;

std::vector<float> table(uint64_t rows, llvm::function_ref<double(uint64_t, uint64_t)> element) {
  std::vector<float> values;
  for (uint64_t row = 0; row != rows; ++row)
    for (uint64_t column = 0; column != Columns; ++column)
      values.push_back(static_cast<float>(element(row, column)));
  return values;
}

double angle(uint64_t row, uint64_t column) {
  return static_cast<double>(row) * std::pow(10000, -static_cast<double>(column) / Columns);
}

/// With the mantissa of bfloat16.
double coarse(double value) {
  int exponent;
  const double fraction = std::frexp(value, &exponent);
  return std::ldexp(std::nearbyint(fraction * 256) / 256, exponent);
}

TEST(PositionTable, HoldsSinesOrCosines) {
  const auto cosine = [](auto row, auto column) { return std::cos(angle(row, column)); };
  const auto sine = [](auto row, auto column) { return std::sin(angle(row, column)); };
  const auto both = [&](auto row, auto column) {
    return column % 2 ? cosine(row, column) : sine(row, column);
  };
  EXPECT_TRUE(isSinusoidal(table(64, cosine), Columns));
  EXPECT_TRUE(isSinusoidal(table(8, sine), Columns));
  EXPECT_TRUE(isSinusoidal(table(64, both), Columns));
  EXPECT_TRUE(isSinusoidal(
      table(64, [&](auto row, auto column) { return coarse(1.2 * both(row, column)); }), Columns));
}

TEST(PositionTable, IsNothingElse) {
  const auto zero = [](auto, auto) { return 0; };
  const auto constant = [](auto, auto column) { return 1.0 + column; };
  const auto ramp = [](auto row, auto column) { return row * Columns + column; };
  const auto trained = [](auto row, auto column) { return std::sin(row * row * 1.7 + column); };
  const auto mixed = [&](auto row, auto column) {
    return column == 3 ? trained(row, column) : std::cos(angle(row, column));
  };
  EXPECT_FALSE(isSinusoidal(table(64, zero), Columns));
  EXPECT_FALSE(isSinusoidal(table(64, constant), Columns));
  EXPECT_FALSE(isSinusoidal(table(64, ramp), Columns));
  EXPECT_FALSE(isSinusoidal(table(64, trained), Columns));
  EXPECT_FALSE(isSinusoidal(table(64, mixed), Columns));
  EXPECT_FALSE(
      isSinusoidal(table(7, [](auto row, auto column) { return std::cos(angle(row, column)); }),
                   Columns)); // too few to tell
}

} // namespace
