// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tiles of weights: read, widened to float, and turned where columns are contiguous.

#include "optrun/Compression/WeightReader.h"

#include "IR/FloatConversion.h"

#include <algorithm>
#include <cassert>
#include <cstring>

namespace optrun {
namespace {

/// Elements that are widened at a time: what is read stays in the second-level cache.
constexpr uint64_t ChunkElements = 64 * 1024;
/// Bytes of rows that are read at a time.
constexpr uint64_t ReadBytes = 256 * 1024;
/// Columns that are turned at a time: as many floats as a cache line has.
constexpr uint64_t StripColumns = 16;

} // namespace

WeightReader::WeightReader(ir::TensorRef weight, const MatrixLayout &layout)
    : tensor(std::move(weight)), layout(layout),
      elementBytes(ir::bitWidth(tensor->dataType()) / 8) {
  assert(ir::floatConversion(tensor->dataType(), ir::DataType::Float32) && "no weight");
  assert(tensor->elementCount() == layout.elements() && "the layout is of another tensor");
}

uint64_t WeightReader::bufferBytes(const WeightTile &tile) const {
  const uint64_t chunk = std::min(tile.elements(), ChunkElements) * elementBytes;
  if (layout.rowsContiguous)
    return chunk;
  return chunk + std::min(tile.columns, StripColumns) * tile.rows * sizeof(float);
}

llvm::Error WeightReader::read(const WeightTile &tile, llvm::MutableArrayRef<float> out,
                               Buffer &buffer) const {
  assert(tile.firstRow + tile.rows <= layout.allRows() &&
         tile.firstColumn + tile.columns <= layout.columns && out.size() == tile.elements());
  if (buffer.size() < bufferBytes(tile))
    buffer.resize(bufferBytes(tile));
  llvm::Error error =
      layout.rowsContiguous ? readLines(tile, out, buffer) : readColumns(tile, out, buffer);
  return error ? failure(std::move(error)) : llvm::Error::success();
}

llvm::Error WeightReader::failure(llvm::Error cause) const {
  return llvm::createStringError("cannot read the weight '" + tensor->name() +
                                 "': " + toString(std::move(cause)));
}

uint64_t WeightReader::rowsPerRead(const WeightTile &tile) const {
  if (!layout.rowsContiguous)
    return tile.rows;
  const uint64_t rows = ReadBytes / (std::max<uint64_t>(tile.columns, 1) * elementBytes);
  return std::min(tile.rows, std::max<uint64_t>(rows / 8 * 8, 8));
}

uint64_t WeightReader::storedBufferBytes(const WeightTile &tile) const {
  return layout.rowsContiguous ? tile.elements() * elementBytes
                               : tile.elements() * sizeof(float) + bufferBytes(tile);
}

llvm::Expected<StoredValues> WeightReader::readStored(const WeightTile &tile,
                                                      Buffer &buffer) const {
  if (layout.rowsContiguous) {
    llvm::Expected<StoredValues> values = storedRows(tile, buffer);
    if (!values)
      return failure(values.takeError());
    return values;
  }
  // The floats lie behind what read() needs.
  const uint64_t before = (bufferBytes(tile) + sizeof(float) - 1) / sizeof(float) * sizeof(float);
  buffer.resize(std::max<uint64_t>(buffer.size(), before + tile.elements() * sizeof(float)));
  const llvm::MutableArrayRef<float> floats(reinterpret_cast<float *>(buffer.data() + before),
                                            tile.elements());
  if (llvm::Error error = read(tile, floats, buffer))
    return error;
  return StoredValues(floats);
}

llvm::Expected<StoredValues> WeightReader::storedRows(const WeightTile &tile,
                                                      Buffer &buffer) const {
  const ir::TensorSource &source = *tensor->source();
  const uint64_t first = (tile.firstRow * layout.columns + tile.firstColumn) * elementBytes;
  const uint64_t bytes = tile.elements() * elementBytes, rowBytes = tile.columns * elementBytes;
  const bool isOneRead = tile.columns == layout.columns || tile.rows == 1;
  if (auto stored = source.inlineBytes(); stored && isOneRead)
    return StoredValues(tensor->dataType(), stored->slice(first, bytes));
  if (buffer.size() < bytes)
    buffer.resize(bytes);
  const llvm::MutableArrayRef<uint8_t> out(buffer.data(), bytes);
  if (isOneRead) {
    if (llvm::Error error = source.read(first, out))
      return error;
    return StoredValues(tensor->dataType(), out);
  }
  for (uint64_t row = 0; row != tile.rows; ++row)
    if (llvm::Error error = source.read(first + row * layout.columns * elementBytes,
                                        out.slice(row * rowBytes, rowBytes)))
      return error;
  return StoredValues(tensor->dataType(), out);
}

llvm::Error WeightReader::readLines(const WeightTile &tile, llvm::MutableArrayRef<float> out,
                                    Buffer &buffer) const {
  const uint64_t first = tile.firstRow * layout.columns + tile.firstColumn;
  if (tile.columns == layout.columns)
    return readElements(first, tile.elements(), out.data(), buffer);
  for (uint64_t row = 0; row != tile.rows; ++row)
    if (llvm::Error error = readElements(first + row * layout.columns, tile.columns,
                                         out.data() + row * tile.columns, buffer))
      return error;
  return llvm::Error::success();
}

llvm::Error WeightReader::readColumns(const WeightTile &tile, llvm::MutableArrayRef<float> out,
                                      Buffer &buffer) const {
  // Widened lines at the front of the buffer, what is read behind them.
  const uint64_t stripBytes = std::min(tile.columns, StripColumns) * tile.rows * sizeof(float);
  auto *strip = reinterpret_cast<float *>(buffer.data());
  for (uint64_t done = 0, count = 0; done != tile.rows; done += count) {
    // Rows of one matrix are side by side.
    const uint64_t matrix = (tile.firstRow + done) / layout.rows;
    const uint64_t row = (tile.firstRow + done) % layout.rows;
    count = std::min(tile.rows - done, layout.rows - row);
    for (uint64_t column = 0, width = 0; column != tile.columns; column += width) {
      width = std::min(tile.columns - column, StripColumns);
      const uint64_t line = matrix * layout.columns + tile.firstColumn + column;
      const bool isOneRead = count == layout.rows;
      for (uint64_t i = 0; i < width; i += isOneRead ? width : 1)
        if (llvm::Error error =
                readElements((line + i) * layout.rows + row, isOneRead ? width * count : count,
                             strip + i * count, buffer, stripBytes))
          return error;
      for (uint64_t r = 0; r != count; ++r)
        for (uint64_t i = 0; i != width; ++i)
          out[(done + r) * tile.columns + column + i] = strip[i * count + r];
    }
  }
  return llvm::Error::success();
}

llvm::Error WeightReader::readElements(uint64_t first, uint64_t count, float *out, Buffer &buffer,
                                       uint64_t bufferOffset) const {
  const ir::ConvertFunction widen = ir::floatConversion(tensor->dataType(), ir::DataType::Float32);
  auto *bytes = reinterpret_cast<uint8_t *>(out);
  if (std::optional<llvm::ArrayRef<uint8_t>> stored = tensor->source()->inlineBytes()) {
    widen(stored->data() + first * elementBytes, bytes, count);
    return llvm::Error::success();
  }
  if (tensor->dataType() == ir::DataType::Float32)
    return tensor->source()->read(first * elementBytes,
                                  llvm::MutableArrayRef(bytes, count * elementBytes));
  while (count != 0) {
    const uint64_t part = std::min(count, ChunkElements);
    const llvm::MutableArrayRef<uint8_t> raw(buffer.data() + bufferOffset, part * elementBytes);
    if (llvm::Error error = tensor->source()->read(first * elementBytes, raw))
      return error;
    widen(raw.data(), bytes, part);
    first += part;
    count -= part;
    bytes += part * sizeof(float);
  }
  return llvm::Error::success();
}

} // namespace optrun
