// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Orders and packs elements on their way to the spool.

#include "PanelWriter.h"

#include "Transpose.h"

#include <algorithm>
#include <cassert>

namespace optrun::quantize {
namespace {

/// Bytes that are packed at a time when all is written.
constexpr uint64_t RepackBytes = 1 << 20;

} // namespace

uint64_t PanelFormat::bytes() const {
  if (bits > 8)
    return matrices * rows * columns * (bits / 8);
  if (order == Order::PaddedRows)
    return matrices * rows * packedSize(paddedColumns, bits);
  return packedSize(matrices * rows * columns, bits);
}

llvm::Expected<PanelWriter> PanelWriter::create(const PanelFormat &format, Spool &spool) {
  PanelWriter writer(format);
  if (llvm::Error error = spool.reserve(format.bytes()).moveInto(writer.region))
    return error;
  const bool comesInParts = !format.inWholeColumns || format.matrices > 1;
  if (format.order == Order::Columns && comesInParts && format.rows % format.perByte() != 0) {
    writer.unpacked.emplace();
    if (llvm::Error error = spool.reserve(format.matrices * format.rows * format.columns)
                                .moveInto(*writer.unpacked))
      return error;
  }
  return writer;
}

llvm::Error PanelWriter::write(const WeightTile &tile, llvm::MutableArrayRef<uint8_t> elements) {
  assert(elements.size() == tile.elements() * format.elementBytes());
  switch (format.order) {
  case Order::Rows:
    return writePacked(tile.firstRow * format.columns, elements);
  case Order::PaddedRows:
    return writePaddedRows(tile, elements);
  case Order::Columns:
    break;
  }
  return writeColumns(tile, elements);
}

llvm::Error PanelWriter::writePaddedRows(const WeightTile &tile,
                                         llvm::MutableArrayRef<uint8_t> elements) {
  const uint64_t rowBytes = packedSize(format.paddedColumns, format.bits);
  std::vector<uint8_t> padded(tile.rows * rowBytes);
  for (uint64_t row = 0; row != tile.rows; ++row)
    packCodes(
        elements.slice(row * tile.columns, tile.columns), format.bits, format.coding,
        llvm::MutableArrayRef(padded).slice(row * rowBytes, packedSize(tile.columns, format.bits)));
  return region.write(tile.firstRow * rowBytes, padded);
}

llvm::Error PanelWriter::writeColumns(const WeightTile &tile, llvm::ArrayRef<uint8_t> elements) {
  const uint64_t elementBytes = format.elementBytes();
  std::vector<uint8_t> turned(elements.size());
  transpose(elements, tile.rows, elementBytes, turned);
  const uint64_t matrix = tile.firstRow / format.rows, row = tile.firstRow % format.rows;
  const uint64_t first = (matrix * format.columns + tile.firstColumn) * format.rows + row;
  if (tile.rows == format.rows && !unpacked)
    return writePacked(first, turned);
  for (uint64_t column = 0; column != tile.columns; ++column) {
    const uint64_t element = first + column * format.rows;
    const auto line = llvm::MutableArrayRef(turned).slice(column * tile.rows * elementBytes,
                                                          tile.rows * elementBytes);
    if (llvm::Error error = unpacked ? unpacked->write(element, line) : writePacked(element, line))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error PanelWriter::writePacked(uint64_t firstElement,
                                     llvm::MutableArrayRef<uint8_t> elements) {
  if (format.bits > 8)
    return region.write(firstElement * format.elementBytes(), elements);
  assert(firstElement % format.perByte() == 0 && "elements of another tile are in the first byte");
  const auto packed = elements.take_front(packedSize(elements.size(), format.bits));
  packCodes(elements, format.bits, format.coding, packed);
  return region.write(firstElement / format.perByte(), packed);
}

llvm::Error PanelWriter::finish() {
  if (!unpacked)
    return llvm::Error::success();
  llvm::Expected<ir::TensorSourceRef> codes = unpacked->source();
  if (!codes)
    return codes.takeError();
  std::vector<uint8_t> piece;
  for (uint64_t done = 0, length = unpacked->length(); done != length; done += piece.size()) {
    piece.resize(std::min(length - done, RepackBytes));
    if (llvm::Error error = (*codes)->read(done, piece))
      return error;
    if (llvm::Error error = writePacked(done, piece))
      return error;
  }
  return llvm::Error::success();
}

} // namespace optrun::quantize
