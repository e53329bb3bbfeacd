// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The points to cluster, the methods, and the measuring of what they found.

#include "Clusters.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace optrun::palettize {
namespace {

/// Of the cells that the centres attract: a value halfway between two belongs to the lower.
void assignToCenters(llvm::ArrayRef<double> places, llvm::ArrayRef<double> centers,
                     std::vector<uint32_t> &starts) {
  starts.assign(1, 0);
  for (size_t i = 1; i != centers.size(); ++i) {
    const double middle = centers[i - 1] + (centers[i] - centers[i - 1]) / 2;
    const auto *first = std::upper_bound(places.begin() + starts.back(), places.end(), middle);
    starts.push_back(static_cast<uint32_t>(first - places.begin()));
  }
}

void removeEmptyCells(size_t points, std::vector<uint32_t> &starts) {
  starts.erase(std::unique(starts.begin(), starts.end()), starts.end());
  if (starts.back() == points)
    starts.pop_back();
}

constexpr unsigned LloydIterations = 300;

} // namespace

void KMeans::assignPoints(const WeightedValues &values) {
  const bool equally = std::all_of(values.weights.begin(), values.weights.end(),
                                   [](double weight) { return weight == 0; });
  points.places.clear();
  points.weights.clear();
  for (size_t i = 0; i != values.size(); ++i) {
    if (values.weights[i] == 0 && !equally)
      continue;
    points.places.push_back(values.values[i]);
    points.weights.push_back(equally ? 1 : values.weights[i]);
  }
}

size_t KMeans::endOfCell(size_t cell) const {
  return cell + 1 < starts.size() ? starts[cell + 1] : points.size();
}

/// The mean of each cell, from its first point on, so that nothing cancels; and the squared error.
void KMeans::measure() {
  clusters.squaredError = 0;
  clusters.centers.resize(starts.size());
  for (size_t cell = 0; cell != starts.size(); ++cell) {
    const size_t begin = starts[cell], end = endOfCell(cell);
    const double from = points.places[begin];
    double weight = 0, moment = 0, error = 0;
    for (size_t i = begin; i != end; ++i) {
      weight += points.weights[i];
      moment += points.weights[i] * (points.places[i] - from);
    }
    const double offset = moment / weight;
    for (size_t i = begin; i != end; ++i) {
      const double distance = (points.places[i] - from) - offset;
      error += points.weights[i] * (distance * distance);
    }
    clusters.centers[cell] = from + offset;
    clusters.squaredError += error;
  }
}

/// The share of the centres that belongs between \p point and the next one: many centres are best
/// as dense as the cube root of the density of values (P. Panter and W. Dite, "Quantization
/// distortion in pulse-count modulation with nonuniform spacing of levels", 1951).
double KMeans::centersBehind(size_t point) const {
  const double distance = points.places[point + 1] - points.places[point];
  const double weight = points.weights[point] + points.weights[point + 1];
  return std::cbrt(weight * distance * distance);
}

void KMeans::guessCells(size_t count) {
  double total = 0, sum = 0;
  for (size_t i = 0; i + 1 != points.size(); ++i)
    total += centersBehind(i);
  starts.assign(1, 0);
  for (size_t i = 0; i + 1 != points.size(); ++i) {
    sum += centersBehind(i);
    if (sum * static_cast<double>(count) >= total * static_cast<double>(starts.size()) &&
        starts.size() != count)
      starts.push_back(static_cast<uint32_t>(i + 1));
  }
}

/// Empty cells go: their centres attract nothing, and would not move.
void KMeans::iterateLloyd(size_t count) {
  sums.assign(points);
  guessCells(count);
  std::vector<uint32_t> before;
  for (unsigned iteration = 0; iteration != LloydIterations && starts != before; ++iteration) {
    before = starts;
    clusters.centers.resize(starts.size());
    for (size_t cell = 0; cell != starts.size(); ++cell)
      clusters.centers[cell] =
          sums.origin + (sums.first[endOfCell(cell)] - sums.first[starts[cell]]) /
                            (sums.weight[endOfCell(cell)] - sums.weight[starts[cell]]);
    assignToCenters(points.places, clusters.centers, starts);
    removeEmptyCells(points.size(), starts);
  }
  measure();
}

void KMeans::spaceEvenly(size_t count) {
  const double least = points.places.front(), range = points.places.back() - least;
  for (size_t i = 0; i != count; ++i)
    clusters.centers.push_back(
        count == 1 ? least + range / 2
                   : least + range * (static_cast<double>(i) / static_cast<double>(count - 1)));
  assignToCenters(points.places, clusters.centers, starts);
  for (size_t cell = 0; cell != count; ++cell)
    for (size_t i = starts[cell]; i != endOfCell(cell); ++i) {
      const double distance = points.places[i] - clusters.centers[cell];
      clusters.squaredError += points.weights[i] * (distance * distance);
    }
}

uint64_t KMeans::memory(uint64_t values) {
  constexpr uint64_t PointBytes = 16, SumBytes = 24, TableBytes = 12, StartBytes = 16;
  constexpr uint64_t HalfBytes = 24; // on each level
  return values *
         (PointBytes + SumBytes + TableBytes + StartBytes + HalfBytes * std::bit_width(values));
}

const Clusters &KMeans::cluster(Method method, const WeightedValues &values, size_t count) {
  assert(values.values.size() == values.weights.size());
  assignPoints(values);
  return clusterPoints(method, count);
}

const Clusters &KMeans::cluster(Method method, Points given, size_t count) {
  points = std::move(given);
  return clusterPoints(method, count);
}

const Clusters &KMeans::clusterPoints(Method method, size_t count) {
  assert(count != 0);
  clusters.centers.clear();
  clusters.squaredError = 0;
  passCount = 0;
  trial.penalty = 0;
  if (count >= points.size()) {
    clusters.centers = points.places;
  } else if (method == Method::Optimal) {
    findOptimum(count);
  } else if (method == Method::Lloyd) {
    iterateLloyd(count);
  } else {
    spaceEvenly(count);
  }
  return clusters;
}

} // namespace optrun::palettize
