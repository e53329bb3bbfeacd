// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How a weight is cut into tiles, and how its groups get their tables.

#ifndef OPTRUN_PASSES_PALETTIZE_PALETTETILES_H
#define OPTRUN_PASSES_PALETTIZE_PALETTETILES_H

#include "WeightPalettizer.h"

#include "optrun/Compression/WeightReader.h"
#include "optrun/Support/Scratch.h"

namespace optrun::palettize {

/// Whether elements are handled as the 16 bits that they are stored in; otherwise as float.
bool usesBits(const PalettizationJob &job);

/// Whether groups of \p job are too large for memory: their elements are read several times, in
/// tiles. Otherwise tiles are whole groups.
bool isSwept(const PalettizationJob &job);

/// All rows. Codes of each tile begin with a byte of the packed stream.
std::vector<WeightTile> tilesOf(const PalettizationJob &job);

/// The rows of one group of a job that is swept.
std::vector<WeightTile> tilesOfGroup(const PalettizationJob &job, uint64_t group);

/// Some rows of each of tilesOfGroup().
std::vector<WeightTile> sampleOf(llvm::ArrayRef<WeightTile> tiles);

/// Bytes of a tile that has been read, of its codes, and of what it takes to read it.
uint64_t tileMemory(const PalettizationJob &job, const WeightReader &reader,
                    const WeightTile &tile);

/// Calls \p body with each row of \p tile, counted from its first, as float, and divided by its
/// scale if there are \p scales of the tile's rows. Values are read a few rows at a time.
llvm::Error forEachFloatRow(const PalettizationJob &job, const WeightReader &reader,
                            const WeightTile &tile, llvm::ArrayRef<float> scales,
                            llvm::function_ref<void(uint64_t, llvm::ArrayRef<float>)> body);

/// The elements of a tile, as the job uses them; they may lie in the tensor.
class TileElements {
public:
  TileElements(const PalettizationJob &job, const WeightReader &reader)
      : reader(reader), isFloat(!usesBits(job)) {}

  llvm::Error read(const WeightTile &tile);

  llvm::ArrayRef<uint16_t> bits() const { return stored.bits(); }
  llvm::MutableArrayRef<float> floats() { return values->all(); }

private:
  const WeightReader &reader;
  bool isFloat;
  WeightReader::Buffer buffer;
  StoredValues stored;
  std::optional<Scratch<float>> values;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_PALETTETILES_H
