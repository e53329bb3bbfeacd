// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How a weight is cut into tiles, and how its groups get their tables.

#ifndef OPTRUN_PASSES_PALETTIZE_PALETTETILES_H
#define OPTRUN_PASSES_PALETTIZE_PALETTETILES_H

#include "WeightPalettizer.h"

#include "optrun/Compression/WeightReader.h"

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

/// Bytes of a tile as it is stored.
uint64_t storedBytes(const PalettizationJob &job, const WeightTile &tile);

/// Bytes of a tile that has been read, of its codes, and of what it takes to read it.
uint64_t tileMemory(const PalettizationJob &job, const WeightTile &tile);

/// Fills \p elements: as the job uses them.
llvm::Error readTile(const WeightReader &reader, const WeightTile &tile,
                     llvm::MutableArrayRef<uint16_t> elements);
llvm::Error readTile(const WeightReader &reader, const WeightTile &tile,
                     llvm::MutableArrayRef<float> elements);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_PALETTETILES_H
