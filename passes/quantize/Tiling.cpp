// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Long reads and writes where both go along the storage, as much as fits where they cross.

#include "Tiling.h"

#include <algorithm>

namespace optrun::quantize {
namespace {

/// Elements of a tile that is contiguous on both sides: its floats fit the last-level cache.
constexpr uint64_t StraightElements = 512 * 1024;
/// Elements of a tile whose rows come from columns, and the least for rows that become columns:
/// lines of a kilobyte and more.
constexpr uint64_t TurnedElements = 4 * 1024 * 1024;
/// The most for rows that become columns: nearly all weights as a whole. A tile has no more memory
/// than their codes take.
constexpr uint64_t MostTurnedElements = 64 * 1024 * 1024;
/// Columns of a row that are worth a read of their own.
constexpr uint64_t LeastColumnsRead = 256;

uint64_t roundUp(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

/// \p extent in parts of about \p wanted, which begin at multiples of \p unit.
template <typename Add> void divide(uint64_t extent, uint64_t wanted, uint64_t unit, Add add) {
  const uint64_t part = std::min(extent, roundUp(std::max<uint64_t>(wanted, 1), unit));
  for (uint64_t first = 0; first < extent; first += part)
    add(first, std::min(part, extent - first));
}

} // namespace

Tiling tile(const MatrixLayout &layout, Order order, uint64_t blockSize, uint64_t perByte,
            uint64_t memoryBudget) {
  Tiling tiling;
  const bool isTurned = layout.rowsContiguous == (order == Order::Columns);
  const uint64_t turnedElements =
      layout.rowsContiguous ? std::clamp(memoryBudget / 16, TurnedElements, MostTurnedElements)
                            : TurnedElements;
  const uint64_t columnsOfTile =
      (isTurned ? turnedElements : StraightElements) / std::max<uint64_t>(layout.rows, 1);
  // Written in one piece; several threads would wait for each other's small writes.
  tiling.inWholeColumns = order == Order::Columns && blockSize < layout.columns &&
                          (!isTurned || columnsOfTile >= LeastColumnsRead);
  if (tiling.inWholeColumns) {
    for (uint64_t matrix = 0; matrix != layout.matrices; ++matrix)
      divide(layout.columns, columnsOfTile, blockSize * perByte,
             [&](uint64_t first, uint64_t count) {
               tiling.tiles.push_back({matrix * layout.rows, layout.rows, first, count});
             });
    return tiling;
  }
  const bool crosses = isTurned || !layout.rowsContiguous;
  const uint64_t wanted = (crosses ? turnedElements : StraightElements) / layout.columns;
  // Columns belong to one matrix, rows are counted through.
  const uint64_t parts = order == Order::Columns ? layout.matrices : 1;
  const uint64_t rows = order == Order::Columns ? layout.rows : layout.allRows();
  for (uint64_t part = 0; part != parts; ++part)
    divide(rows, wanted, perByte, [&](uint64_t first, uint64_t count) {
      tiling.tiles.push_back({part * rows + first, count, 0, layout.columns});
    });
  return tiling;
}

} // namespace optrun::quantize
