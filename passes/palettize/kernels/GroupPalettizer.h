// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows of weights that share a look-up table, from elements to codes.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_GROUPPALETTIZER_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_GROUPPALETTIZER_H

#include "Clusters.h"
#include "Lut.h"

namespace optrun::palettize {

struct PaletteSettings {
  Method method = Method::Optimal;
  LutFormat lut;
  /// Each row is divided by its largest magnitude (1 where that is 0), rounded to the table's type;
  /// squared errors count by the scale's square, so that they are those of the decoded weights.
  bool scaleRows = false;
  /// Squared errors count by magnitude, too: see MagnitudeWeight.
  bool weighByMagnitude = false;
};

/// What decodes a group of rows, beside the codes.
struct Palette {
  Lut lut;
  std::vector<float> scales; ///< of each row, with PaletteSettings::scaleRows
  PaletteErrors errors;
};

/// What a row is divided by: see PaletteSettings::scaleRows.
float scaleOf(llvm::ArrayRef<float> row, ir::DataType type);

/// Divides each value of a row by its scale.
void divide(llvm::MutableArrayRef<float> row, float scale);

/// The table for values and their weights.
Lut findLut(const PaletteSettings &settings, const WeightedValues &values, KMeans &kMeans);

/// Palettizes groups of rows, one after the other: one for each thread. Keeps its memory; results
/// do not depend on earlier calls, nor on the processor.
class GroupPalettizer {
public:
  explicit GroupPalettizer(const PaletteSettings &settings) : settings(settings) {}

  /// Rows of \p columns float16 or bfloat16 elements.
  /// \param importance  empty, or one number >= 0 per element for its squared error
  /// \param codes       one per element, in the order of elements
  /// \return            valid until the next call
  const Palette &palettize(llvm::ArrayRef<uint16_t> bits, ir::DataType type, uint64_t columns,
                           llvm::ArrayRef<float> importance, llvm::MutableArrayRef<uint8_t> codes);

  /// The same for elements of float.
  const Palette &palettize(llvm::ArrayRef<float> values, uint64_t columns,
                           llvm::ArrayRef<float> importance, llvm::MutableArrayRef<uint8_t> codes);

  /// The same of elements in a histogram whose weights have the given unit; without the codes, and
  /// without scales of rows.
  const Palette &palettize(const BitHistogram &histogram, double unit);

  /// About how many bytes a palettizer takes, at most, for groups of \p elements elements, or for
  /// histograms (0), of \p values distinct values.
  static uint64_t memory(uint64_t elements, uint64_t values);

private:
  void findTable(const WeightedValues &distinct, uint64_t nonFinite);
  void palettizeByHistogram(llvm::ArrayRef<uint16_t> bits, ir::DataType type,
                            llvm::ArrayRef<float> importance, llvm::MutableArrayRef<uint8_t> codes);
  void encodeSorted(const SortedElements &sorted, llvm::MutableArrayRef<uint8_t> codes);
  void scaleRows(llvm::ArrayRef<float> values, uint64_t columns, llvm::ArrayRef<float> importance);

  PaletteSettings settings;
  ElementSorter sorter;
  KMeans kMeans;
  std::vector<float> widened, scaled, scaledImportance;
  std::vector<uint8_t> codesOfDistinct;
  Palette palette;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_GROUPPALETTIZER_H
