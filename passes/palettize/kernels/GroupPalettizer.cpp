// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sorts or counts, clusters, encodes and measures.

#include "GroupPalettizer.h"

#include "MagnitudeWeight.h"
#include "OrderedBits.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace optrun::palettize {
namespace {

/// From here on, tables of 65,536 entries take less time than sorting.
constexpr size_t LeastForHistogram = 24'576;

/// Of positive infinity as float.
constexpr int32_t InfinityBits = 0x7F800000;

/// The same values, their weights by magnitude, too.
WeightedValues weighedByMagnitude(const WeightedValues &values) {
  double squares = 0, count = 0, largest = 0;
  for (size_t i = 0; i != values.size(); ++i) {
    const double value = values.values[i];
    squares += values.counts[i] * (value * value);
    count += values.counts[i];
    largest = std::max(largest, std::abs(value));
  }
  WeightedValues weighed = values;
  const MagnitudeWeight magnitude(squares, count, largest);
  for (size_t i = 0; i != values.size(); ++i)
    weighed.weights[i] *= magnitude.of(values.values[i]);
  return weighed;
}

} // namespace

float scaleOf(llvm::ArrayRef<float> row, ir::DataType type) {
  int32_t largest = 0; // bits of magnitudes have their order
  for (const float value : row) {
    const int32_t bits = std::bit_cast<int32_t>(value) & INT32_MAX;
    largest = std::max(largest, bits < InfinityBits ? bits : 0);
  }
  const float scale = roundedTo(type, std::bit_cast<float>(largest));
  return scale == 0 ? 1 : scale;
}

void divide(llvm::MutableArrayRef<float> row, float scale) {
  for (float &value : row)
    value /= scale;
}

Lut findLut(const PaletteSettings &settings, const WeightedValues &values, KMeans &kMeans) {
  const Clusters &clusters =
      settings.weighByMagnitude
          ? kMeans.cluster(settings.method, weighedByMagnitude(values), settings.lut.size())
          : kMeans.cluster(settings.method, values, settings.lut.size());
  return makeLut(settings.lut, clusters.centers);
}

uint64_t GroupPalettizer::memory(uint64_t elements, uint64_t values) {
  constexpr uint64_t RecordBytes = 16, OrderBytes = 8, ScaledBytes = 12, WeightedBytes = 40;
  return elements * (RecordBytes + OrderBytes + ScaledBytes) + values * WeightedBytes +
         KMeans::memory(values);
}

const Palette &GroupPalettizer::palettize(llvm::ArrayRef<uint16_t> bits, ir::DataType type,
                                          uint64_t columns, llvm::ArrayRef<float> importance,
                                          llvm::MutableArrayRef<uint8_t> codes) {
  assert(codes.size() == bits.size());
  assert(importance.empty() || importance.size() == bits.size());
  if (settings.scaleRows) {
    widened.resize(bits.size());
    std::transform(bits.begin(), bits.end(), widened.begin(),
                   [type](uint16_t element) { return toFloat(element, type); });
    return palettize(widened, columns, importance, codes);
  }
  if (bits.size() >= LeastForHistogram)
    palettizeByHistogram(bits, type, importance, codes);
  else
    encodeSorted(sorter.sort(bits, type, importance), codes);
  return palette;
}

void GroupPalettizer::palettizeByHistogram(llvm::ArrayRef<uint16_t> bits, ir::DataType type,
                                           llvm::ArrayRef<float> importance,
                                           llvm::MutableArrayRef<uint8_t> codes) {
  const WholeWeights weights(importance);
  BitHistogram histogram(type);
  histogram.add(bits, weights.values);
  palettize(histogram, weights.unit);
  CodeTable(type, palette.lut.entries).encode(bits, codes);
}

const Palette &GroupPalettizer::palettize(const BitHistogram &histogram, double unit) {
  WeightedValues distinct;
  const uint64_t nonFinite = histogram.collect(unit, distinct);
  findTable(distinct, nonFinite);
  return palette;
}

/// The table for values, the codes of each, and the errors.
void GroupPalettizer::findTable(const WeightedValues &distinct, uint64_t nonFinite) {
  palette.lut = findLut(settings, distinct, kMeans);
  codesOfDistinct.resize(distinct.size());
  findNearest(palette.lut.entries, distinct.values, codesOfDistinct);
  palette.errors = measure(distinct, codesOfDistinct, palette.lut.entries);
  palette.errors.nonFinite = nonFinite;
}

void GroupPalettizer::encodeSorted(const SortedElements &sorted,
                                   llvm::MutableArrayRef<uint8_t> codes) {
  findTable(sorted.distinct, sorted.nonFinite);
  sorted.spread(codesOfDistinct, codes);
}

/// Squares of scales relative to the largest one: they are within the range of float.
void GroupPalettizer::scaleRows(llvm::ArrayRef<float> values, uint64_t columns,
                                llvm::ArrayRef<float> importance) {
  palette.scales.clear();
  scaled.resize(values.size());
  scaledImportance.resize(values.size());
  for (size_t begin = 0; begin != values.size(); begin += columns) {
    const llvm::ArrayRef<float> row = values.slice(begin, columns);
    palette.scales.push_back(scaleOf(row, settings.lut.type));
    for (size_t i = 0; i != columns; ++i)
      scaled[begin + i] = row[i] / palette.scales.back();
  }
  const float largest = *std::max_element(palette.scales.begin(), palette.scales.end());
  for (size_t row = 0; row != palette.scales.size(); ++row) {
    const float ratio = palette.scales[row] / largest;
    for (size_t i = row * columns; i != (row + 1) * columns; ++i)
      scaledImportance[i] = ratio * ratio * (importance.empty() ? 1 : importance[i]);
  }
}

const Palette &GroupPalettizer::palettize(llvm::ArrayRef<float> values, uint64_t columns,
                                          llvm::ArrayRef<float> importance,
                                          llvm::MutableArrayRef<uint8_t> codes) {
  assert(codes.size() == values.size());
  assert(importance.empty() || importance.size() == values.size());
  palette.scales.clear();
  if (!settings.scaleRows || values.empty()) {
    encodeSorted(sorter.sort(values, importance), codes);
    return palette;
  }
  scaleRows(values, columns, importance);
  encodeSorted(sorter.sort(scaled, scaledImportance), codes);
  palette.errors = {};
  for (size_t row = 0; row != palette.scales.size(); ++row) {
    const auto rowOf = [&](auto elements) { return elements.slice(row * columns, columns); };
    palette.errors.merge(measureRow(rowOf(llvm::ArrayRef(scaled)), rowOf(codes),
                                    palette.lut.entries, palette.scales[row],
                                    importance.empty() ? importance : rowOf(importance)));
  }
  return palette;
}

} // namespace optrun::palettize
