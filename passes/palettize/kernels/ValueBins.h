// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Bins of neighbouring floats, and sums over the values in each: what is kept of tensors that have
/// too many distinct values.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_VALUEBINS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_VALUEBINS_H

#include "MagnitudeWeight.h"
#include "SectionPlaces.h"
#include "WholeWeights.h"

#include <cstddef>

namespace optrun::palettize {

/// All floats, cut into bins. Floats of a section have sign, exponent and the first 7 bits of the
/// mantissa in common, so that they are evenly spaced; no bin is in two sections.
class ValueBins {
public:
  /// A bin for each section.
  ValueBins();

  struct Bin {
    uint32_t first = 0, size = 0; ///< ordered bits of its least float, and how many floats
    bool isOpen = true;           ///< see refined()

    uint32_t last() const { return first + (size - 1); }
    double least() const;
    double spacing() const; ///< of its floats
    /// Between the least and the largest.
    double width() const { return spacing() * (size - 1); }
  };
  size_t size() const { return bins.size(); }
  const Bin &operator[](size_t index) const { return bins[index]; }

  struct Place {
    size_t bin;
    uint32_t offset; ///< from the bin's least float, in floats
    bool isOpen;
  };
  /// Of a float, given by its ordered bits.
  Place find(uint32_t ordered) const {
    const Section &section = sections[ordered >> 16];
    const Interval &interval =
        intervals[section.intervals == 1 ? section.firstInterval : findInterval(section, ordered)];
    const uint32_t place = ordered - interval.first;
    return {interval.firstBin + (place >> interval.shift),
            place & ((uint32_t(1) << interval.shift) - 1), interval.isOpen};
  }

  /// Of at most SectionPlaces::MostValues \p values, those that are finite and in open bins.
  void findOpen(llvm::ArrayRef<float> values, SectionPlaces &out) const;

  /// Cuts bin i into 2^\p cuts[i] (at most as many as it has floats). Bins with Closed are joined
  /// with those beside them in their section, and are not open any more.
  ValueBins refined(llvm::ArrayRef<uint8_t> cuts) const;
  static constexpr uint8_t Closed = 255;

private:
  /// Bins of 2^shift floats.
  struct Interval {
    uint32_t first, firstBin;
    uint8_t shift;
    bool isOpen;
  };
  struct Section {
    uint32_t firstInterval, intervals;
  };
  struct Empty {};
  explicit ValueBins(Empty) {}
  void append(uint32_t first, uint32_t size, unsigned shift, bool isOpen);
  size_t findInterval(const Section &section, uint32_t ordered) const;
  void makeCodes();

  std::vector<Bin> bins;
  std::vector<Interval> intervals;
  std::vector<Section> sections;
  std::vector<uint32_t> codes; ///< SectionCode of each section
};

/// Over the values in each open bin, as whole numbers: the same in any order. What is infinite or
/// NaN, and what is in a closed bin, does not count.
class BinSums {
public:
  static constexpr uint64_t WholeShare = uint64_t(1) << 63;

  explicit BinSums(const ValueBins &bins) : bins(&bins) {}

  /// Values that weigh 1.
  void count(llvm::ArrayRef<float> values);

  /// Values that have the same weight, at most WholeShare.
  void add(llvm::ArrayRef<float> values, uint64_t weight);

  /// \p weights: of each value, times \p share / WholeShare and by magnitude.
  void add(llvm::ArrayRef<float> values, llvm::ArrayRef<uint64_t> weights, uint64_t share,
           const MagnitudeWeight &magnitude = {});

  void merge(const BinSums &other);

  double weight(size_t bin) const { return static_cast<double>(total(bin).weight); }
  /// Of the values in a bin of positive weight.
  double mean(size_t bin) const;
  /// Whether they may differ, as far as sums tell.
  bool isSpread(size_t bin) const;

  /// Bytes of the sums over so many bins.
  static uint64_t memory(uint64_t bins) { return bins * (sizeof(Sum) + sizeof(uint64_t)); }

private:
  struct Sum {
    WholeSum weight = 0, offset = 0; ///< of weights, and times places in the bin
  };
  /// Of values that were counted: how many in the upper bits, the sum of their places in the lower.
  static constexpr unsigned PlaceBits = 40;
  static constexpr uint64_t MostCounted = (uint64_t(1) << (64 - PlaceBits)) - 1;

  Sum total(size_t bin) const;
  void sumUpCounts();
  void addTo(size_t bin, uint32_t place, uint64_t weight) {
    sums[bin].weight += weight;
    sums[bin].offset += WholeSum(weight) * place;
  }
  void forEachPlace(llvm::ArrayRef<float> values, auto body) const;

  const ValueBins *bins;
  std::vector<Sum> sums; ///< empty while there are none
  std::vector<uint64_t> counts;
  uint64_t counted = 0; ///< in `counts`, at most
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_VALUEBINS_H
