// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Quantities as tables show them.

#include "optrun/Support/Quantity.h"

#include "gtest/gtest.h"

#include <limits>

using namespace optrun;

namespace {

TEST(Quantity, CountsHaveThreeDigits) {
  EXPECT_EQ(formatCount(0), "0");
  EXPECT_EQ(formatCount(999), "999");
  EXPECT_EQ(formatCount(1000), "1.00 K");
  EXPECT_EQ(formatCount(12'345), "12.3 K");
  EXPECT_EQ(formatCount(999'600), "1.00 M");
  EXPECT_EQ(formatCount(3'821'079'552), "3.82 G");
  EXPECT_EQ(formatCount(std::numeric_limits<uint64_t>::max()), "18.4 E");
}

TEST(Quantity, TimesGoUpToSeconds) {
  EXPECT_EQ(formatPicoseconds(7), "7 ps");
  EXPECT_EQ(formatPicoseconds(12'400'000'000), "12.4 ms");
  EXPECT_EQ(formatPicoseconds(5'000'000'000'000'000), "5000 s");
}

TEST(Quantity, RatiosHaveDecimalsWhereTheyMatter) {
  EXPECT_EQ(formatRatio(0.666), "0.67");
  EXPECT_EQ(formatRatio(9.994), "9.99");
  EXPECT_EQ(formatRatio(9.999), "10");
  EXPECT_EQ(formatRatio(341.2), "341");
}

TEST(Quantity, OnlyWhatIsFullIsShownAsFull) {
  EXPECT_EQ(formatPercent(1, 3), "33%");
  EXPECT_EQ(formatPercent(995, 1000), "99.5%");
  EXPECT_EQ(formatPercent(9'999'999, 10'000'000), "99.9%");
  EXPECT_EQ(formatPercent(7, 7), "100%");
  EXPECT_EQ(formatPercent(3, 2), "150%");
  EXPECT_EQ(formatPercent(0, 0), "-");
}

} // namespace
