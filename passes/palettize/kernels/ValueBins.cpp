// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where bins begin, and their sums.

#include "ValueBins.h"

#include "OrderedBits.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace optrun::palettize {
namespace {

constexpr uint32_t Sections = 0x10000, SectionSize = 0x10000;
constexpr unsigned SectionShift = 16;
/// Ordered bits of the least and the largest finite float.
constexpr uint32_t LeastFinite = 0x00800000, LargestFinite = 0xFF7FFFFF;

double valueOf(uint32_t ordered) { return std::bit_cast<float>(fromOrdered(ordered)); }

} // namespace

double ValueBins::Bin::least() const { return valueOf(first); }

double ValueBins::Bin::spacing() const {
  const uint32_t section = first & ~(SectionSize - 1);
  return valueOf(section + 1) - valueOf(section);
}

ValueBins::ValueBins() {
  for (uint32_t section = 0; section != Sections; ++section)
    append(section << SectionShift, SectionSize, SectionShift, true);
  makeCodes();
}

/// As bins of 2^shift floats; \p size is a multiple, but for single bins.
void ValueBins::append(uint32_t first, uint32_t size, unsigned shift, bool isOpen) {
  const bool isNewSection = first % SectionSize == 0;
  if (isNewSection)
    sections.push_back({static_cast<uint32_t>(intervals.size()), 0});
  if (isNewSection || !isOpen || !bins.back().isOpen || intervals.back().shift != shift) {
    intervals.push_back(
        {first, static_cast<uint32_t>(bins.size()), static_cast<uint8_t>(shift), isOpen});
    ++sections.back().intervals;
  }
  const uint32_t length = std::min(size, uint32_t(1) << shift);
  for (uint32_t done = 0; done != size; done += length)
    bins.push_back({first + done, length, isOpen});
}

/// The last one that begins no later; by halving without branches, which nobody could guess.
size_t ValueBins::findInterval(const Section &section, uint32_t ordered) const {
  size_t found = section.firstInterval;
  for (size_t left = section.intervals; left > 1;) {
    const size_t half = left / 2;
    found += half * static_cast<size_t>(intervals[found + half].first <= ordered);
    left -= half;
  }
  return found;
}

ValueBins ValueBins::refined(llvm::ArrayRef<uint8_t> cuts) const {
  assert(cuts.size() == bins.size());
  ValueBins result{Empty()};
  for (size_t i = 0; i != bins.size();) {
    const Bin &bin = bins[i];
    if (cuts[i] != Closed) {
      assert(bin.isOpen && std::has_single_bit(bin.size) && bin.size >> cuts[i] != 0);
      result.append(bin.first, bin.size, std::countr_zero(bin.size) - cuts[i], true);
      ++i;
      continue;
    }
    uint32_t size = 0;
    do
      size += bins[i++].size;
    while (i != bins.size() && cuts[i] == Closed && bins[i].first % SectionSize != 0);
    result.append(bin.first, size, SectionShift, false);
  }
  result.makeCodes();
  return result;
}

/// Sections of numbers that are not finite count as closed.
void ValueBins::makeCodes() {
  codes.assign(Sections, SectionCode::make(SectionCode::Closed));
  for (uint32_t i = LeastFinite >> SectionShift; i <= LargestFinite >> SectionShift; ++i) {
    const Interval &interval = intervals[sections[i].firstInterval];
    if (sections[i].intervals != 1)
      codes[i] = SectionCode::make(SectionCode::Searched);
    else if (interval.isOpen)
      codes[i] = SectionCode::make(SectionCode::Open, interval.firstBin, interval.shift);
  }
}

void ValueBins::findOpen(llvm::ArrayRef<float> values, SectionPlaces &out) const {
  findPlaces(codes, values, out);
  for (size_t i = 0; i != out.left; ++i) {
    const uint32_t index = out.searched[i];
    const Place place = find(toOrdered(std::bit_cast<uint32_t>(values[index])));
    if (place.isOpen)
      out.add(static_cast<uint32_t>(place.bin), place.offset, index);
  }
}

/// Calls \p body with the index of each finite value that is in an open bin, the bin, and the
/// place in it.
void BinSums::forEachPlace(llvm::ArrayRef<float> values, auto body) const {
  SectionPlaces places;
  for (size_t first = 0; first < values.size(); first += SectionPlaces::MostValues) {
    bins->findOpen(values.drop_front(first).take_front(SectionPlaces::MostValues), places);
    for (size_t i = 0; i != places.found; ++i)
      body(first + places.indices[i], places.bins[i], places.offsets[i]);
  }
}

void BinSums::count(llvm::ArrayRef<float> values) {
  counts.resize(bins->size());
  while (!values.empty()) {
    if (counted == MostCounted)
      sumUpCounts();
    const auto part = values.take_front(MostCounted - counted);
    forEachPlace(part, [&](size_t, uint32_t bin, uint32_t place) {
      counts[bin] += (uint64_t(1) << PlaceBits) + place;
    });
    counted += part.size();
    values = values.drop_front(part.size());
  }
}

BinSums::Sum BinSums::total(size_t bin) const {
  Sum sum = sums.empty() ? Sum() : sums[bin];
  if (!counts.empty()) {
    sum.weight += counts[bin] >> PlaceBits;
    sum.offset += counts[bin] & ((uint64_t(1) << PlaceBits) - 1);
  }
  return sum;
}

void BinSums::sumUpCounts() {
  sums.resize(bins->size());
  for (size_t bin = 0; bin != sums.size(); ++bin)
    sums[bin] = total(bin);
  std::fill(counts.begin(), counts.end(), 0);
  counted = 0;
}

void BinSums::add(llvm::ArrayRef<float> values, uint64_t weight) {
  sums.resize(bins->size());
  forEachPlace(values, [&](size_t, uint32_t bin, uint32_t place) { addTo(bin, place, weight); });
}

void BinSums::add(llvm::ArrayRef<float> values, llvm::ArrayRef<uint64_t> weights, uint64_t share,
                  const MagnitudeWeight &magnitude) {
  assert(values.size() == weights.size());
  sums.resize(bins->size());
  const auto addBy = [&](auto shareOf) {
    forEachPlace(values, [&](size_t i, uint32_t bin, uint32_t place) {
      const auto weight =
          static_cast<uint64_t>(WholeSum(weights[i]) * shareOf(values[i]) / WholeShare);
      addTo(bin, place, weight);
    });
  };
  if (magnitude.isEqual())
    addBy([share](float) { return share; });
  else
    addBy([&](float value) {
      return static_cast<uint64_t>(static_cast<double>(share) * magnitude.of(value));
    });
}

void BinSums::merge(const BinSums &other) {
  assert(bins == other.bins);
  sumUpCounts();
  for (size_t bin = 0; bin != sums.size(); ++bin) {
    const Sum added = other.total(bin);
    sums[bin].weight += added.weight;
    sums[bin].offset += added.offset;
  }
}

double BinSums::mean(size_t bin) const {
  const Sum sum = total(bin);
  const double place = static_cast<double>(sum.offset) / static_cast<double>(sum.weight);
  return (*bins)[bin].least() + place * (*bins)[bin].spacing();
}

/// Not if there is only one, or if all are at one end.
bool BinSums::isSpread(size_t bin) const {
  const Sum sum = total(bin);
  return sum.weight > 1 && sum.offset != 0 && sum.offset != sum.weight * ((*bins)[bin].size - 1);
}

} // namespace optrun::palettize
