// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sorts records of a key, the ordered bits of an element, and its index, by radix.

#include "OrderedBits.h"
#include "WeightedValues.h"

#include <array>
#include <cassert>
#include <cmath>

namespace optrun::palettize {
namespace {

/// Sorts by the highest \p Digits * \p DigitBits bits, in which \p records end; stable.
template <unsigned DigitBits, unsigned Digits, typename Record>
void radixSort(std::vector<Record> &records, std::vector<Record> &buffer) {
  constexpr unsigned First = sizeof(Record) * 8 - Digits * DigitBits;
  constexpr size_t Bins = size_t(1) << DigitBits;
  const auto digit = [](Record record, unsigned index) {
    return (record >> (First + index * DigitBits)) & (Bins - 1);
  };
  std::array<std::array<uint32_t, Bins>, Digits> places = {};
  for (const Record record : records)
    for (unsigned index = 0; index != Digits; ++index)
      ++places[index][digit(record, index)];
  buffer.resize(records.size());
  for (unsigned index = 0; index != Digits; ++index) {
    uint32_t begin = 0;
    for (uint32_t &place : places[index])
      begin += std::exchange(place, begin);
    for (const Record record : records)
      buffer[places[index][digit(record, index)]++] = record;
    records.swap(buffer);
  }
}

} // namespace

void SortedElements::spread(llvm::ArrayRef<uint8_t> codesOfDistinct,
                            llvm::MutableArrayRef<uint8_t> codes) const {
  assert(codesOfDistinct.size() == ends.size());
  if (nonFinite != 0)
    std::fill(codes.begin(), codes.end(), 0);
  for (size_t value = 0, place = 0; value != ends.size(); ++value)
    for (; place != ends[value]; ++place)
      codes[order[place]] = codesOfDistinct[value];
}

template <unsigned IndexBits, typename Record, typename ValueOf>
void ElementSorter::collect(const std::vector<Record> &records, llvm::ArrayRef<float> importance,
                            ValueOf valueOf) {
  const auto keyOf = [](Record record) { return record >> IndexBits; };
  WeightedValues &distinct = sorted.distinct;
  const size_t size = records.size();
  sorted.order.resize(size);
  sorted.ends.clear();
  distinct.values.clear();
  distinct.weights.clear();
  distinct.counts.clear();
  for (size_t i = 0; i != size;) {
    const Record key = keyOf(records[i]);
    const size_t begin = i;
    double weight = 0;
    for (; i != size && keyOf(records[i]) == key; ++i) {
      sorted.order[i] = static_cast<uint32_t>(records[i] & ((Record(1) << IndexBits) - 1));
      if (!importance.empty() && isWeight(importance[sorted.order[i]]))
        weight += importance[sorted.order[i]];
    }
    const auto count = static_cast<double>(i - begin);
    sorted.ends.push_back(static_cast<uint32_t>(i));
    distinct.values.push_back(valueOf(key));
    distinct.counts.push_back(count);
    distinct.weights.push_back(importance.empty() ? count : weight);
  }
}

const SortedElements &ElementSorter::sort(llvm::ArrayRef<uint16_t> bits, ir::DataType type,
                                          llvm::ArrayRef<float> importance) {
  assert(bits.size() <= 0x10000);
  narrow.resize(bits.size());
  size_t size = 0;
  for (size_t i = 0; i != bits.size(); ++i) {
    narrow[size] = static_cast<uint32_t>(toOrdered(bits[i])) << 16 | static_cast<uint32_t>(i);
    size += isFinite(bits[i], type) ? 1 : 0;
  }
  narrow.resize(size);
  sorted.nonFinite = bits.size() - size;
  radixSort<8, 2>(narrow, narrowBuffer);
  collect<16>(narrow, importance, [type](uint32_t key) {
    return toFloat(fromOrdered(static_cast<uint16_t>(key)), type);
  });
  return sorted;
}

const SortedElements &ElementSorter::sort(llvm::ArrayRef<float> values,
                                          llvm::ArrayRef<float> importance) {
  assert(values.size() <= UINT32_MAX);
  wide.resize(values.size());
  size_t size = 0;
  for (size_t i = 0; i != values.size(); ++i) {
    const uint64_t key = toOrdered(std::bit_cast<uint32_t>(values[i]));
    wide[size] = key << 32 | i;
    size += std::isfinite(values[i]) ? 1 : 0;
  }
  wide.resize(size);
  sorted.nonFinite = values.size() - size;
  if (size < 4096) // shorter tables for short rows
    radixSort<8, 4>(wide, wideBuffer);
  else
    radixSort<11, 3>(wide, wideBuffer);
  collect<32>(wide, importance, [](uint64_t key) {
    return std::bit_cast<float>(fromOrdered(static_cast<uint32_t>(key)));
  });
  return sorted;
}

} // namespace optrun::palettize
