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

/// Values, and how much each counts: nothing, if all count alike.
struct Elements {
  std::vector<float> values, importance;
};

/// Of the elements from \p begin to \p end.
BinSums sumsOf(const BinnedKMeans &kMeans, const Elements &elements, size_t begin, size_t end) {
  BinSums sums(kMeans.bins());
  const llvm::ArrayRef<float> values = llvm::ArrayRef(elements.values).slice(begin, end - begin);
  const WholeWeights weights(elements.importance);
  if (elements.importance.empty())
    sums.count(values);
  else
    sums.add(values, llvm::ArrayRef(weights.values).slice(begin, end - begin), BinSums::WholeShare);
  return sums;
}

/// All sweeps that it asks for, the first one of so many elements; \p check after each of all
/// elements, of very many after the last.
BinnedKMeans clustered(
    Method method, size_t count, const Elements &elements, size_t sampled,
    llvm::function_ref<void(const BinnedKMeans &)> check = [](const BinnedKMeans &) {}) {
  BinnedKMeans kMeans(method, count);
  const size_t size = elements.values.size(), half = size / 2;
  EXPECT_TRUE(kMeans.take(sumsOf(kMeans, elements, 0, sampled)));
  for (bool isMissing = true; isMissing;) {
    // In two parts, the second one first.
    BinSums sums = sumsOf(kMeans, elements, half, size);
    sums.merge(sumsOf(kMeans, elements, 0, half));
    isMissing = kMeans.take(sums);
    if (!isMissing || size < 100'000)
      check(kMeans);
  }
  return kMeans;
}

/// The same with values in memory.
WeightedValues inMemory(const Elements &elements) {
  return weightedValues(elements.values, {elements.importance.begin(), elements.importance.end()});
}

/// After each sweep no worse than the optimum by more than what is proven; and that is little in
/// the end.
void expectOptimal(const Elements &elements, size_t count, size_t sampled) {
  const WeightedValues values = inMemory(elements);
  KMeans kMeans;
  const long double least = errorOf(values, kMeans.cluster(Method::Optimal, values, count).centers);
  const auto expectProven = [&](const BinnedKMeans &binned) {
    if (std::isinf(binned.excess()))
      return; // nothing is proven
    const long double error = errorOf(values, binned.centers());
    EXPECT_LE(error, least * (1 + 1e-9L + binned.excess()) + 1e-300L)
        << values.size() << " into " << count << " after " << binned.sweeps();
  };
  const BinnedKMeans binned = clustered(Method::Optimal, count, elements, sampled, expectProven);
  EXPECT_LE(binned.excess(), BinnedKMeans::NegligibleExcess)
      << values.size() << " into " << count << " after " << binned.sweeps();
}

/// Of a sample; counts become weights, as that many elements.
Elements elementsOf(const WeightedValues &values) {
  const bool equally = llvm::all_of(values.weights, [](double weight) { return weight == 0; });
  Elements elements = {values.values, {values.weights.begin(), values.weights.end()}};
  if (equally)
    elements.importance.assign(values.size(), 1);
  return elements;
}

TEST(BinnedKMeans, AgreesWithValuesInMemory) {
  std::mt19937_64 random(5);
  for (int i = 0; i != 24; ++i) {
    const Sample sample = randomSample(random, 1000);
    SCOPED_TRACE(sample.name);
    const Elements elements = elementsOf(sample.values);
    for (size_t count : {1, 2, 16, 256}) {
      expectOptimal(elements, count, elements.values.size());
      expectOptimal({elements.values, {}}, count, elements.values.size() / 3);
    }
  }
}

/// Against all partitions, and whatever the first sweep is of.
TEST(BinnedKMeans, HasTheLeastErrorOfAllPartitions) {
  std::mt19937_64 random(7);
  for (int i = 0; i != 60; ++i) {
    const Sample sample = randomSample(random, 24);
    SCOPED_TRACE(sample.name);
    const Elements elements = elementsOf(sample.values);
    const WeightedValues values = inMemory(elements);
    const std::vector<long double> least = leastErrors(values);
    for (size_t count : {1, 2, 3, 7}) {
      const BinnedKMeans binned =
          clustered(Method::Optimal, count, elements, random() % (values.size() + 1));
      EXPECT_LE(errorOf(values, binned.centers()),
                least[std::min(count, least.size()) - 1] * (1 + 1e-9L + binned.excess()) + 1e-300L);
    }
  }
}

std::vector<float> normalValues(size_t size) {
  std::mt19937_64 random(6);
  std::normal_distribution<float> normal(0, 0.02F);
  std::vector<float> values(size);
  for (float &value : values)
    value = normal(random);
  return values;
}

/// More distinct values than bins, alike and weighted.
TEST(BinnedKMeans, IsOptimalWithMoreValuesThanBins) {
  Elements elements = {normalValues(160'000), {}};
  for (size_t count : {2, 256})
    expectOptimal(elements, count, elements.values.size() / 16);
  std::mt19937_64 random(8);
  std::normal_distribution<float> normal;
  for (size_t i = 0; i != elements.values.size(); ++i)
    elements.importance.push_back(std::exp(2 * normal(random)));
  for (size_t count : {16, 64})
    expectOptimal(elements, count, elements.values.size() / 16);
}

/// What a sample may miss, or bins of floats make hard.
TEST(BinnedKMeans, IsOptimalWhereItIsHard) {
  const std::vector<float> normal = normalValues(60'000);
  const size_t sampled = normal.size() / 16;
  const auto changed = [&](llvm::function_ref<float(size_t, float)> change) {
    Elements elements = {normal, {}};
    for (size_t i = 0; i != normal.size(); ++i)
      elements.values[i] = change(i, normal[i]);
    return elements;
  };
  const std::vector<std::pair<const char *, Elements>> all = {
      {"an outlier after the sample",
       changed([&](size_t i, float value) { return i == sampled + 1 ? 1e30F : value; })},
      {"an outlier in the sample",
       changed([&](size_t i, float value) { return i == 3 ? -1e30F : value; })},
      {"a sample of zeros",
       changed([&](size_t i, float value) { return i < sampled ? 0 : value; })},
      {"a sample of larger values",
       changed([&](size_t i, float value) { return i < sampled ? 2 + value : value; })},
      {"a constant", changed([](size_t, float) { return -0.3F; })},
      {"half of them a constant",
       changed([](size_t i, float value) { return i % 2 == 0 ? 0.01F : value; })},
      {"a thousand ties", changed([](size_t, float value) { return std::round(value * 1e4F); })},
      {"the largest often, as in scaled rows",
       changed([](size_t, float value) { return std::clamp(value * 50, -1.0F, 1.0F); })},
      {"12 orders of magnitude", changed([](size_t i, float value) {
         return value * std::pow(10.0F, static_cast<float>(i % 13) - 6);
       })},
      {"denormal numbers", changed([](size_t, float value) { return value * 1e-39F; })},
      {"far from 0", changed([](size_t, float value) { return 1000 + value; })},
      {"infinite and NaN among them", changed([](size_t i, float value) {
         return i % 5 == 0 ? INFINITY : i % 5 == 1 ? NAN : value;
       })},
  };
  for (const auto &[name, elements] : all) {
    SCOPED_TRACE(name);
    Elements finite = elements;
    llvm::erase_if(finite.values, [](float value) { return !std::isfinite(value); });
    for (size_t count : {3, 16}) {
      expectOptimal(finite, count, finite.values.size() / 16);
      EXPECT_EQ(clustered(Method::Optimal, count, elements, 0).centers(),
                clustered(Method::Optimal, count, finite, 0).centers());
    }
  }
}

TEST(BinnedKMeans, SpacesEvenlyFromLeastToLargest) {
  const Elements elements = {{-1.0000001F, 0.3F, 2.0000002F, INFINITY, NAN}, {}};
  for (size_t sampled : {0, 2, 5})
    EXPECT_THAT(clustered(Method::Uniform, 2, elements, sampled).centers(),
                ElementsAre(-1.0000001F, 2.0000002F));
}

/// Two starts, two local optima.
TEST(BinnedKMeans, OfLloydClustersNarrowBins) {
  const Elements elements = {normalValues(100'000), {}};
  const WeightedValues values = inMemory(elements);
  KMeans kMeans;
  const long double expected = errorOf(values, kMeans.cluster(Method::Lloyd, values, 16).centers);
  const BinnedKMeans binned = clustered(Method::Lloyd, 16, elements, elements.values.size() / 16);
  EXPECT_NEAR(static_cast<double>(errorOf(values, binned.centers()) / expected), 1, 5e-3);
}

TEST(BinnedKMeans, TakesNothing) {
  EXPECT_THAT(clustered(Method::Optimal, 4, {}, 0).centers(), ElementsAre());
}

} // namespace
