// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What borders cost, and what values in bins may gain, against all partitions.

#include "kernels/BorderCosts.h"

#include "PlainKMeans.h"
#include "kernels/BinGains.h"

#include <cmath>
#include <gmock/gmock.h>

using namespace optrun::palettize;

namespace {

Points pointsOf(const WeightedValues &values) {
  Points points;
  for (size_t i = 0; i != values.size(); ++i)
    if (values.weights[i] != 0) {
      points.places.push_back(values.values[i]);
      points.weights.push_back(values.weights[i]);
    }
  return points;
}

double costOf(const Points &points, size_t begin, size_t end) {
  double weight = 0, moment = 0, cost = 0;
  for (size_t i = begin; i != end; ++i) {
    weight += points.weights[i];
    moment += points.weights[i] * points.places[i];
  }
  for (size_t i = begin; i != end; ++i)
    cost += points.weights[i] * std::pow(points.places[i] - moment / weight, 2);
  return cost;
}

/// Of each place the least of all partitions, whose borders are the bits of a number.
std::vector<double> plainCosts(const Points &points, double penalty) {
  const size_t size = points.size();
  std::vector<double> least(size + 1, std::numeric_limits<double>::infinity());
  for (uint32_t borders = 0; borders != uint32_t(1) << (size - 1); ++borders) {
    const uint32_t all = borders << 1 | 1 | uint32_t(1) << size;
    double cost = 0;
    for (size_t begin = 0, end = 1; end <= size; ++end)
      if (all >> end & 1) {
        cost += costOf(points, begin, end) + penalty;
        begin = end;
      }
    for (size_t i = 0; i <= size; ++i)
      if (all >> i & 1)
        least[i] = std::min(least[i], cost);
  }
  return least;
}

/// By prefix sums, and by halves, which no tolerance is too small for.
TEST(BorderCosts, AreThoseOfTheBestPartitions) {
  std::mt19937_64 random(1);
  for (int trial = 0; trial != 100; ++trial) {
    Points points;
    double place = 0;
    for (size_t i = 0, size = 1 + random() % 10; i != size; ++i) {
      place += std::uniform_real_distribution(0.01, 1.0)(random);
      points.places.push_back(place);
      points.weights.push_back(std::uniform_real_distribution(0.1, 3.0)(random));
    }
    const double penalty = std::uniform_real_distribution(0.0, 0.5)(random);
    const std::vector<double> expected = plainCosts(points, penalty);
    for (double tolerance : {1e-3, 0.0}) {
      const BorderCosts borders(points, penalty, tolerance);
      EXPECT_LE(borders.errorBound, tolerance);
      ASSERT_EQ(borders.costs.size(), expected.size());
      for (size_t i = 0; i != expected.size(); ++i)
        EXPECT_NEAR(borders.costs[i], expected[i], 1e-11);
    }
  }
}

/// A value of the formula in BinGains.h, of some part: at most that of the point alone, at least
/// that of the best interval around it.
TEST(BinGains, AreOfAPartAroundThePoint) {
  std::mt19937_64 random(2);
  for (int trial = 0; trial != 50; ++trial) {
    const Points points = pointsOf(randomSample(random, 40).values);
    if (points.size() == 0)
      continue;
    const size_t size = points.size();
    const double width = (points.places.back() - points.places.front()) / 100 + 1e-40;
    std::vector<double> widths(size, width);
    widths[size / 2] = 0;
    for (double share : {0.25, 1e-4}) {
      const std::vector<double> gains = BinGains(points).of(widths, share);
      for (size_t i = 0; i != size; ++i) {
        const double product = widths[i] * points.weights[i];
        const auto gainOf = [&](double weight, double moment) {
          return 2 * product * widths[i] + product * (moment + product / (2 * share)) / weight;
        };
        double least = gainOf(points.weights[i], 0);
        EXPECT_LE(gains[i], least * (1 + 1e-12));
        for (size_t begin = 0; begin <= i; ++begin) {
          double weight = 0, moment = 0;
          for (size_t end = begin; end != size; ++end) {
            weight += points.weights[end];
            moment += points.weights[end] * std::abs(points.places[end] - points.places[i]);
            if (end >= i)
              least = std::min(least, gainOf(weight, moment));
          }
        }
        EXPECT_GE(gains[i], least * (1 - 1e-9));
      }
    }
  }
}

} // namespace
