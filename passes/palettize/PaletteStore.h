// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The parts of a palettized weight on their way to the spool.

#ifndef OPTRUN_PASSES_PALETTIZE_PALETTESTORE_H
#define OPTRUN_PASSES_PALETTIZE_PALETTESTORE_H

#include "WeightPalettizer.h"

#include "optrun/Storage/Spool.h"

namespace optrun::palettize {

/// Bytes of each part of what \p job stores.
struct StoredSizes {
  uint64_t indices = 0, lut = 0, lutScales = 0, rowScales = 0;

  explicit StoredSizes(const PalettizationJob &job);
};

/// Thread safe for parts that do not overlap.
class PaletteStore {
public:
  static llvm::Expected<PaletteStore> create(const PalettizationJob &job, Spool &spool);

  /// Writes the codes of whole rows, which are used up. Their first bit begins a byte, and their
  /// last one ends one or the weight.
  llvm::Error writeCodes(uint64_t firstRow, llvm::MutableArrayRef<uint8_t> codes);

  /// Writes the tables of groups, one after the other.
  llvm::Error writeTables(uint64_t firstGroup, llvm::ArrayRef<Lut> tables);

  llvm::Error writeRowScales(uint64_t firstRow, llvm::ArrayRef<float> scales);

  /// When all is written. Errors are left to the caller.
  llvm::Expected<PalettizedWeight> finish() const;

private:
  explicit PaletteStore(const LutFormat &format, uint64_t columns)
      : format(format), columns(columns) {}

  LutFormat format;
  uint64_t columns;
  Spool::Region indices, lut, lutScales, rowScales;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_PALETTESTORE_H
