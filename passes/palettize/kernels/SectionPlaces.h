// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Places of many floats at once, by the first 16 of their ordered bits.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_SECTIONPLACES_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_SECTIONPLACES_H

#include "llvm/ADT/ArrayRef.h"

#include <array>
#include <cstdint>

namespace optrun::palettize {

/// How the floats of a section are found, in the bits of a number: they are in open bins of 2^shift
/// floats each, or none is in an open bin, or it takes a search.
struct SectionCode {
  enum Kind : uint32_t { Closed, Open, Searched };
  static constexpr unsigned ShiftBit = 2, BinBit = 8;
  static constexpr uint32_t KindMask = 3, ShiftMask = 63;

  static constexpr uint32_t make(Kind kind, uint32_t firstBin = 0, uint32_t shift = 0) {
    return firstBin << BinBit | shift << ShiftBit | kind;
  }
};

/// Of some values: those in open bins, and those to search for.
struct SectionPlaces {
  static constexpr size_t MostValues = 1024;
  using List = std::array<uint32_t, MostValues + 16>; ///< beyond the last, numbers do not matter

  size_t found = 0;
  List bins, offsets, indices; ///< indices: of the values
  size_t left = 0;
  List searched; ///< indices of values

  void add(uint32_t bin, uint32_t offset, uint32_t index) {
    bins[found] = bin;
    offsets[found] = offset;
    indices[found++] = index;
  }
};

/// Sets \p out for at most MostValues \p values, by \p codes of all sections.
void findPlaces(llvm::ArrayRef<uint32_t> codes, llvm::ArrayRef<float> values, SectionPlaces &out);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_SECTIONPLACES_H
