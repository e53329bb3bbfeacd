// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Look-up tables as they are stored, the codes that index them, and what they cost.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_LUT_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_LUT_H

#include "WeightedValues.h"

namespace optrun::palettize {

/// How entries are stored.
struct LutFormat {
  unsigned bits = 4;                         ///< of an index: 1, 2, 3, 4, 6 or 8
  ir::DataType type = ir::DataType::Float16; ///< of entries: Float16, BFloat16 or Float32
  bool int8 = false; ///< entries are integers -127 .. 127 times a scale, which has `type`

  size_t size() const { return size_t(1) << bits; }
};

/// 2^bits entries, ascending. Those that have no cluster repeat the last one; no code is theirs.
struct Lut {
  std::vector<float> entries; ///< as decoded
  std::vector<int8_t>
      integers;    ///< of LutFormat::int8: entry = integer * scale, rounded to the type
  float scale = 1; ///< of LutFormat::int8
};

/// \p value rounded to a type, to nearest even; beyond its range, to its largest number.
float roundedTo(ir::DataType type, double value);

/// Rounds the \p centers of at most 2^bits clusters, ascending. An integer's scale is the largest
/// magnitude over 127.
Lut makeLut(const LutFormat &format, llvm::ArrayRef<double> centers);

/// Up to where the lower of two entries is nearest: halfway between them. Exact unless their
/// exponents differ by more than 28; then the last bit decides nothing that matters.
constexpr double middleOf(float lower, float upper) {
  return (static_cast<double>(lower) + upper) / 2;
}

/// The index of the entry nearest to each of \p values. All numbers are finite and ascending. Of
/// two entries equally near the lower counts, of equal entries the first.
void findNearest(llvm::ArrayRef<float> entries, llvm::ArrayRef<float> values,
                 llvm::MutableArrayRef<uint8_t> codes);

/// How far decoded elements are from the original ones. Merged in a fixed order, sums are the same
/// whatever the number of threads.
struct PaletteErrors {
  double squaredError = 0;  ///< sum of (value - decoded)^2
  double weightedError = 0; ///< the same, weighted by importance (1 where there is none)
  double squaredWeight = 0; ///< sum of value^2
  double largestError = 0;  ///< largest |value - decoded|
  uint64_t nonFinite = 0;   ///< elements that are infinite or NaN: in no sum, and decoded wrongly

  void merge(const PaletteErrors &other);
};

/// \p codes: of each distinct value.
PaletteErrors measure(const WeightedValues &values, llvm::ArrayRef<uint8_t> codes,
                      llvm::ArrayRef<float> entries);

/// A row of elements that are \p values times \p scale; what is not finite does not count.
/// \p importance: empty, or of each element.
PaletteErrors measureRow(llvm::ArrayRef<float> values, llvm::ArrayRef<uint8_t> codes,
                         llvm::ArrayRef<float> entries, float scale,
                         llvm::ArrayRef<float> importance);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_LUT_H
