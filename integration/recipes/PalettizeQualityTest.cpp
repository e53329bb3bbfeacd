// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What tables cost SmolLM2-135M, on real text.

#include "PerplexityRun.h"

using namespace optrun;
using namespace optrun::test;

namespace {

class PalettizeQualityTest : public PerplexityRun {
protected:
  double perplexityOf(const std::string &options) const {
    return perplexityAfter({"palettize: {" + options + "}"}, 8, "fp16");
  }
};

TEST_F(PalettizeQualityTest, eightBitsInGroupsAreTheOriginal) {
  EXPECT_NEAR(perplexityOf("bits: 8, group-size: 16") / PerplexityOfEightRows, 1, 0.003);
  EXPECT_LT(weightBytes(), 142'000'000u);
}

/// A scale for each channel (int4) has 61.0, the least squared error 48.3.
TEST_F(PalettizeQualityTest, whatTheModelSaysIsWorthMoreThanSquaredErrors) {
  EXPECT_LT(perplexityOf("bits: 4, granularity: per-channel, use-importance: estimated"), 37);
  EXPECT_LT(weightBytes(), 75'000'000u);
}

/// At 4 bits, against int4 in the blocks that take the same bytes or more.
TEST_F(PalettizeQualityTest, calibratedTablesAreBetterThanBlocksOfTheSameSize) {
  const std::string calibrate =
      "calibrate: {data: " + fixture("corpus/calib_reference.safetensors") + ", samples: 16}";
  constexpr int Rows = 4;
  for (const auto &[tables, blocks] :
       {std::pair("group-size: 4", "128"), std::pair("granularity: per-channel", "32")}) {
    const double ours = perplexityAfter(
        {calibrate, std::string("palettize: {bits: 4, ") + tables + "}"}, Rows, "fp16");
    const uint64_t size = weightBytes();
    const double theirs = perplexityAfter(
        {std::string("quantize: {dtype: int4, block-size: ") + blocks + "}"}, Rows, "fp16");
    EXPECT_LT(ours, theirs) << tables;
    EXPECT_LE(size, weightBytes()) << tables;
  }
}

} // namespace
