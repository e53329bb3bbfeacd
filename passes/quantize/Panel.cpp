// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Packs rows as they come. For columns, rows that share bytes are packed into one line first, so
/// that fewer bytes have to be turned, and a cache line of each column is filled at a time.

#include "Panel.h"

#include "Transpose.h"

#include <cassert>

namespace optrun::quantize {
namespace {

/// Bytes of a column that are filled at a time.
constexpr uint64_t BandSide = 64;

/// Rows that become one line of a band.
uint64_t rowsOfLine(const PanelFormat &format) {
  return format.sharesBytes() ? 1 : format.perByte();
}

uint64_t bandLines(const PanelFormat &format, const WeightTile &tile) {
  return std::min(BandSide / format.elementBytes(), tile.rows / rowsOfLine(format));
}

uint64_t bandSize(const PanelFormat &format, const WeightTile &tile) {
  return format.order == Order::Columns
             ? bandLines(format, tile) * tile.columns * format.elementBytes()
             : 0;
}

uint64_t panelSize(const PanelFormat &format, const WeightTile &tile) {
  if (format.bits > 8)
    return tile.elements() * format.elementBytes();
  if (format.order == Order::PaddedRows)
    return tile.rows * packedSize(format.paddedColumns, format.bits);
  return format.sharesBytes() ? tile.elements() : packedSize(tile.elements(), format.bits);
}

} // namespace

uint64_t PanelFormat::bytes() const {
  if (bits > 8)
    return matrices * rows * columns * elementBytes();
  if (order == Order::PaddedRows)
    return matrices * rows * packedSize(paddedColumns, bits);
  return packedSize(matrices * rows * columns, bits);
}

Panel::Panel(const PanelFormat &format, const WeightTile &tile)
    : format(format), tile(tile), stored(panelSize(format, tile)), band(bandSize(format, tile)) {}

uint64_t Panel::memory(const PanelFormat &format, const WeightTile &tile) {
  return panelSize(format, tile) + bandSize(format, tile);
}

void Panel::add(llvm::ArrayRef<uint8_t> elements) {
  switch (format.order) {
  case Order::Rows:
    return addRows(elements);
  case Order::PaddedRows:
    return addPaddedRows(elements);
  case Order::Columns:
    return addColumns(elements);
  }
}

void Panel::addRows(llvm::ArrayRef<uint8_t> elements) {
  const uint64_t size =
      format.bits > 8 ? elements.size() : packedSize(elements.size(), format.bits);
  const auto out = llvm::MutableArrayRef(stored).slice(filled, size);
  if (format.bits > 8)
    std::copy(elements.begin(), elements.end(), out.begin());
  else
    packCodes(elements, format.bits, format.coding, out);
  filled += size;
}

void Panel::addPaddedRows(llvm::ArrayRef<uint8_t> elements) {
  const uint64_t size = packedSize(tile.columns, format.bits);
  for (; !elements.empty(); elements = elements.drop_front(tile.columns)) {
    packCodes(elements.take_front(tile.columns), format.bits, format.coding,
              llvm::MutableArrayRef(stored).slice(filled, size));
    filled += packedSize(format.paddedColumns, format.bits);
  }
}

void Panel::addColumns(llvm::ArrayRef<uint8_t> elements) {
  const uint64_t factor = rowsOfLine(format);
  while (!elements.empty()) {
    const auto part = elements.take_front((band.size() - bandBytes) * factor);
    const auto out = llvm::MutableArrayRef(band).slice(bandBytes, part.size() / factor);
    if (format.bits > 8 || format.sharesBytes())
      std::copy(part.begin(), part.end(), out.begin());
    else
      packAcross(part, tile.columns, format.bits, format.coding, out);
    elements = elements.drop_front(part.size());
    bandBytes += out.size();
    const uint64_t lines = bandBytes / (tile.columns * format.elementBytes());
    if (bandBytes == band.size() || (filled / format.elementBytes() + lines) * factor == tile.rows)
      turnBand();
  }
}

void Panel::turnBand() {
  const uint64_t lines = bandBytes / (tile.columns * format.elementBytes());
  transpose(llvm::ArrayRef(band).take_front(bandBytes), lines, format.elementBytes(),
            llvm::MutableArrayRef(stored).drop_front(filled), stored.size() / tile.columns);
  filled += lines * format.elementBytes();
  bandBytes = 0;
}

} // namespace optrun::quantize
