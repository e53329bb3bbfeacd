// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tiles of weights: read, turned where columns are contiguous, and widened to float.

#include "optrun/Compression/WeightReader.h"

#include "IR/FloatConversion.h"

#include <algorithm>
#include <cassert>

namespace optrun {
namespace {

/// Bytes of rows that are read at a time.
constexpr uint64_t ReadBytes = 256 * 1024;
/// Bytes of columns that are read before they are turned.
constexpr uint64_t StripBytes = 1024 * 1024;
/// Columns that are turned at a time: as many elements as a cache line has.
constexpr uint64_t LineBytes = 64;

/// \p count columns, one after the other, of \p rows elements become parts of rows that begin
/// \p stride elements apart.
template <typename Element>
void turn(const uint8_t *columns, uint64_t count, uint64_t rows, uint64_t stride, uint8_t *out) {
  constexpr uint64_t Line = LineBytes / sizeof(Element);
  const auto *from = reinterpret_cast<const Element *>(columns);
  auto *to = reinterpret_cast<Element *>(out);
  for (uint64_t first = 0; first < count; first += Line)
    for (uint64_t row = 0; row != rows; ++row)
      for (uint64_t column = first; column != std::min(count, first + Line); ++column)
        to[row * stride + column] = from[column * rows + row];
}

} // namespace

WeightReader::WeightReader(ir::TensorRef weight, const MatrixLayout &layout)
    : tensor(std::move(weight)), layout(layout),
      elementBytes(ir::bitWidth(tensor->dataType()) / 8) {
  assert(ir::floatConversion(tensor->dataType(), ir::DataType::Float32) && "no weight");
  assert(tensor->elementCount() == layout.elements() && "the layout is of another tensor");
}

uint64_t WeightReader::rowsPerRead(const WeightTile &tile) const {
  if (!layout.rowsContiguous)
    return tile.rows;
  const uint64_t rows = ReadBytes / (std::max<uint64_t>(tile.columns, 1) * elementBytes);
  return std::min(tile.rows, std::max<uint64_t>(rows / 8 * 8, 8));
}

WeightTile WeightReader::rowsOf(const WeightTile &tile, uint64_t first) const {
  return {tile.firstRow + first, std::min(rowsPerRead(tile), tile.rows - first), tile.firstColumn,
          tile.columns};
}

llvm::Error WeightReader::forEachRows(
    const WeightTile &tile, Buffer &buffer,
    llvm::function_ref<llvm::Error(const WeightTile &, StoredValues)> body) const {
  for (uint64_t first = 0; first != tile.rows;) {
    const WeightTile rows = rowsOf(tile, first);
    llvm::Expected<StoredValues> values = readStored(rows, buffer);
    if (!values)
      return values.takeError();
    if (llvm::Error error = body(rows, *values))
      return error;
    first += rows.rows;
  }
  return llvm::Error::success();
}

uint64_t WeightReader::bufferBytes(const WeightTile &tile) const {
  return storedBufferBytes(rowsOf(tile, 0));
}

llvm::Error WeightReader::read(const WeightTile &tile, llvm::MutableArrayRef<float> out,
                               Buffer &buffer) const {
  assert(out.size() == tile.elements());
  const ir::ConvertFunction widen = ir::floatConversion(tensor->dataType(), ir::DataType::Float32);
  float *next = out.data();
  return forEachRows(tile, buffer, [&](const WeightTile &, StoredValues values) {
    widen(values.bytes().data(), reinterpret_cast<uint8_t *>(next), values.size());
    next += values.size();
    return llvm::Error::success();
  });
}

/// Columns of so many rows that are read before they are turned.
uint64_t WeightReader::stripColumns(uint64_t columns, uint64_t rows) const {
  return std::min(columns, std::max(StripBytes / (rows * elementBytes), LineBytes / elementBytes));
}

uint64_t WeightReader::storedBufferBytes(const WeightTile &tile) const {
  const uint64_t bytes = storedBytes(tile);
  if (layout.rowsContiguous)
    return bytes;
  // A strip at most: a tile may have few rows of one matrix and more of the next.
  return bytes +
         std::min(bytes, std::max(StripBytes, LineBytes * std::min(tile.rows, layout.rows)));
}

llvm::Expected<StoredValues> WeightReader::readStored(const WeightTile &tile,
                                                      Buffer &buffer) const {
  assert(tile.firstRow + tile.rows <= layout.allRows() &&
         tile.firstColumn + tile.columns <= layout.columns);
  llvm::Expected<StoredValues> values =
      layout.rowsContiguous ? storedRows(tile, buffer) : storedColumns(tile, buffer);
  if (values)
    return values;
  return llvm::createStringError("cannot read the weight '" + tensor->name() +
                                 "': " + toString(values.takeError()));
}

llvm::Error WeightReader::readElements(uint64_t first, llvm::MutableArrayRef<uint8_t> out) const {
  return tensor->source()->read(first * elementBytes, out);
}

llvm::Expected<StoredValues> WeightReader::storedRows(const WeightTile &tile,
                                                      Buffer &buffer) const {
  const uint64_t first = tile.firstRow * layout.columns + tile.firstColumn;
  const uint64_t bytes = storedBytes(tile), rowBytes = tile.columns * elementBytes;
  const bool isOneRead = tile.columns == layout.columns || tile.rows == 1;
  if (auto stored = tensor->source()->inlineBytes(); stored && isOneRead)
    return StoredValues(tensor->dataType(), stored->slice(first * elementBytes, bytes));
  if (buffer.size() < bytes)
    buffer.resize(bytes);
  const llvm::MutableArrayRef<uint8_t> out(buffer.data(), bytes);
  const uint64_t reads = isOneRead ? 1 : tile.rows, length = isOneRead ? bytes : rowBytes;
  for (uint64_t i = 0; i != reads; ++i)
    if (llvm::Error error = readElements(first + i * layout.columns, out.slice(i * length, length)))
      return error;
  return StoredValues(tensor->dataType(), out);
}

llvm::Expected<StoredValues> WeightReader::storedColumns(const WeightTile &tile,
                                                         Buffer &buffer) const {
  // Rows at the front of the buffer, what is read behind them.
  const uint64_t bytes = storedBytes(tile);
  if (buffer.size() < storedBufferBytes(tile))
    buffer.resize(storedBufferBytes(tile));
  const llvm::MutableArrayRef<uint8_t> out(buffer.data(), bytes);
  const auto turnStrip = elementBytes == sizeof(uint16_t) ? turn<uint16_t> : turn<uint32_t>;
  for (uint64_t done = 0, rows = 0; done != tile.rows; done += rows) {
    // Rows of one matrix are side by side.
    const uint64_t matrix = (tile.firstRow + done) / layout.rows;
    const uint64_t row = (tile.firstRow + done) % layout.rows;
    rows = std::min(tile.rows - done, layout.rows - row);
    for (uint64_t column = 0, width = 0; column != tile.columns; column += width) {
      width = std::min(tile.columns - column, stripColumns(tile.columns, rows));
      const uint64_t line = matrix * layout.columns + tile.firstColumn + column;
      const uint64_t reads = rows == layout.rows ? 1 : width;
      const uint64_t length = width * rows / reads * elementBytes;
      const llvm::MutableArrayRef<uint8_t> strip(buffer.data() + bytes, reads * length);
      for (uint64_t i = 0; i != reads; ++i)
        if (llvm::Error error =
                readElements((line + i) * layout.rows + row, strip.slice(i * length, length)))
          return error;
      turnStrip(strip.data(), width, rows, tile.columns,
                out.data() + (done * tile.columns + column) * elementBytes);
    }
  }
  return StoredValues(tensor->dataType(), out);
}

} // namespace optrun
