// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Panels on their way to the spool.

#include "PanelWriter.h"

#include <algorithm>
#include <cassert>

namespace optrun::quantize {
namespace {

/// Bytes that are packed at a time when all is written.
constexpr uint64_t RepackBytes = 1 << 20;

} // namespace

llvm::Expected<PanelWriter> PanelWriter::create(const PanelFormat &format, Spool &spool) {
  PanelWriter writer(format);
  if (llvm::Error error = spool.reserve(format.bytes()).moveInto(writer.region))
    return error;
  const bool comesInParts = !format.inWholeColumns || format.matrices > 1;
  if (format.sharesBytes() && comesInParts) {
    writer.unpacked.emplace();
    if (llvm::Error error = spool.reserve(format.matrices * format.rows * format.columns)
                                .moveInto(*writer.unpacked))
      return error;
  }
  return writer;
}

llvm::Error PanelWriter::write(const WeightTile &tile, Panel &panel) {
  switch (format.order) {
  case Order::Rows:
    return writePacked(tile.firstRow * format.columns, panel.bytes());
  case Order::PaddedRows:
    return region.write(tile.firstRow * packedSize(format.paddedColumns, format.bits),
                        panel.bytes());
  case Order::Columns:
    break;
  }
  return writeColumns(tile, panel.bytes());
}

llvm::Error PanelWriter::writeColumns(const WeightTile &tile,
                                      llvm::MutableArrayRef<uint8_t> elements) {
  const uint64_t matrix = tile.firstRow / format.rows, row = tile.firstRow % format.rows;
  const uint64_t first = (matrix * format.columns + tile.firstColumn) * format.rows + row;
  if (tile.rows == format.rows && !unpacked) {
    if (!format.sharesBytes())
      return writePacked(first, elements);
    const auto packed = elements.take_front(packedSize(elements.size(), format.bits));
    packCodes(elements, format.bits, format.coding, packed);
    return writePacked(first, packed);
  }
  const uint64_t size = elements.size() / tile.columns;
  for (uint64_t column = 0; column != tile.columns; ++column) {
    const uint64_t element = first + column * format.rows;
    const auto line = elements.slice(column * size, size);
    if (llvm::Error error = unpacked ? unpacked->write(element, line) : writePacked(element, line))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error PanelWriter::writePacked(uint64_t firstElement, llvm::ArrayRef<uint8_t> bytes) {
  assert(firstElement % format.perByte() == 0 && "elements of another tile are in the first byte");
  return region.write(firstElement / format.perByte() * format.elementBytes(), bytes);
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
    const auto packed =
        llvm::MutableArrayRef(piece).take_front(packedSize(piece.size(), format.bits));
    packCodes(piece, format.bits, format.coding, packed);
    if (llvm::Error error = writePacked(done, packed))
      return error;
  }
  return llvm::Error::success();
}

} // namespace optrun::quantize
