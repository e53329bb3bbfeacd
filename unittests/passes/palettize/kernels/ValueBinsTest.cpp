// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Bins of floats: where values are found, and what is summed up.

#include "kernels/ValueBins.h"

#include "kernels/OrderedBits.h"

#include <bit>
#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::palettize;

namespace {

/// Whatever bins are cut and joined, all floats stay where they are.
TEST(ValueBins, FindEveryFloat) {
  std::mt19937 random(3);
  ValueBins bins;
  for (int round = 0; round != 4; ++round) {
    std::vector<uint8_t> cuts;
    for (size_t i = 0; i != bins.size(); ++i) {
      const int most = std::min(5, static_cast<int>(std::countr_zero(bins[i].size)));
      cuts.push_back(!bins[i].isOpen || random() % 4 != 0
                         ? ValueBins::Closed
                         : static_cast<uint8_t>(random() % (most + 1)));
    }
    bins = bins.refined(cuts);
    for (uint64_t ordered = 0; ordered < uint64_t(1) << 32; ordered += 1 + random() % 5000) {
      const ValueBins::Place place = bins.find(static_cast<uint32_t>(ordered));
      ASSERT_EQ(bins[place.bin].first + place.offset, ordered);
      ASSERT_LT(place.offset, bins[place.bin].size);
      ASSERT_EQ(place.isOpen, bins[place.bin].isOpen);
    }
  }
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
