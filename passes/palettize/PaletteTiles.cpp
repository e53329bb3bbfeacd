// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tiles of whole groups, or of rows whose codes begin with a byte.

#include "PaletteTiles.h"

#include <algorithm>
#include <numeric>

namespace optrun::palettize {
namespace {

/// Elements of a group that are sorted or counted in memory: of 16 bits, and floats.
constexpr uint64_t MostBitsInMemory = uint64_t(1) << 20, MostFloatsInMemory = uint64_t(1) << 18;
/// Elements of a tile that is contiguous where it is stored.
constexpr uint64_t StraightElements = uint64_t(1) << 19;
/// Elements of a tile that is not: long reads, often of whole matrices.
constexpr uint64_t TurnedElements = uint64_t(1) << 24;

/// One in so many rows is sampled.
constexpr uint64_t SampledPart = 16;

/// \p count rows from \p begin on in tiles of about as many elements as are good to read, and of
/// multiples of \p unit rows.
std::vector<WeightTile> cut(const MatrixLayout &layout, uint64_t begin, uint64_t count,
                            uint64_t unit) {
  std::vector<WeightTile> tiles;
  const uint64_t wanted = (layout.rowsContiguous ? StraightElements : TurnedElements) /
                          std::max<uint64_t>(layout.columns, 1);
  const uint64_t rows = std::min(count, std::max<uint64_t>(wanted / unit, 1) * unit);
  for (uint64_t done = 0; done < count; done += rows)
    tiles.push_back({begin + done, std::min(rows, count - done), 0, layout.columns});
  return tiles;
}

/// The fewest pieces of \p rows rows after which codes begin with a byte.
uint64_t piecesToByte(const PalettizationJob &job, uint64_t rows) {
  const uint64_t bits = (rows % 8) * (job.layout.columns % 8) * job.settings.lut.bits;
  return 8 / std::gcd(bits, uint64_t(8));
}

} // namespace

bool usesBits(const PalettizationJob &job) {
  return ir::bitWidth(job.tensor->dataType()) == 16 && !job.settings.scaleRows;
}

bool isSwept(const PalettizationJob &job) {
  return job.groupRows() * job.layout.columns >
         (usesBits(job) ? MostBitsInMemory : MostFloatsInMemory);
}

std::vector<WeightTile> tilesOf(const PalettizationJob &job) {
  const uint64_t rows = isSwept(job) ? 1 : job.groupRows();
  return cut(job.layout, 0, job.layout.allRows(), rows * piecesToByte(job, rows));
}

std::vector<WeightTile> tilesOfGroup(const PalettizationJob &job, uint64_t group) {
  const uint64_t begin = group * job.groupRows();
  return cut(job.layout, begin, std::min(job.groupRows(), job.layout.allRows() - begin), 1);
}

std::vector<WeightTile> sampleOf(llvm::ArrayRef<WeightTile> tiles) {
  std::vector<WeightTile> sample = tiles.vec();
  for (WeightTile &tile : sample)
    tile.rows = std::max<uint64_t>(tile.rows / SampledPart, 1);
  return sample;
}

uint64_t tileMemory(const PalettizationJob &job, const WeightReader &reader,
                    const WeightTile &tile) {
  return tile.elements() + (usesBits(job)
                                ? reader.storedBufferBytes(tile)
                                : tile.elements() * sizeof(float) + reader.bufferBytes(tile));
}

llvm::Error forEachFloatRow(const PalettizationJob &job, const WeightReader &reader,
                            const WeightTile &tile, llvm::ArrayRef<float> scales,
                            llvm::function_ref<void(uint64_t, llvm::ArrayRef<float>)> body) {
  const bool isStored = job.tensor->dataType() == ir::DataType::Float32 && scales.empty();
  WeightReader::Buffer buffer;
  Scratch<float> scratch(isStored ? 0 : reader.rowsOf(tile, 0).elements());
  for (uint64_t first = 0; first != tile.rows;) {
    const WeightTile rows = reader.rowsOf(tile, first);
    const llvm::MutableArrayRef<float> own = scratch.all().take_front(rows.elements());
    StoredValues values(own);
    if (llvm::Error error = isStored ? reader.readStored(rows, buffer).moveInto(values)
                                     : reader.read(rows, own, buffer))
      return error;
    for (uint64_t row = 0; row != rows.rows; ++row) {
      if (!scales.empty())
        divide(own.slice(row * tile.columns, tile.columns), scales[first + row]);
      body(first + row, values.floats().slice(row * tile.columns, tile.columns));
    }
    first += rows.rows;
  }
  return llvm::Error::success();
}

llvm::Error TileElements::read(const WeightTile &tile) {
  if (!isFloat)
    return reader.readStored(tile, buffer).moveInto(stored);
  values.emplace(tile.elements());
  return reader.read(tile, values->all(), buffer);
}

} // namespace optrun::palettize
