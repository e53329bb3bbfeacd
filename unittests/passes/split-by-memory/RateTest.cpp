// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// How rates of devices are written.

#include "Rate.h"

#include "gtest/gtest.h"

using namespace optrun;

namespace {

TEST(FlopRate, IsANumberWithOrWithoutUnit) {
  EXPECT_EQ(parseFlopRate("1000000"), 1e6);
  EXPECT_EQ(parseFlopRate("1e12"), 1e12);
  EXPECT_EQ(parseFlopRate("312T"), 312e12);
  EXPECT_EQ(parseFlopRate("2.5 TFLOPS"), 2.5e12);
  EXPECT_EQ(parseFlopRate("2.5tflop/s"), 2.5e12);
  EXPECT_EQ(parseFlopRate("17 FLOPS"), 17.0);
}

TEST(Bandwidth, IsANumberWithOrWithoutUnit) {
  EXPECT_EQ(parseBandwidth("1e11"), 1e11);
  EXPECT_EQ(parseBandwidth("100GB"), 1e11);
  EXPECT_EQ(parseBandwidth("3.35TB/s"), 3.35e12);
  EXPECT_EQ(parseBandwidth("500 MB/s"), 5e8);
}

TEST(Rate, IsNothingElse) {
  for (const char *text : {"", "fast", "0", "-1e12", "inf", "nan", "1e999", "12X", "1T T", "TFLOPS",
                           "0x10", "1e12 per second", "1TFLOPS 2"})
    EXPECT_EQ(parseFlopRate(text), std::nullopt) << text;
  // Bits, powers of 1024 and arithmetic are no bytes a second.
  for (const char *text : {"100Gbit", "100GiB", "100GFLOPS"})
    EXPECT_EQ(parseBandwidth(text), std::nullopt) << text;
}

} // namespace
