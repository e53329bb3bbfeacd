// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loops over the tiles of all weights: tables of groups that are swept, then all codes.

#include "WeightPalettizer.h"

#include "GroupSweep.h"
#include "PaletteStore.h"

#include "optrun/Compression/TileLoop.h"

using namespace llvm;

namespace optrun::palettize {
namespace {

/// Values that an element of 16 bits may have.
constexpr uint64_t Patterns = 0x10000;

/// Importance that is nowhere positive is none.
PalettizationJob normalized(PalettizationJob job) {
  if (none_of(job.importance, [](float weight) { return isWeight(weight) && weight > 0; }))
    job.importance = {};
  return job;
}

/// One weight on its way.
class JobRun {
public:
  explicit JobRun(const PalettizationJob &given)
      : job(normalized(given)), reader(job.tensor, job.layout), tiles(tilesOf(job)),
        errors(tiles.size()), sweeps(isSwept(job) ? job.groups() : 0) {}

  Error reserve(Spool &spool) {
    Expected<PaletteStore> created = PaletteStore::create(job, spool);
    if (created)
      store = std::move(*created);
    return created.takeError();
  }

  void addSweeps(size_t index, const PassContext &context, std::vector<TileStep> &steps) const {
    for (size_t group = 0; group != sweeps.size(); ++group)
      steps.push_back({index, group, 0, sweepMemory(job, group, context)});
  }

  void addTiles(size_t index, std::vector<TileStep> &steps) const {
    for (size_t tile = 0; tile != tiles.size(); ++tile)
      steps.push_back({index, tile, reader.storedBytes(tiles[tile]), memory(tiles[tile])});
  }

  /// That sweeps read.
  uint64_t sweptBytes() const {
    return sweeps.empty() ? 0 : job.tensor->byteSize() * mostSweeps(job);
  }

  /// Finds the table of a group that is swept.
  Error sweep(size_t index, Progress &progress, PassContext &context) {
    SweptGroup &group = sweeps[index];
    if (Error error = sweepGroup(job, index, progress, context).moveInto(group))
      return error;
    if (Error error = store->writeTables(index, group.palette.lut))
      return error;
    return writeRowScales(index * job.groupRows(), group.palette.scales);
  }

  /// Codes of a tile and, if it is whole groups, their tables.
  Error palettize(size_t index) {
    const WeightTile &tile = tiles[index];
    Scratch<uint8_t> codes(tile.elements());
    if (Error error = encode(index, codes.all()))
      return error;
    return store->writeCodes(tile.firstRow, codes.all());
  }

  Expected<PalettizedWeight> finish() {
    Expected<PalettizedWeight> weight = store->finish();
    if (!weight)
      return weight.takeError();
    for (const PaletteErrors &each : errors)
      weight->errors.merge(each);
    for (const SweptGroup &group : sweeps) {
      weight->errors.merge(group.palette.errors);
      weight->excess = std::max(weight->excess, group.excess);
    }
    return weight;
  }

private:
  uint64_t memory(const WeightTile &tile) const {
    if (!sweeps.empty())
      return tileMemory(job, reader, tile);
    const uint64_t group = job.groupRows() * tile.columns;
    return tileMemory(job, reader, tile) + group * sizeof(float) +
           GroupPalettizer::memory(group, usesBits(job) ? std::min(group, Patterns) : group);
  }

  Error writeRowScales(uint64_t firstRow, ArrayRef<float> scales) {
    return scales.empty() ? Error::success() : store->writeRowScales(firstRow, scales);
  }

  Error encode(size_t index, MutableArrayRef<uint8_t> codes) {
    if (!sweeps.empty() && !usesBits(job))
      return encodeFloats(index, codes);
    TileElements elements(job, reader);
    if (Error error = elements.read(tiles[index]))
      return error;
    if (sweeps.empty())
      return palettizeGroups(index, elements, codes);
    encodeBits(tiles[index], elements, codes);
    return Error::success();
  }

  Error palettizeGroups(size_t index, TileElements &elements, MutableArrayRef<uint8_t> codes) {
    const WeightTile &tile = tiles[index];
    const std::vector<float> importance = importanceOf(job.groupRows());
    GroupPalettizer palettizer(job.settings);
    std::vector<Lut> tables;
    std::vector<float> scales;
    for (uint64_t row = 0; row < tile.rows; row += job.groupRows()) {
      const uint64_t begin = row * tile.columns;
      const uint64_t size = std::min(job.groupRows(), tile.rows - row) * tile.columns;
      const Palette &palette =
          palettizeGroup(palettizer, elements, begin, ArrayRef(importance).take_front(size),
                         codes.slice(begin, size));
      tables.push_back(palette.lut);
      scales.insert(scales.end(), palette.scales.begin(), palette.scales.end());
      errors[index].merge(palette.errors);
    }
    if (Error error = store->writeTables(tile.firstRow / job.groupRows(), tables))
      return error;
    return writeRowScales(tile.firstRow, scales);
  }

  /// Of each element of a group of so many rows.
  std::vector<float> importanceOf(uint64_t rows) const {
    std::vector<float> all;
    for (uint64_t row = 0; row != rows && !job.importance.empty(); ++row)
      all.insert(all.end(), job.importance.begin(), job.importance.end());
    return all;
  }

  const Palette &palettizeGroup(GroupPalettizer &palettizer, TileElements &elements, uint64_t begin,
                                ArrayRef<float> importance, MutableArrayRef<uint8_t> codes) const {
    const uint64_t columns = job.layout.columns;
    if (usesBits(job))
      return palettizer.palettize(elements.bits().slice(begin, codes.size()),
                                  job.tensor->dataType(), columns, importance, codes);
    return palettizer.palettize(elements.floats().slice(begin, codes.size()), columns, importance,
                                codes);
  }

  /// By the tables of the groups, which may end within the tile.
  void encodeBits(const WeightTile &tile, TileElements &elements, MutableArrayRef<uint8_t> codes) {
    for (uint64_t row = 0; row != tile.rows; ++row) {
      const uint64_t begin = row * tile.columns;
      groupOf(tile.firstRow + row)
          .bitCodes->encode(elements.bits().slice(begin, tile.columns),
                            codes.slice(begin, tile.columns));
    }
  }

  /// The same. Errors are measured here: sweeps see no single elements.
  Error encodeFloats(size_t index, MutableArrayRef<uint8_t> codes) {
    const WeightTile &tile = tiles[index];
    const std::vector<float> scales = scalesOf(tile);
    return forEachFloatRow(job, reader, tile, scales, [&](uint64_t row, ArrayRef<float> values) {
      const SweptGroup &group = groupOf(tile.firstRow + row);
      const auto rowCodes = codes.slice(row * tile.columns, tile.columns);
      group.floatCodes->encode(values, rowCodes);
      errors[index].merge(measureRow(values, rowCodes, group.palette.lut.entries,
                                     scales.empty() ? 1 : scales[row], job.importance));
    });
  }

  const SweptGroup &groupOf(uint64_t row) const { return sweeps[row / job.groupRows()]; }

  /// Of each row, unless rows are not scaled.
  std::vector<float> scalesOf(const WeightTile &tile) const {
    std::vector<float> scales;
    if (!job.settings.scaleRows)
      return scales;
    for (uint64_t row = tile.firstRow; row != tile.firstRow + tile.rows; ++row)
      scales.push_back(groupOf(row).palette.scales[row % job.groupRows()]);
    return scales;
  }

  const PalettizationJob job;
  WeightReader reader;
  std::vector<WeightTile> tiles;
  std::vector<PaletteErrors> errors; // of tiles
  std::vector<SweptGroup> sweeps;
  std::optional<PaletteStore> store;
};

} // namespace

uint64_t PalettizationJob::groups() const {
  return layout.allRows() == 0 ? 0 : (layout.allRows() - 1) / rowsPerGroup + 1;
}

uint64_t PalettizationJob::storedBytes() const {
  const StoredSizes sizes(*this);
  return sizes.indices + sizes.lut + sizes.lutScales + sizes.rowScales;
}

Expected<std::vector<PalettizedWeight>> palettizeWeights(ArrayRef<PalettizationJob> jobs,
                                                         PassContext &context) {
  std::vector<JobRun> runs;
  runs.reserve(jobs.size());
  std::vector<TileStep> sweeps, tiles;
  uint64_t sweptBytes = 0;
  for (const PalettizationJob &job : jobs) {
    JobRun &run = runs.emplace_back(job);
    if (Error error = run.reserve(context.spool()))
      return error;
    run.addSweeps(runs.size() - 1, context, sweeps);
    run.addTiles(runs.size() - 1, tiles);
    sweptBytes += run.sweptBytes();
  }
  std::unique_ptr<Progress> progress = context.progress(
      "palettizing weights", sweptBytes + sourceBytes(tiles), Progress::Unit::Bytes);
  if (Error error = forEachTile(sweeps, *progress, context, [&](const TileStep &step) {
        return runs[step.weight].sweep(step.tile, *progress, context);
      }))
    return error;
  if (Error error = forEachTile(tiles, *progress, context, [&](const TileStep &step) {
        return runs[step.weight].palettize(step.tile);
      }))
    return error;
  std::vector<PalettizedWeight> results;
  for (JobRun &run : runs) {
    Expected<PalettizedWeight> result = run.finish();
    if (!result)
      return result.takeError();
    results.push_back(std::move(*result));
  }
  return results;
}

} // namespace optrun::palettize
