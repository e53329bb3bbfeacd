// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Bins of floats: where values are found, and what is summed up.

#include "kernels/ValueBins.h"

#include "kernels/OrderedBits.h"

#include <array>
#include <bit>
#include <cmath>
#include <gmock/gmock.h>
#include <hwy/targets.h>
#include <random>

using namespace optrun;
using namespace optrun::palettize;

namespace {

/// Some are cut, others joined.
ValueBins refinedAtRandom(const ValueBins &bins, std::mt19937 &random) {
  std::vector<uint8_t> cuts;
  for (size_t i = 0; i != bins.size(); ++i) {
    const int most = std::min(5, static_cast<int>(std::countr_zero(bins[i].size)));
    cuts.push_back(!bins[i].isOpen || random() % 4 != 0
                       ? ValueBins::Closed
                       : static_cast<uint8_t>(random() % (most + 1)));
  }
  return bins.refined(cuts);
}

/// Whatever bins are cut and joined, all floats stay where they are.
TEST(ValueBins, FindEveryFloat) {
  std::mt19937 random(3);
  ValueBins bins;
  for (int round = 0; round != 4; ++round) {
    bins = refinedAtRandom(bins, random);
    for (uint64_t ordered = 0; ordered < uint64_t(1) << 32; ordered += 1 + random() % 5000) {
      const ValueBins::Place place = bins.find(static_cast<uint32_t>(ordered));
      ASSERT_EQ(bins[place.bin].first + place.offset, ordered);
      ASSERT_LT(place.offset, bins[place.bin].size);
      ASSERT_EQ(place.isOpen, bins[place.bin].isOpen);
    }
  }
}

/// Runs a test with each of Highway's instruction sets, in a program that has them.
class ManyValues : public testing::TestWithParam<int64_t> {
protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};
INSTANTIATE_TEST_SUITE_P(EveryTarget, ManyValues,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()));

/// As one by one, in any order.
TEST_P(ManyValues, AreFoundInOpenBins) {
  std::mt19937 random(4);
  ValueBins bins;
  SectionPlaces places;
  for (int round = 0; round != 3; ++round) {
    for (size_t size : {0, 1, 7, 16, 33, 1024}) {
      std::vector<float> values;
      std::vector<std::array<size_t, 3>> expected;
      for (size_t i = 0; i != size; ++i) {
        const float special[] = {0, -0.0F, INFINITY, -INFINITY, NAN};
        values.push_back(i % 9 < 5 ? special[i % 9]
                                   : std::bit_cast<float>(static_cast<uint32_t>(random())));
        const ValueBins::Place place = bins.find(toOrdered(std::bit_cast<uint32_t>(values[i])));
        if (place.isOpen && std::isfinite(values[i]))
          expected.push_back({i, place.bin, place.offset});
      }
      bins.findOpen(values, places);
      std::vector<std::array<size_t, 3>> found;
      for (size_t i = 0; i != places.found; ++i)
        found.push_back({places.indices[i], places.bins[i], places.offsets[i]});
      EXPECT_THAT(found, testing::UnorderedElementsAreArray(expected));
    }
    bins = refinedAtRandom(bins, random);
  }
}

/// More than fit one number, one by one and merged.
TEST(BinSums, CountAsTheyAddWeightsOfOne) {
  const ValueBins bins;
  const float value = std::nextafter(1.0078125F, 0.0F); // the last one of its bin
  const size_t bin = bins.find(toOrdered(std::bit_cast<uint32_t>(value))).bin;
  const std::vector<float> values(uint64_t(1) << 20, value);
  BinSums counted(bins), merged(bins);
  for (int i = 0; i != 17; ++i)
    counted.count(values);
  EXPECT_EQ(counted.weight(bin), 17 * 0x1p20);
  EXPECT_EQ(counted.mean(bin), value);
  merged.count({1, value});
  merged.merge(counted);
  merged.add({1}, {1}, BinSums::WholeShare);
  merged.add({1}, 1);
  EXPECT_EQ(merged.weight(bin), 17 * 0x1p20 + 4);
  EXPECT_DOUBLE_EQ(merged.mean(bin), value - (value - 1.0) * 3 / merged.weight(bin));
}

TEST(BinSums, TellWhetherValuesMayDiffer) {
  const ValueBins bins;
  const auto isSpread = [&](llvm::ArrayRef<float> values) {
    BinSums sums(bins);
    sums.add(values, 5);
    return sums.isSpread(bins.find(toOrdered(std::bit_cast<uint32_t>(values[0]))).bin);
  };
  EXPECT_TRUE(isSpread({1, 1.001F}));
  EXPECT_FALSE(isSpread({1, 1}));
  EXPECT_FALSE(isSpread({-1, -1}));
  BinSums one(bins);
  one.count({1.001F});
  EXPECT_FALSE(one.isSpread(bins.find(toOrdered(std::bit_cast<uint32_t>(1.001F))).bin));
}

TEST(BinSums, HaveMeansOfFloats) {
  const ValueBins bins;
  BinSums sums(bins);
  sums.add({1.0F, 1.001F, -2.0F, -2.01F, INFINITY, NAN}, {1, 3, 1, 1, 5, 5}, BinSums::WholeShare);
  const auto binOf = [&](float value) {
    return bins.find(toOrdered(std::bit_cast<uint32_t>(value))).bin;
  };
  EXPECT_DOUBLE_EQ(sums.mean(binOf(1)), (1 + 3 * double(1.001F)) / 4);
  EXPECT_EQ(sums.weight(binOf(1)), 4);
  EXPECT_DOUBLE_EQ(sums.mean(binOf(-2)), (-2 + double(-2.01F)) / 2);
  EXPECT_EQ(sums.weight(binOf(INFINITY)), 0);
}

TEST(BinSums, TakeAShareOfWeights) {
  const ValueBins bins;
  BinSums sums(bins);
  sums.add({1}, {uint64_t(1) << 62}, BinSums::WholeShare / 4);
  EXPECT_EQ(sums.weight(bins.find(toOrdered(std::bit_cast<uint32_t>(1.0F))).bin), 0x1p60);
}

} // namespace
