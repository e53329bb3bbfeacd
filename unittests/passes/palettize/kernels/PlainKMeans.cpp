// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Optimal k-means in O(k n^2), and the samples.

#include "PlainKMeans.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>

namespace optrun::palettize {
namespace {

using Random = std::mt19937_64;

double uniform(Random &random) { return std::uniform_real_distribution<double>()(random); }
int upTo(Random &random, int last) { return std::uniform_int_distribution<int>(0, last)(random); }

struct Named {
  std::string name;
  std::function<double(Random &, size_t)> make;
};

/// What the i-th value is.
const std::vector<Named> &shapes() {
  static const std::vector<Named> all = {
      {"normal", [](Random &random, size_t) { return std::normal_distribution<>()(random); }},
      {"equally spaced", [](Random &, size_t i) { return static_cast<double>(i); }},
      {"pairs", [](Random &, size_t i) { return static_cast<double>(i / 2 * 10 + i % 2); }},
      {"few distinct", [](Random &random, size_t) { return upTo(random, 6); }},
      {"constant", [](Random &, size_t) { return -0.3; }},
      {"close together far from 0",
       [](Random &random, size_t) { return 1000 + upTo(random, 5000) * 0x1p-13; }},
      {"next floats", [](Random &random, size_t) { return 1 + upTo(random, 99) * 0x1p-23; }},
      {"subnormal", [](Random &random, size_t) { return upTo(random, 1000) * 0x1p-149; }},
      {"outliers",
       [](Random &random, size_t i) {
         return std::normal_distribution<>()(random) * (i % 9 == 4 ? 1e6 : 1);
       }},
      {"of all magnitudes",
       [](Random &random, size_t) {
         return (uniform(random) - 0.5) * std::pow(10.0, upTo(random, 80) - 44);
       }},
      {"doubling", [](Random &, size_t i) { return std::ldexp(1.0, static_cast<int>(i % 120)); }},
      {"two clusters far apart",
       [](Random &random, size_t i) { return uniform(random) + (i % 2 == 0 ? 1e5 : 0); }},
  };
  return all;
}

const std::vector<Named> &weightings() {
  static const std::vector<Named> all = {
      {"equal weights", [](Random &, size_t) { return 1; }},
      {"counts", [](Random &random, size_t) { return 1 + upTo(random, 20); }},
      {"weights of all magnitudes",
       [](Random &random, size_t) { return std::pow(10.0, uniform(random) * 12 - 6); }},
      {"mostly light weights",
       [](Random &random, size_t) { return upTo(random, 7) == 0 ? 1e6 : 1e-6; }},
      {"some weights 0", [](Random &random, size_t) { return upTo(random, 2); }},
      {"no weight", [](Random &, size_t) { return 0; }},
  };
  return all;
}

bool isWeightless(const WeightedValues &values) {
  return llvm::all_of(values.weights, [](double weight) { return weight == 0; });
}

} // namespace

WeightedValues weightedValues(std::vector<float> values, std::vector<double> weights) {
  weights.resize(values.size(), 1);
  std::map<float, std::pair<double, double>> merged;
  for (size_t i = 0; i != values.size(); ++i) {
    merged[values[i]].first += weights[i];
    merged[values[i]].second += 1;
  }
  WeightedValues result;
  for (const auto &[value, sums] : merged) {
    result.values.push_back(value);
    result.weights.push_back(sums.first);
    result.counts.push_back(sums.second);
  }
  return result;
}

std::vector<long double> leastErrors(const WeightedValues &values) {
  const bool equally = isWeightless(values);
  std::vector<long double> places, weights;
  for (size_t i = 0; i != values.size(); ++i)
    if (equally || values.weights[i] != 0) {
      places.push_back(values.values[i]);
      weights.push_back(equally ? 1 : values.weights[i]);
    }
  const size_t size = places.size();
  std::vector<std::vector<long double>> cost(size, std::vector<long double>(size + 1));
  for (size_t begin = 0; begin != size; ++begin) {
    long double weight = 0, mean = 0, error = 0; // Welford's, from the first value
    for (size_t i = begin; i != size; ++i) {
      const long double distance = (places[i] - places[begin]) - mean, before = weight;
      weight += weights[i];
      mean += distance * (weights[i] / weight);
      error += distance * distance * (before * (weights[i] / weight));
      cost[begin][i + 1] = error;
    }
  }
  std::vector<long double> least(size + 1, std::numeric_limits<long double>::infinity()), results;
  least[0] = 0;
  for (size_t count = 1; count <= size; ++count) {
    std::vector<long double> next(size + 1, std::numeric_limits<long double>::infinity());
    for (size_t end = count; end <= size; ++end)
      for (size_t begin = count - 1; begin != end; ++begin)
        next[end] = std::min(next[end], least[begin] + cost[begin][end]);
    least = next;
    results.push_back(least[size]);
  }
  return results;
}

long double errorOf(const WeightedValues &values, llvm::ArrayRef<double> centers) {
  const bool equally = isWeightless(values);
  long double sum = 0;
  for (size_t i = 0; i != values.size(); ++i) {
    long double nearest = std::numeric_limits<long double>::infinity();
    for (const double center : centers)
      nearest = std::min(nearest, std::abs(values.values[i] - static_cast<long double>(center)));
    sum += nearest * nearest * (equally ? 1 : values.weights[i]);
  }
  return sum;
}

static Sample makeSample(Random &random, const Named &shape, const Named &weighting, size_t size) {
  std::vector<float> values;
  std::vector<double> weights;
  for (size_t i = 0; i != size; ++i) {
    values.push_back(static_cast<float>(shape.make(random, i)));
    weights.push_back(weighting.make(random, i));
  }
  return {std::to_string(size) + " " + shape.name + ", " + weighting.name,
          weightedValues(std::move(values), std::move(weights))};
}

static const Named &pick(Random &random, llvm::ArrayRef<Named> from) {
  return from[upTo(random, static_cast<int>(from.size()) - 1)];
}

Sample randomSample(Random &random, size_t largestSize) {
  const Named &shape = pick(random, shapes());
  const Named &weighting = pick(random, weightings());
  const size_t size = 1 + upTo(random, static_cast<int>(largestSize) - 1);
  return makeSample(random, shape, weighting, size);
}

Sample unevenSample(Random &random, size_t size) {
  const auto named = [](llvm::ArrayRef<Named> from, llvm::StringRef name) {
    return *llvm::find_if(from, [&](const Named &each) { return each.name == name; });
  };
  const std::vector<Named> far = {named(shapes(), "outliers"), named(shapes(), "of all magnitudes"),
                                  named(shapes(), "two clusters far apart")};
  return makeSample(random, pick(random, far), named(weightings(), "mostly light weights"), size);
}

} // namespace optrun::palettize
