// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How a weight is cut into tiles, and how its groups get their tables.

#ifndef OPTRUN_PASSES_PALETTIZE_PALETTETILES_H
#define OPTRUN_PASSES_PALETTIZE_PALETTETILES_H

#include "WeightPalettizer.h"

#include "optrun/Compression/WeightReader.h"

namespace optrun::palettize {

/// Whether groups of \p job are too large for memory: their elements are read several times, in
/// tiles. Otherwise tiles are whole groups.
bool isSwept(const PalettizationJob &job);

/// All rows. Codes of each tile begin with a byte of the packed stream.
std::vector<WeightTile> tilesOf(const PalettizationJob &job);

/// The rows of one group of a job that is swept.
std::vector<WeightTile> tilesOfGroup(const PalettizationJob &job, uint64_t group);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_PALETTETILES_H
