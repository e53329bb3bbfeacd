// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rounds tables, finds nearest entries, and measures.

#include "Lut.h"

#include "optrun/IR/FloatScalars.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace optrun::palettize {
namespace {

/// Multiples of a scale, so that the largest of \p centers in magnitude is the 127th.
void roundToIntegers(const LutFormat &format, llvm::ArrayRef<double> centers, Lut &lut) {
  double largest = 0;
  for (const double center : centers)
    largest = std::max(largest, std::abs(center));
  const float scale = roundedTo(format.type, largest / 127);
  lut.scale = scale == 0 ? 1 : scale;
  for (const double center : centers) {
    const double integer = std::clamp(std::nearbyint(center / lut.scale), -127.0, 127.0);
    lut.integers.push_back(static_cast<int8_t>(integer));
    lut.entries.push_back(roundedTo(format.type, integer * lut.scale));
  }
}

} // namespace

float roundedTo(ir::DataType type, double value) {
  const double largest = ir::largestFinite(type);
  value = std::clamp(value, -largest, largest);
  switch (type) {
  case ir::DataType::Float16:
    return ir::toFloat(ir::convertOne<ir::Float16>(value));
  case ir::DataType::BFloat16:
    return ir::toFloat(ir::convertOne<ir::BFloat16>(value));
  default:
    return static_cast<float>(value);
  }
}

Lut makeLut(const LutFormat &format, llvm::ArrayRef<double> centers) {
  assert(centers.size() <= format.size());
  Lut lut;
  if (format.int8)
    roundToIntegers(format, centers, lut);
  else
    for (const double center : centers)
      lut.entries.push_back(roundedTo(format.type, center));
  lut.entries.resize(format.size(), centers.empty() ? 0 : lut.entries.back());
  if (format.int8)
    lut.integers.resize(format.size(), centers.empty() ? 0 : lut.integers.back());
  return lut;
}

void findNearest(llvm::ArrayRef<float> entries, llvm::ArrayRef<float> values,
                 llvm::MutableArrayRef<uint8_t> codes) {
  assert(codes.size() == values.size() && !entries.empty() && entries.size() <= 256);
  size_t done = 0;
  for (size_t entry = 0; entry != entries.size();) {
    size_t next = entry + 1;
    while (next != entries.size() && entries[next] == entries[entry])
      ++next;
    size_t end = values.size();
    if (next != entries.size()) {
      const double middle = middleOf(entries[entry], entries[next]);
      end = std::upper_bound(values.begin() + done, values.end(), middle) - values.begin();
    }
    std::fill(codes.begin() + done, codes.begin() + end, static_cast<uint8_t>(entry));
    done = end;
    entry = next;
  }
}

void PaletteErrors::merge(const PaletteErrors &other) {
  squaredError += other.squaredError;
  weightedError += other.weightedError;
  squaredWeight += other.squaredWeight;
  largestError = std::max(largestError, other.largestError);
  nonFinite += other.nonFinite;
}

PaletteErrors measure(const WeightedValues &values, llvm::ArrayRef<uint8_t> codes,
                      llvm::ArrayRef<float> entries) {
  PaletteErrors errors;
  for (size_t i = 0; i != values.size(); ++i) {
    const double value = values.values[i], error = value - entries[codes[i]];
    errors.squaredError += values.counts[i] * (error * error);
    errors.weightedError += values.weights[i] * (error * error);
    errors.squaredWeight += values.counts[i] * (value * value);
    errors.largestError = std::max(errors.largestError, std::abs(error));
  }
  return errors;
}

} // namespace optrun::palettize
