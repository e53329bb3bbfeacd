// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What rounding costs SmolLM2-135M, on real text. Weights are captured in half precision: as the
/// blocks of integers that the file has, they would be nearly what int4 can say.

#include "PerplexityRun.h"

using namespace optrun;
using namespace optrun::test;

namespace {

class QuantizeQualityTest : public PerplexityRun {
protected:
  double perplexityOf(const std::string &options) const {
    return perplexityAfter({"quantize: {" + options + "}"}, 8, "fp16");
  }
};

TEST_F(QuantizeQualityTest, int8PerChannelIsTheOriginal) {
  EXPECT_NEAR(perplexityOf("dtype: int8, granularity: per-channel") / PerplexityOfEightRows, 1,
              0.003);
  EXPECT_LT(weightBytes(), 136'000'000u);
}

/// Rounding to the largest magnitude of each block would give 39.0.
TEST_F(QuantizeQualityTest, searchIsBetterThanRounding) {
  const std::string blocks = "dtype: int4, block-size: 64";
  const double rounded = perplexityOf(blocks);
  const uint64_t bytes = weightBytes();
  EXPECT_LT(rounded, 39.0);
  EXPECT_LT(perplexityOf(blocks + ", method: search"), rounded);
  EXPECT_EQ(weightBytes(), bytes);
}

} // namespace
