// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tiles of weights as they are stored, 16 bits each.

#include "optrun/Compression/WeightReader.h"

#include <algorithm>
#include <cassert>

namespace optrun {
namespace {

/// What is read at a time where columns are contiguous.
constexpr uint64_t StripBytes = uint64_t(1) << 20;
/// Columns that are turned at a time: as many elements as a cache line has.
constexpr uint64_t LineColumns = 32;

/// Columns, one after the other, of \p rows elements, as parts of rows \p stride elements apart.
void turn(const uint16_t *columns, uint64_t count, uint64_t rows, uint64_t stride, uint16_t *out) {
  for (uint64_t first = 0; first < count; first += LineColumns)
    for (uint64_t row = 0; row != rows; ++row)
      for (uint64_t column = first; column != std::min(count, first + LineColumns); ++column)
        out[row * stride + column] = columns[column * rows + row];
}

llvm::MutableArrayRef<uint8_t> bytesOf(uint16_t *elements, uint64_t count) {
  return {reinterpret_cast<uint8_t *>(elements), count * sizeof(uint16_t)};
}

} // namespace

uint64_t WeightReader::stripColumns(uint64_t rows) const {
  const uint64_t columns = StripBytes / (std::max<uint64_t>(rows, 1) * sizeof(uint16_t));
  return std::min(layout.columns, std::max(columns, LineColumns));
}

uint64_t WeightReader::bitsBufferBytes(const WeightTile &tile) const {
  if (layout.rowsContiguous)
    return 0;
  // At most: a tile may have fewer rows of one matrix and more of the next.
  const uint64_t columnBytes = std::min(tile.rows, layout.rows) * sizeof(uint16_t);
  return std::min(layout.columns * columnBytes, std::max(StripBytes, LineColumns * columnBytes));
}

llvm::Error WeightReader::readBits(const WeightTile &tile, llvm::MutableArrayRef<uint16_t> out,
                                   Buffer &buffer) const {
  assert(elementBytes == sizeof(uint16_t) && tile.columns == layout.columns &&
         out.size() == tile.elements());
  llvm::Error error =
      layout.rowsContiguous
          ? tensor->source()->read(tile.firstRow * layout.columns * sizeof(uint16_t),
                                   bytesOf(out.data(), out.size()))
          : readTurnedBits(tile, out, buffer);
  return namingWeight(std::move(error));
}

llvm::Error WeightReader::readTurnedBits(const WeightTile &tile,
                                         llvm::MutableArrayRef<uint16_t> out,
                                         Buffer &buffer) const {
  if (buffer.size() < bitsBufferBytes(tile))
    buffer.resize(bitsBufferBytes(tile));
  auto *strip = reinterpret_cast<uint16_t *>(buffer.data());
  for (uint64_t done = 0, rows = 0; done != tile.rows; done += rows) {
    // Rows of one matrix are side by side.
    const uint64_t matrix = (tile.firstRow + done) / layout.rows;
    const uint64_t row = (tile.firstRow + done) % layout.rows;
    rows = std::min(tile.rows - done, layout.rows - row);
    for (uint64_t column = 0, width = 0; column != layout.columns; column += width) {
      width = std::min(layout.columns - column, stripColumns(rows));
      // Whole columns are one read.
      const uint64_t reads = rows == layout.rows ? 1 : width, length = width * rows / reads;
      const uint64_t first = (matrix * layout.columns + column) * layout.rows + row;
      for (uint64_t i = 0; i != reads; ++i)
        if (llvm::Error error = tensor->source()->read((first + i * layout.rows) * sizeof(uint16_t),
                                                       bytesOf(strip + i * length, length)))
          return error;
      turn(strip, width, rows, layout.columns, out.data() + done * layout.columns + column);
    }
  }
  return llvm::Error::success();
}

} // namespace optrun
