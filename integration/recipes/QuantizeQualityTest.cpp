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
  double perplexityOf(const std::string &options, int rows = 8) const {
    return perplexityAfter({"quantize: {" + options + "}"}, rows, "fp16");
  }
};

TEST_F(QuantizeQualityTest, int8PerChannelIsTheOriginal) {
  EXPECT_NEAR(perplexityOf("dtype: int8, granularity: per-channel") / PerplexityOfEightRows, 1,
              0.003);
  EXPECT_LT(weightBytes(), 136'000'000u);
}

/// Perplexities in 8 bits differ from the original's by less than those of two texts: what tells
/// methods apart is how far the predictions are.
TEST_F(QuantizeQualityTest, searchIsNearerToTheOriginalInInt8) {
  const ProcessResult original =
      runOptRun({writeRecipe({captureIn("fp16"), "export: {output: original}"})});
  ASSERT_EQ(original.exitCode, 0) << original.err;
  auto divergence = [&](const std::string &method) {
    return evaluationAfter({"quantize: {granularity: per-channel, method: " + method + "}"}, "fp16",
                           "rows: 4, metrics: [kl], reference: original")
        .divergence.value();
  };
  EXPECT_LT(divergence("search"), divergence("rtn"));
}

class QuantizeQualityInInt4 : public QuantizeQualityTest,
                              public testing::WithParamInterface<const char *> {};
INSTANTIATE_TEST_SUITE_P(Sizes, QuantizeQualityInInt4,
                         testing::Values("granularity: per-channel", "block-size: 128",
                                         "block-size: 64", "block-size: 32"));

TEST_P(QuantizeQualityInInt4, searchIsBetterThanRounding) {
  const std::string options = std::string("dtype: int4, ") + GetParam();
  const double rounded = perplexityOf(options, 4);
  const uint64_t bytes = weightBytes();
  EXPECT_LT(perplexityOf(options + ", method: search", 4), rounded);
  EXPECT_EQ(weightBytes(), bytes);
}

} // namespace
