// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Optimal weighted k-means of numbers as the textbook has it, and inputs that are hard for quicker
/// ways.

#ifndef OPTRUN_UNITTESTS_PASSES_PALETTIZE_KERNELS_PLAINKMEANS_H
#define OPTRUN_UNITTESTS_PASSES_PALETTIZE_KERNELS_PLAINKMEANS_H

#include "kernels/WeightedValues.h"

#include <random>
#include <string>

namespace optrun::palettize {

struct Sample {
  std::string name;
  WeightedValues values;
};

/// Distinct values in any order, sorted and merged; weights add up.
WeightedValues weightedValues(std::vector<float> values, std::vector<double> weights = {});

/// The least squared error with 1, 2, … n clusters, by dynamic programming over all starts of all
/// cells; in long double, and every cell's cost added up value by value.
std::vector<long double> leastErrors(const WeightedValues &values);

/// Of values to the centres nearest to them, in long double.
long double errorOf(const WeightedValues &values, llvm::ArrayRef<double> centers);

/// Normal, equally spaced and clustered values, few distinct ones, repeated gaps, constants,
/// subnormal numbers, huge outliers, and weights over twelve orders of magnitude; of 1 to
/// \p largestSize values.
Sample randomSample(std::mt19937_64 &random, size_t largestSize);

/// Few heavy values among many light ones that are far from them, or far apart: costs of
/// neighbouring cells differ by dozens of orders of magnitude, and light values count beside the
/// rounding of heavy ones. Of \p size values.
Sample unevenSample(std::mt19937_64 &random, size_t size);

} // namespace optrun::palettize

#endif // OPTRUN_UNITTESTS_PASSES_PALETTIZE_KERNELS_PLAINKMEANS_H
