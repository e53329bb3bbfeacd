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

} // namespace
