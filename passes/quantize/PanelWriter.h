// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writes a tensor to the spool piece by piece, in the order and packing that an operator wants.

#ifndef OPTRUN_PASSES_QUANTIZE_PANELWRITER_H
#define OPTRUN_PASSES_QUANTIZE_PANELWRITER_H

#include "kernels/CodePacking.h"

#include "optrun/Compression/WeightReader.h"
#include "optrun/Storage/Spool.h"

namespace optrun::quantize {

/// Where the element of a row and a column goes.
enum class Order {
  Rows,       ///< [rows, columns], packed without gaps
  PaddedRows, ///< [rows, padded columns], each row in bytes of its own
  Columns,    ///< [columns, rows] of each matrix, packed without gaps
};

/// Elements of 2, 4 or 8 bits (codes), or of 16 or 32.
struct PanelFormat {
  uint64_t matrices = 1, rows = 0, columns = 0; ///< rows of each matrix
  Order order = Order::Rows;
  uint64_t paddedColumns = 0; ///< for PaddedRows; what is added has bytes of 0
  unsigned bits = 8;
  Coding coding = Coding::Unsigned;
  bool inWholeColumns = false; ///< how tiles come, for Columns: whole columns, or whole rows

  /// Elements in the byte that they share.
  uint64_t perByte() const { return bits < 8 ? 8 / bits : 1; }
  /// As tiles have them.
  uint64_t elementBytes() const { return bits < 8 ? 1 : bits / 8; }
  uint64_t bytes() const;
};

class PanelWriter {
public:
  static llvm::Expected<PanelWriter> create(const PanelFormat &format, Spool &spool);

  /// Writes the elements of \p tile, row by row: a byte for each code, or whole elements. The bytes
  /// are used up. Tiles are whole rows of one matrix or, if the format says so, whole columns of
  /// one, and begin at a multiple of perByte() rows or columns; the last ones end where the matrix
  /// ends. Thread safe for tiles that do not overlap.
  llvm::Error write(const WeightTile &tile, llvm::MutableArrayRef<uint8_t> elements);

  /// When all is written. Columns that do not begin with a byte and came in parts are packed now.
  llvm::Error finish();

  llvm::Expected<ir::TensorSourceRef> source() const { return region.source(); }

private:
  explicit PanelWriter(const PanelFormat &format) : format(format) {}
  llvm::Error writePaddedRows(const WeightTile &tile, llvm::MutableArrayRef<uint8_t> elements);
  llvm::Error writeColumns(const WeightTile &tile, llvm::ArrayRef<uint8_t> elements);
  llvm::Error writePacked(uint64_t firstElement, llvm::MutableArrayRef<uint8_t> elements);

  PanelFormat format;
  Spool::Region region;
  /// A byte for each code, when columns share bytes and come in parts.
  std::optional<Spool::Region> unpacked;
};

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_PANELWRITER_H
