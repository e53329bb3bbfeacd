// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The part of a stored tensor that one tile of a weight gives, in the order and packing that an
/// operator wants.

#ifndef OPTRUN_PASSES_QUANTIZE_PANEL_H
#define OPTRUN_PASSES_QUANTIZE_PANEL_H

#include "optrun/Compression/CodePacking.h"
#include "optrun/Compression/WeightReader.h"

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
  /// Columns where a byte has elements of two of them.
  bool sharesBytes() const { return order == Order::Columns && rows % perByte() != 0; }
};

class Panel {
public:
  Panel(const PanelFormat &format, const WeightTile &tile);

  /// Bytes in memory, with what add() needs.
  static uint64_t memory(const PanelFormat &format, const WeightTile &tile);

  /// The next rows of the tile, row by row: a byte for each code, or whole elements. A multiple of
  /// perByte() rows, or all that are left.
  void add(llvm::ArrayRef<uint8_t> elements);

  /// Once all rows are added. Rows: as they are stored. Columns: each column's elements of the tile
  /// as they are stored or, where columns share bytes, a byte for each code.
  llvm::MutableArrayRef<uint8_t> bytes() { return stored; }

private:
  void addRows(llvm::ArrayRef<uint8_t> elements);
  void addPaddedRows(llvm::ArrayRef<uint8_t> elements);
  void addColumns(llvm::ArrayRef<uint8_t> elements);
  void turnBand();

  PanelFormat format;
  WeightTile tile;
  std::vector<uint8_t> stored;
  std::vector<uint8_t> band; ///< lines that wait until there are enough to turn
  uint64_t filled = 0;       ///< bytes of the panel or, for columns, of each of its columns
  uint64_t bandBytes = 0;    ///< of the band
};

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_PANEL_H
