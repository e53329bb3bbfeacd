// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Clusters of values that are seen in sweeps, against those of values in memory.

#include "kernels/BinnedKMeans.h"

#include "PlainKMeans.h"

#include <cmath>
#include <gmock/gmock.h>
#include <numeric>

using namespace optrun;
using namespace optrun::palettize;
using testing::ElementsAre;

namespace {

/// All sweeps that it asks for.
BinnedKMeans clustered(Method method, size_t count, llvm::ArrayRef<float> values,
                       llvm::ArrayRef<float> importance) {
  BinnedKMeans kMeans(method, count);
  const WholeWeights weights(importance);
  bool isMissing = true;
  while (isMissing) {
    // In two parts, the second one first.
    BinSums first(kMeans.bins()), second(kMeans.bins());
    const size_t half = values.size() / 2;
    const llvm::ArrayRef<uint64_t> whole = weights.values;
    second.add(values.drop_front(half), whole.drop_front(half), BinSums::WholeShare);
    first.add(values.take_front(half), whole.take_front(half), BinSums::WholeShare);
    second.merge(first);
    isMissing = kMeans.take(second);
  }
  return kMeans;
}

/// No worse than the optimum by more than what is proven; and that is little.
void expectOptimal(const WeightedValues &values, size_t count) {
  std::vector<float> importance(values.weights.begin(), values.weights.end());
  if (std::all_of(importance.begin(), importance.end(), [](float weight) { return weight == 0; }))
    importance.assign(values.size(), 1);
  WeightedValues stored = values;
  stored.weights.assign(importance.begin(), importance.end());
  const BinnedKMeans binned = clustered(Method::Optimal, count, values.values, importance);
  KMeans kMeans;
  const long double least = errorOf(stored, kMeans.cluster(Method::Optimal, stored, count).centers);
  const long double error = errorOf(stored, binned.centers());
  EXPECT_LE(error, least * (1 + 1e-9L + binned.excess()) + 1e-300L) << "of " << values.size();
  EXPECT_LE(binned.excess(), 2e-10)
      << values.size() << " into " << count << " after " << binned.sweeps();
}

TEST(BinnedKMeans, AgreesWithValuesInMemory) {
  std::mt19937_64 random(5);
  for (int i = 0; i != 24; ++i) {
    const Sample sample = randomSample(random, 1000);
    SCOPED_TRACE(sample.name);
    for (size_t count : {1, 16, 256})
      expectOptimal(sample.values, count);
  }
}

/// More distinct values than bins.
TEST(BinnedKMeans, IsOptimalWithMoreValuesThanBins) {
  std::mt19937_64 random(6);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> values(200'000);
  std::vector<double> weights(values.size());
  for (size_t i = 0; i != values.size(); ++i) {
    values[i] = normal(random);
    weights[i] = std::exp(2 * normal(random) / 0.02F);
  }
  const WeightedValues weighted = weightedValues(values, weights);
  for (size_t count : {2, 16, 256})
    expectOptimal(weighted, count);
}

TEST(BinnedKMeans, SpacesEvenlyFromLeastToLargest) {
  const std::vector<float> values = {-1.0000001F, 0.3F, 2.0000002F, INFINITY, NAN};
  const BinnedKMeans binned =
      clustered(Method::Uniform, 2, values, std::vector<float>(values.size(), 1));
  EXPECT_THAT(binned.centers(), ElementsAre(-1.0000001F, 2.0000002F));
}

TEST(BinnedKMeans, TakesNothing) {
  const BinnedKMeans binned = clustered(Method::Optimal, 4, {}, {});
  EXPECT_THAT(binned.centers(), ElementsAre());
}

} // namespace
