// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tables over all patterns of 16 bits: how often each occurs, and the code of each.

#include "Lut.h"
#include "OrderedBits.h"
#include "WeightedValues.h"

#include <cassert>

namespace optrun::palettize {
namespace {

constexpr size_t Patterns = 0x10000;

} // namespace

BitHistogram::BitHistogram(ir::DataType elementType) : type(elementType), counts(Patterns) {}

void BitHistogram::add(llvm::ArrayRef<uint16_t> bits, llvm::ArrayRef<uint64_t> weights) {
  for (const uint16_t pattern : bits)
    ++counts[pattern];
  if (weights.empty())
    return;
  assert(weights.size() == bits.size());
  sums.resize(Patterns);
  for (size_t i = 0; i != bits.size(); ++i)
    sums[bits[i]] += weights[i];
}

void BitHistogram::merge(const BitHistogram &other) {
  assert(type == other.type);
  for (size_t i = 0; i != Patterns; ++i)
    counts[i] += other.counts[i];
  if (other.sums.empty())
    return;
  sums.resize(Patterns);
  for (size_t i = 0; i != Patterns; ++i)
    sums[i] += other.sums[i];
}

uint64_t BitHistogram::collect(double unit, WeightedValues &out) const {
  out = {};
  uint64_t nonFinite = 0;
  for (size_t ordered = 0; ordered != Patterns; ++ordered) {
    const uint16_t bits = fromOrdered(static_cast<uint16_t>(ordered));
    if (counts[bits] == 0)
      continue;
    if (!isFinite(bits, type)) {
      nonFinite += counts[bits];
      continue;
    }
    const auto count = static_cast<double>(counts[bits]);
    const double weight = sums.empty() ? count : unit * static_cast<double>(sums[bits]);
    const bool isZero = (bits & 0x7FFF) == 0;
    if (isZero && !out.values.empty() && out.values.back() == 0) {
      out.counts.back() += count;
      out.weights.back() += weight;
      continue;
    }
    out.values.push_back(isZero ? 0 : toFloat(bits, type));
    out.counts.push_back(count);
    out.weights.push_back(weight);
  }
  return nonFinite;
}

uint64_t BitHistogram::memory(bool isWeighted) {
  return Patterns * (sizeof(uint64_t) + (isWeighted ? sizeof(WholeSum) : 0));
}

CodeTable::CodeTable(ir::DataType type, llvm::ArrayRef<float> entries) : codes(Patterns) {
  std::vector<float> values;
  std::vector<uint16_t> patterns;
  for (size_t ordered = 0; ordered != Patterns; ++ordered) {
    const uint16_t bits = fromOrdered(static_cast<uint16_t>(ordered));
    if (!isFinite(bits, type))
      continue;
    values.push_back(toFloat(bits, type));
    patterns.push_back(bits);
  }
  std::vector<uint8_t> nearest(values.size());
  findNearest(entries, values, nearest);
  for (size_t i = 0; i != patterns.size(); ++i)
    codes[patterns[i]] = nearest[i];
}

void CodeTable::encode(llvm::ArrayRef<uint16_t> bits, llvm::MutableArrayRef<uint8_t> out) const {
  assert(out.size() == bits.size());
  for (size_t i = 0; i != bits.size(); ++i)
    out[i] = codes[bits[i]];
}

} // namespace optrun::palettize
