// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writes a tensor to the spool piece by piece, in the order and packing that an operator wants.

#ifndef OPTRUN_PASSES_QUANTIZE_PANELWRITER_H
#define OPTRUN_PASSES_QUANTIZE_PANELWRITER_H

#include "Panel.h"

#include "optrun/Storage/Spool.h"

namespace optrun::quantize {

class PanelWriter {
public:
  static llvm::Expected<PanelWriter> create(const PanelFormat &format, Spool &spool);

  /// Writes what \p tile has given. The bytes are used up. Tiles are whole rows of one matrix or,
  /// if the format says so, whole columns of one, and begin at a multiple of perByte() rows or
  /// columns; the last ones end where the matrix ends. Thread safe for tiles that do not overlap.
  llvm::Error write(const WeightTile &tile, Panel &panel);

  /// When all is written. Columns that do not begin with a byte and came in parts are packed now.
  llvm::Error finish();

  llvm::Expected<ir::TensorSourceRef> source() const { return region.source(); }
  const PanelFormat &panelFormat() const { return format; }

private:
  explicit PanelWriter(const PanelFormat &format) : format(format) {}
  llvm::Error writeColumns(const WeightTile &tile, llvm::MutableArrayRef<uint8_t> elements);
  llvm::Error writePacked(uint64_t firstElement, llvm::ArrayRef<uint8_t> bytes);

  PanelFormat format;
  Spool::Region region;
  /// A byte for each code, when columns share bytes and come in parts.
  std::optional<Spool::Region> unpacked;
};

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_PANELWRITER_H
