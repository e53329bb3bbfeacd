// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Tables as stored, and the codes for them.

#include "kernels/Lut.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::palettize;
using testing::ElementsAre;
using testing::FloatEq;

namespace {

std::vector<uint8_t> nearest(const std::vector<float> &entries, const std::vector<float> &values) {
  std::vector<uint8_t> codes(values.size());
  findNearest(entries, values, codes);
  return codes;
}

TEST(Lut, IsRoundedToItsType) {
  const auto entries = [](ir::DataType type) {
    return makeLut({.bits = 1, .type = type}, {1.001, 1e6}).entries;
  };
  EXPECT_THAT(entries(ir::DataType::Float16), ElementsAre(1 + 0x1p-10F, 65504));
  EXPECT_THAT(entries(ir::DataType::BFloat16), ElementsAre(1, 999424));
  EXPECT_THAT(entries(ir::DataType::Float32), ElementsAre(1.001F, 1e6F));
  EXPECT_EQ(roundedTo(ir::DataType::Float16, 0x1.8p-25), 0x1p-24F) << "subnormal, to nearest";
  EXPECT_EQ(roundedTo(ir::DataType::Float16, 1 + 0x1p-11), 1) << "halves to even";
}

TEST(Lut, OfIntegersHasAScale) {
  const Lut lut = makeLut({.bits = 2, .int8 = true}, {-2, 0, 0.26, 1});
  EXPECT_THAT(lut.integers, ElementsAre(-127, 0, 17, 64));
  const float scale = roundedTo(ir::DataType::Float16, 2.0 / 127);
  EXPECT_EQ(lut.scale, scale);
  EXPECT_THAT(lut.entries, ElementsAre(FloatEq(roundedTo(ir::DataType::Float16, -127.0 * scale)), 0,
                                       FloatEq(roundedTo(ir::DataType::Float16, 17.0 * scale)),
                                       FloatEq(roundedTo(ir::DataType::Float16, 64.0 * scale))));
}

TEST(Lut, OfZerosHasScaleOne) {
  const Lut lut = makeLut({.bits = 1, .int8 = true}, {0});
  EXPECT_EQ(lut.scale, 1);
  EXPECT_THAT(lut.entries, ElementsAre(0, 0));
}

TEST(Lut, RepeatsTheLastEntry) {
  EXPECT_THAT(makeLut({.bits = 2}, {1, 2}).entries, ElementsAre(1, 2, 2, 2));
  EXPECT_THAT(makeLut({.bits = 1}, {}).entries, ElementsAre(0, 0));
}

TEST(Lut, TiesGoToTheLowerEntry) {
  EXPECT_THAT(nearest({-1, 1, 3}, {-5, 0, 0.5F, 2, 2.5F, 9}), ElementsAre(0, 0, 1, 1, 2, 2));
}

TEST(Lut, EqualEntriesShareTheFirstCode) {
  EXPECT_THAT(nearest({1, 1, 2, 2}, {0, 1, 1.4F, 1.6F, 2, 3}), ElementsAre(0, 0, 0, 2, 2, 2));
}

/// Centres 1 and 1 + 2^-10 + 2^-12 as float16: what is nearer to one may be nearer to the other.
TEST(Lut, RoundingReassigns) {
  const std::vector<double> centers = {1 + 0x1p-11 - 0x1p-14, 1 + 0x1p-9};
  const float value = 1 + 0x1p-10F + 0x1p-14F; // nearer to the first centre
  EXPECT_LT(value - centers[0], centers[1] - value);
  const Lut lut = makeLut({.bits = 1}, centers);
  EXPECT_THAT(lut.entries, ElementsAre(1, 1 + 0x1p-9F));
  EXPECT_THAT(nearest(lut.entries, {value}), ElementsAre(1));
}

TEST(Lut, ErrorsAreMeasuredByCountAndByWeight) {
  const WeightedValues values = {.values = {0, 1, 3}, .weights = {1, 10, 0.5}, .counts = {2, 1, 3}};
  const PaletteErrors errors = measure(values, {0, 0, 1}, {0.5F, 2});
  EXPECT_EQ(errors.squaredError, 2 * 0.25 + 0.25 + 3);
  EXPECT_EQ(errors.weightedError, 0.25 + 2.5 + 0.5);
  EXPECT_EQ(errors.squaredWeight, 1 + 3 * 9);
  EXPECT_EQ(errors.largestError, 1);
}

TEST(Lut, ErrorsOfARowAreInUnitsOfItsScale) {
  const PaletteErrors errors = measureRow({0, 1, INFINITY}, {0, 1, 0}, {0.5F, 0.75F}, 2, {1, 4, 1});
  EXPECT_EQ(errors.squaredError, 4 * (0.25 + 0.0625));
  EXPECT_EQ(errors.weightedError, 4 * (0.25 + 4 * 0.0625));
  EXPECT_EQ(errors.squaredWeight, 4);
  EXPECT_EQ(errors.largestError, 1);
  EXPECT_EQ(errors.nonFinite, 1);
}

} // namespace
