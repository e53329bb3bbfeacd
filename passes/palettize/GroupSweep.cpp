// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Histograms of tiles, merged.

#include "GroupSweep.h"

#include "optrun/Compression/TileLoop.h"
#include "optrun/Support/Scratch.h"

#include <mutex>

using namespace llvm;

namespace optrun::palettize {
namespace {

std::vector<TileStep> stepsOf(const PalettizationJob &job, const WeightReader &reader,
                              ArrayRef<WeightTile> tiles) {
  std::vector<TileStep> steps;
  for (size_t index = 0; index != tiles.size(); ++index) {
    const uint64_t bytes = tiles[index].elements() * sizeof(uint16_t);
    steps.push_back({0, index, bytes,
                     bytes + reader.bitsBufferBytes(tiles[index]) +
                         BitHistogram::memory(!job.importance.empty())});
  }
  return steps;
}

} // namespace

uint64_t sweepMemory(const PalettizationJob &job, uint64_t group, const PassContext &context) {
  const std::vector<WeightTile> tiles = tilesOfGroup(job, group);
  const WeightReader reader(job.tensor, job.layout);
  const uint64_t inFlight = std::min<uint64_t>(context.threads(), tiles.size());
  return stepsOf(job, reader, tiles).front().memory * inFlight +
         BitHistogram::memory(!job.importance.empty()) + GroupPalettizer::memory(0, 1 << 16);
}

Expected<SweptGroup> sweepGroup(const PalettizationJob &job, uint64_t group,
                                const WeightReader &reader, Progress &progress,
                                PassContext &context) {
  const std::vector<WeightTile> tiles = tilesOfGroup(job, group);
  const ir::DataType type = job.tensor->dataType();
  const WholeWeights weights(job.importance);
  BitHistogram histogram(type);
  std::mutex mutex;
  const auto count = [&](const TileStep &step) -> Error {
    const WeightTile &tile = tiles[step.tile];
    Scratch<uint16_t> bits(tile.elements());
    WeightReader::Buffer buffer;
    if (Error error = reader.readBits(tile, bits.all(), buffer))
      return error;
    BitHistogram ofTile(type);
    for (uint64_t row = 0; row != tile.rows; ++row)
      ofTile.add(bits.all().slice(row * tile.columns, tile.columns), weights.values);
    std::lock_guard lock(mutex);
    histogram.merge(ofTile);
    return Error::success();
  };
  if (Error error = forEachTile(stepsOf(job, reader, tiles), progress, context, count))
    return error;
  SweptGroup swept;
  GroupPalettizer palettizer(job.settings);
  swept.palette = palettizer.palettize(histogram, weights.unit);
  swept.codes.emplace(type, swept.palette.lut.entries);
  return swept;
}

} // namespace optrun::palettize
