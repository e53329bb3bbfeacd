// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Figures of one position: against numbers worked out by hand, and against plain scalar code.

#include "Metrics.h"

#include "Exponential.h"

#include <cmath>
#include <gtest/gtest.h>
#include <random>

using namespace optrun::evaluate;

namespace {

constexpr float Inf = std::numeric_limits<float>::infinity();
constexpr float NaN = std::numeric_limits<float>::quiet_NaN();

// Plain code, in the widest type there is.

long double plainLogSum(const std::vector<float> &logits) {
  long double peak = *std::max_element(logits.begin(), logits.end()), sum = 0;
  for (float logit : logits)
    sum += std::exp(static_cast<long double>(logit) - peak);
  return peak + std::log(sum);
}

long double plainDivergence(const std::vector<float> &reference, const std::vector<float> &model) {
  const long double referenceSum = plainLogSum(reference), modelSum = plainLogSum(model);
  long double result = 0;
  for (size_t i = 0; i < reference.size(); ++i) {
    const long double logP = reference[i] - referenceSum, logQ = model[i] - modelSum;
    result += std::exp(logP) * (logP - logQ);
  }
  return result;
}

std::vector<float> randomLogits(size_t count, std::mt19937 &random) {
  std::normal_distribution<float> normal(0, 6);
  std::vector<float> logits(count);
  for (float &logit : logits)
    logit = normal(random);
  return logits;
}

/// Around all the places where a block or a vector ends.
class MetricsOfSize : public testing::TestWithParam<size_t> {
protected:
  std::mt19937 random{1};
  std::vector<float> reference = randomLogits(GetParam(), random),
                     model = randomLogits(GetParam(), random);
};
INSTANTIATE_TEST_SUITE_P(Sizes, MetricsOfSize,
                         testing::Values(1, 2, 7, 8, 9, 255, 511, 512, 513, 1024, 1500, 50257));

TEST_P(MetricsOfSize, PredictsAsPlainCodeDoes) {
  const Prediction prediction = predict(reference);
  const auto top = std::max_element(reference.begin(), reference.end());
  EXPECT_EQ(prediction.top, static_cast<size_t>(top - reference.begin()));
  EXPECT_NEAR(prediction.logSum, static_cast<double>(plainLogSum(reference)), 1e-13);
}

TEST_P(MetricsOfSize, DivergesAsPlainCodeDoes) {
  const double plain = static_cast<double>(plainDivergence(reference, model));
  EXPECT_NEAR(divergence(predict(reference), predict(model)), plain, 1e-12 * (1 + plain));
}

TEST_P(MetricsOfSize, DeviatesAsPlainCodeDoes) {
  Deviation plain;
  for (size_t i = 0; i < reference.size(); ++i) {
    const double gap = static_cast<double>(reference[i]) - model[i];
    plain.maxAbsolute = std::max(plain.maxAbsolute, std::abs(gap));
    plain.largestReference =
        std::max(plain.largestReference, std::abs(static_cast<double>(reference[i])));
  }
  const Deviation found = deviation(reference, model);
  EXPECT_EQ(found.maxAbsolute, plain.maxAbsolute);
  EXPECT_EQ(found.largestReference, plain.largestReference);
}

TEST_P(MetricsOfSize, FindsNothingBetweenEqualLogits) {
  const std::vector<float> copy = reference;
  EXPECT_EQ(divergence(predict(reference), predict(copy)), 0);
  EXPECT_EQ(deviation(reference, copy).maxAbsolute, 0);
}

// By hand.

const float Ln2 = std::log(2.0f), Ln3 = std::log(3.0f);

TEST(Metrics, LossIsMinusTheLogOfTheProbability) {
  const std::vector<float> logits = {0, Ln2, Ln3, Ln2}; // 1/8, 2/8, 3/8, 2/8
  const Prediction prediction = predict(logits);
  EXPECT_NEAR(lossOf(prediction, 0), std::log(8.0), 1e-7);
  EXPECT_NEAR(lossOf(prediction, 2), std::log(8.0 / 3), 1e-7);
  EXPECT_EQ(prediction.top, 2u);
}

TEST(Metrics, DivergenceIsThatOfTheDefinition) {
  const std::vector<float> reference = {0, 0}, model = {0, Ln3}; // ½ ½ against ¼ ¾
  EXPECT_NEAR(divergence(predict(reference), predict(model)),
              0.5 * std::log(0.5 / 0.25) + 0.5 * std::log(0.5 / 0.75), 1e-8);
  EXPECT_NEAR(divergence(predict(model), predict(reference)),
              0.25 * std::log(0.25 / 0.5) + 0.75 * std::log(0.75 / 0.5), 1e-8);
}

TEST(Metrics, TopIsTheFirstOfEquals) {
  std::vector<float> logits(1000, 1.0f);
  EXPECT_EQ(predict(logits).top, 0u);
  logits[700] = logits[900] = 2;
  EXPECT_EQ(predict(logits).top, 700u);
}

TEST(Metrics, NothingOverflows) {
  const std::vector<float> high = {3e38f, 0, -3e38f}, low = {-3e38f, -3e38f};
  EXPECT_EQ(predict(high).logSum, high[0]);
  EXPECT_EQ(lossOf(predict(high), 0), 0);
  EXPECT_EQ(lossOf(predict(high), 2), 2.0 * high[0]);
  EXPECT_EQ(predict(low).logSum, static_cast<double>(low[0])) << "ln 2 is lost beside 3e38";
}

TEST(Metrics, AddingAConstantToLogitsChangesNothing) {
  const std::vector<float> logits = {1, 2, 3, 4}, shifted = {1001, 1002, 1003, 1004};
  EXPECT_NEAR(lossOf(predict(logits), 1), lossOf(predict(shifted), 1), 1e-12);
  EXPECT_NEAR(divergence(predict(logits), predict(shifted)), 0, 1e-12);
}

TEST(Metrics, TokensMayBeRuledOut) {
  const std::vector<float> masked = {0, -Inf, 0, -Inf}, open = {0, 0, 0, 0};
  EXPECT_NEAR(predict(masked).logSum, std::log(2.0), 1e-15);
  EXPECT_EQ(lossOf(predict(masked), 1), Inf);
  EXPECT_EQ(divergence(predict(masked), predict(masked)), 0);
  EXPECT_NEAR(divergence(predict(masked), predict(open)), std::log(2.0), 1e-15);
  EXPECT_EQ(divergence(predict(open), predict(masked)), Inf);
  EXPECT_EQ(deviation(masked, masked).maxAbsolute, 0);
  EXPECT_EQ(deviation(masked, open).maxAbsolute, Inf);
  EXPECT_EQ(deviation(masked, open).largestReference, 0);
}

TEST(Metrics, WhatIsNoDistributionHasNoLogSum) {
  for (const std::vector<float> &logits : std::vector<std::vector<float>>{
           {NaN}, {NaN, 1}, {1, NaN}, {Inf, 1}, {-Inf, Inf}, {-Inf}, {-Inf, -Inf}}) {
    EXPECT_TRUE(std::isnan(predict(logits).logSum)) << logits[0];
    EXPECT_LT(predict(logits).top, logits.size());
  }
  std::vector<float> late(600, 0.0f);
  late[599] = NaN;
  EXPECT_TRUE(std::isnan(predict(late).logSum));
}

TEST(Exponential, IsThatOfTheStandardLibraryToTwoUnitsInTheLastPlace) {
  for (double x = -708; x <= 0; x += 0.00137) {
    const double expected = std::exp(x);
    const double unit = std::nextafter(expected, 1.0) - expected;
    ASSERT_LE(std::abs(exponentialOf(x) - expected), 2 * unit) << x;
  }
}

TEST(Exponential, EndsWhereNumbersDo) {
  EXPECT_EQ(exponentialOf(0), 1);
  EXPECT_EQ(exponentialOf(-0.0), 1);
  EXPECT_EQ(exponentialOf(-708.5), 0);
  EXPECT_EQ(exponentialOf(-double(Inf)), 0);
  EXPECT_TRUE(std::isnan(exponentialOf(double(NaN))));
}

} // namespace
