// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Clusters against the textbook's.

#include "kernels/Clusters.h"

#include "PlainKMeans.h"

#include <gmock/gmock.h>
#include <hwy/targets.h>

using namespace optrun::palettize;
using testing::DoubleEq;
using testing::ElementsAre;

namespace {

Clusters clustered(Method method, const WeightedValues &values, size_t count) {
  return KMeans().cluster(method, values, count);
}

/// That of \p kMeans for each of \p counts; fails if one has more than the least error.
void checkLeastErrors(KMeans &kMeans, const Sample &sample, llvm::ArrayRef<size_t> counts) {
  const std::vector<long double> least = leastErrors(sample.values);
  for (const size_t count : counts) {
    const Clusters &clusters = kMeans.cluster(Method::Optimal, sample.values, count);
    ASSERT_LE(errorOf(sample.values, clusters.centers),
              least[std::min(count, least.size()) - 1] * (1 + 1e-9L))
        << sample.name << ", " << count << " clusters";
  }
}

/// Runs each test with each of Highway's instruction sets, in a program that has them.
class OptimalClusters : public testing::TestWithParam<int64_t> {
protected:
  void SetUp() override { hwy::SetSupportedTargetsForTest(GetParam()); }
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};
INSTANTIATE_TEST_SUITE_P(EveryTarget, OptimalClusters,
                         testing::ValuesIn(hwy::SupportedAndGeneratedTargets()));

TEST_P(OptimalClusters, HaveTheLeastError) {
  std::mt19937_64 random(1);
  KMeans kMeans;
  for (int trial = 0; trial != 1500; ++trial) {
    const Sample sample = randomSample(random, 24);
    const std::vector<long double> least = leastErrors(sample.values);
    for (size_t count = 1; count <= least.size() + 3; ++count) {
      const Clusters &clusters = kMeans.cluster(Method::Optimal, sample.values, count);
      const long double error = errorOf(sample.values, clusters.centers);
      const long double expected = least[std::min(count, least.size()) - 1];
      ASSERT_EQ(clusters.centers.size(), std::min(count, least.size())) << sample.name;
      ASSERT_LE(error, expected * (1 + 1e-9L)) << sample.name << ", " << count << " clusters";
      ASSERT_NEAR(clusters.squaredError, error, 1e-9 * static_cast<double>(error)) << sample.name;
    }
  }
}

TEST_P(OptimalClusters, OfManyValuesHaveTheLeastError) {
  std::mt19937_64 random(2);
  KMeans kMeans;
  for (int trial = 0; trial != 24; ++trial)
    ASSERT_NO_FATAL_FAILURE(checkLeastErrors(kMeans, randomSample(random, 260), {2, 4, 8, 16, 64}));
}

TEST_P(OptimalClusters, OfUnevenValuesHaveTheLeastError) {
  std::mt19937_64 random(6);
  KMeans kMeans;
  for (int trial = 0; trial != 40; ++trial)
    ASSERT_NO_FATAL_FAILURE(
        checkLeastErrors(kMeans, unevenSample(random, 200), {16, 64, 100, 150}));
}

TEST_P(OptimalClusters, AreTheSameOnEveryProcessorAndAfterAnyOther) {
  std::mt19937_64 random(3);
  KMeans kMeans;
  for (int trial = 0; trial != 50; ++trial) {
    const Sample sample = randomSample(random, 2000);
    for (size_t count : {4U, 16U, 256U}) {
      const Clusters clusters = kMeans.cluster(Method::Optimal, sample.values, count);
      hwy::SetSupportedTargetsForTest(hwy::SupportedAndGeneratedTargets().back());
      EXPECT_EQ(clusters.centers, clustered(Method::Optimal, sample.values, count).centers)
          << sample.name << ", " << count << " clusters";
      hwy::SetSupportedTargetsForTest(GetParam());
    }
  }
}

TEST(Clusters, OfFewDistinctValuesAreTheValues) {
  const WeightedValues values = weightedValues({-1, 1e-45F, 3e38F, 3e38F});
  for (Method method : {Method::Optimal, Method::Lloyd, Method::Uniform}) {
    const Clusters clusters = clustered(method, values, 3);
    EXPECT_THAT(clusters.centers, ElementsAre(-1, 1e-45F, 3e38F));
    EXPECT_EQ(clusters.squaredError, 0);
  }
}

TEST(Clusters, OfNothingAreNone) {
  EXPECT_THAT(clustered(Method::Optimal, {}, 4).centers, ElementsAre());
}

TEST(Clusters, AttractByWeight) {
  EXPECT_THAT(clustered(Method::Optimal, weightedValues({0, 1, 10}, {1, 3, 1}), 2).centers,
              ElementsAre(0.75, 10));
  EXPECT_THAT(clustered(Method::Optimal, weightedValues({0, 1, 10}, {1000, 1000, 1}), 2).centers,
              ElementsAre(0, DoubleEq((1000 + 10.0) / 1001)));
  EXPECT_THAT(clustered(Method::Optimal, weightedValues({0, 1, 10}, {1, 0, 1}), 2).centers,
              ElementsAre(0, 10));
}

/// Every number of cells from 4 to 8 costs the same per cell more: no penalty leads to 5, 6 or 7.
TEST(Clusters, BetweenTiesAreSpliced) {
  const WeightedValues values = weightedValues({0, 1, 10, 11, 20, 21, 30, 31});
  for (size_t count = 4; count <= 8; ++count)
    EXPECT_EQ(clustered(Method::Optimal, values, count).squaredError,
              0.5 * static_cast<double>(8 - count));
}

TEST(Clusters, UniformCentersAreEvenlySpaced) {
  const Clusters clusters = clustered(Method::Uniform, weightedValues({-1, 0, 0.5F, 1, 5}), 4);
  EXPECT_THAT(clusters.centers, ElementsAre(-1, 1, 3, 5));
  EXPECT_EQ(clusters.squaredError, 1 + 0.25);
}

TEST(Clusters, OfLloydAreMeansOfWhatIsNearest) {
  std::mt19937_64 random(4);
  for (int trial = 0; trial != 200; ++trial) {
    const Sample sample = randomSample(random, 60);
    for (size_t count : {2U, 4U, 8U}) {
      const Clusters clusters = clustered(Method::Lloyd, sample.values, count);
      const Clusters best = clustered(Method::Optimal, sample.values, count);
      EXPECT_LE(clusters.centers.size(), count);
      EXPECT_GE(clusters.squaredError, best.squaredError * (1 - 1e-9)) << sample.name;
      const Clusters uniform = clustered(Method::Uniform, sample.values, count);
      EXPECT_GE(uniform.squaredError, best.squaredError * (1 - 1e-9)) << sample.name;
    }
  }
  const Clusters clusters =
      clustered(Method::Lloyd, weightedValues({0, 1, 2, 10, 11, 12, 20, 21, 22}), 3);
  EXPECT_THAT(clusters.centers, ElementsAre(1, 11, 21));
}

/// Where tails are long, as those of weights are, too.
TEST(Clusters, OfLloydAreNotFarFromTheBest) {
  std::mt19937_64 random(5);
  std::normal_distribution<float> normal;
  for (size_t count : {4U, 16U, 64U}) {
    std::vector<float> values(2048);
    for (float &value : values)
      value = std::pow(normal(random), 3.F);
    const WeightedValues weighted = weightedValues(values);
    EXPECT_LE(clustered(Method::Lloyd, weighted, count).squaredError,
              1.5 * clustered(Method::Optimal, weighted, count).squaredError)
        << count;
  }
}

} // namespace
