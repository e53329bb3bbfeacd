// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sums over tiles: a histogram of 16-bit elements, or bins of floats until these are fine enough.

#include "GroupSweep.h"

#include "kernels/BinnedKMeans.h"

#include "optrun/Compression/TileLoop.h"

#include <cmath>
#include <mutex>

using namespace llvm;

namespace optrun::palettize {
namespace {

/// Sums for each thread at work, merged in the end: they are the same in any order.
template <typename Sums> class PartialSums {
public:
  explicit PartialSums(Sums empty) : empty(std::move(empty)) {}

  Error add(function_ref<Error(Sums &)> body) {
    Sums sums = take();
    Error error = body(sums);
    std::lock_guard lock(mutex);
    free.push_back(std::move(sums));
    return error;
  }

  Sums merged() {
    Sums all = take();
    for (const Sums &each : free)
      all.merge(each);
    return all;
  }

private:
  Sums take() {
    std::lock_guard lock(mutex);
    return free.empty() ? empty : free.pop_back_val();
  }

  const Sums empty;
  std::mutex mutex;
  SmallVector<Sums, 0> free;
};

uint64_t sumBytes(const PalettizationJob &job) {
  return usesBits(job) ? BitHistogram::memory(!job.importance.empty())
                       : BinSums::memory(2 * BinnedKMeans::mostBins(job.settings.lut.size()));
}

/// To read tiles and to sum them up.
std::vector<TileStep> stepsOf(const PalettizationJob &job, const WeightReader &reader,
                              ArrayRef<WeightTile> tiles) {
  std::vector<TileStep> steps;
  for (size_t index = 0; index != tiles.size(); ++index)
    steps.push_back({0, index, reader.storedBytes(tiles[index]),
                     tileMemory(job, reader, tiles[index]) + sumBytes(job)});
  return steps;
}

/// One group.
class Sweeper {
public:
  Sweeper(const PalettizationJob &job, uint64_t group, Progress &progress, PassContext &context)
      : job(job), tiles(tilesOfGroup(job, group)), reader(job.tensor, job.layout),
        weightOfColumns(job.importance), progress(progress), context(context) {}

  Error countBits(SweptGroup &result) {
    const ir::DataType type = job.tensor->dataType();
    PartialSums<BitHistogram> sums{BitHistogram(type)};
    const auto add = [&](const WeightTile &tile) -> Error {
      TileElements elements(job, reader);
      if (Error error = elements.read(tile))
        return error;
      return sums.add([&](BitHistogram &histogram) {
        for (uint64_t row = 0; row != tile.rows; ++row)
          histogram.add(elements.bits().slice(row * tile.columns, tile.columns),
                        weightOfColumns.values);
        return Error::success();
      });
    };
    if (Error error = sweep(tiles, add))
      return error;
    GroupPalettizer palettizer(job.settings);
    result.palette = palettizer.palettize(sums.merged(), weightOfColumns.unit);
    result.bitCodes.emplace(type, result.palette.lut.entries);
    return Error::success();
  }

  Error findScales(std::vector<float> &scales) {
    scales.resize(tiles.back().firstRow + tiles.back().rows - tiles.front().firstRow);
    return sweep(tiles, [&](const WeightTile &tile) {
      return forEachFloatRow(job, reader, tile, {}, [&](uint64_t row, ArrayRef<float> values) {
        scales[rowInGroup(tile, row)] = scaleOf(values, job.settings.lut.type);
      });
    });
  }

  /// By the scaled values, if there are \p scales. Sums of rows are added up in their order.
  Error findMagnitudes(ArrayRef<float> scales) {
    struct Row {
      double squares = 0, count = 0, largest = 0;
    };
    std::vector<Row> rows(tiles.back().firstRow + tiles.back().rows - tiles.front().firstRow);
    const auto measure = [&](const WeightTile &tile) {
      return forEachFloatRow(job, reader, tile, scalesOf(tile, scales),
                             [&](uint64_t row, ArrayRef<float> values) {
                               Row &sums = rows[rowInGroup(tile, row)];
                               for (const double value : values)
                                 if (std::isfinite(value)) {
                                   sums.squares += value * value;
                                   sums.count += 1;
                                   sums.largest = std::max(sums.largest, std::abs(value));
                                 }
                             });
    };
    if (Error error = sweep(tiles, measure))
      return error;
    Row all;
    for (const Row &row : rows) {
      all.squares += row.squares;
      all.count += row.count;
      all.largest = std::max(all.largest, row.largest);
    }
    magnitude = MagnitudeWeight(all.squares, all.count, all.largest);
    return Error::success();
  }

  Error clusterFloats(SweptGroup &result) {
    std::vector<float> &scales = result.palette.scales;
    if (job.settings.scaleRows)
      if (Error error = findScales(scales))
        return error;
    if (job.settings.weighByMagnitude)
      if (Error error = findMagnitudes(scales))
        return error;
    if (job.importance.empty() && job.settings.weighByMagnitude)
      weightOfColumns = WholeWeights(std::vector<float>(job.layout.columns, 1));
    BinnedKMeans kMeans(job.settings.method, job.settings.lut.size());
    std::vector<WeightTile> swept = sampleOf(tiles);
    for (bool isMissing = true; isMissing; swept = tiles) {
      PartialSums<BinSums> sums{BinSums(kMeans.bins())};
      if (Error error = sumBins(swept, scales, sums))
        return error;
      isMissing = kMeans.take(sums.merged());
    }
    result.palette.lut = makeLut(job.settings.lut, kMeans.centers());
    result.floatCodes.emplace(result.palette.lut.entries);
    result.excess = kMeans.excess();
    return Error::success();
  }

  /// Of mostSweeps(), what was not needed.
  uint64_t bytesLeft() const {
    return mostSweeps(job) * sourceBytes(stepsOf(job, reader, tiles)) - sweptBytes;
  }

private:
  uint64_t rowInGroup(const WeightTile &tile, uint64_t row) const {
    return tile.firstRow + row - tiles.front().firstRow;
  }

  ArrayRef<float> scalesOf(const WeightTile &tile, ArrayRef<float> scales) const {
    return scales.empty() ? scales : scales.slice(rowInGroup(tile, 0), tile.rows);
  }

  Error sumBins(ArrayRef<WeightTile> swept, ArrayRef<float> scales, PartialSums<BinSums> &sums) {
    const float largest = scales.empty() ? 1 : *std::max_element(scales.begin(), scales.end());
    return sweep(swept, [&](const WeightTile &tile) {
      const ArrayRef<float> own = scalesOf(tile, scales);
      return sums.add([&](BinSums &bins) {
        return forEachFloatRow(job, reader, tile, own, [&](uint64_t row, ArrayRef<float> values) {
          addRow(bins, values, own.empty() ? 1 : static_cast<double>(own[row]) / largest);
        });
      });
    });
  }

  /// \p ratio: of the row's scale to the largest one.
  void addRow(BinSums &bins, ArrayRef<float> values, double ratio) const {
    const auto share = static_cast<uint64_t>(std::nearbyint(ratio * ratio * BinSums::WholeShare));
    if (!job.importance.empty() || job.settings.weighByMagnitude)
      bins.add(values, weightOfColumns.values, share, magnitude);
    else if (job.settings.scaleRows)
      bins.add(values, share);
    else
      bins.count(values);
  }

  Error sweep(ArrayRef<WeightTile> swept, function_ref<Error(const WeightTile &)> body) {
    const std::vector<TileStep> steps = stepsOf(job, reader, swept);
    sweptBytes += sourceBytes(steps);
    return forEachTile(steps, progress, context,
                       [&](const TileStep &step) { return body(swept[step.tile]); });
  }

  const PalettizationJob &job;
  std::vector<WeightTile> tiles;
  WeightReader reader;
  WholeWeights weightOfColumns;
  MagnitudeWeight magnitude;
  Progress &progress;
  PassContext &context;
  uint64_t sweptBytes = 0;
};

} // namespace

unsigned mostSweeps(const PalettizationJob &job) {
  return usesBits(job) ? 1
                       : BinnedKMeans::mostSweeps(job.settings.method) + job.settings.scaleRows +
                             job.settings.weighByMagnitude;
}

uint64_t sweepMemory(const PalettizationJob &job, uint64_t group, const PassContext &context) {
  const WeightReader reader(job.tensor, job.layout);
  const std::vector<TileStep> steps = stepsOf(job, reader, tilesOfGroup(job, group));
  const uint64_t atWork = std::min<uint64_t>(context.threads(), steps.size());
  return steps.front().memory * atWork + 2 * sumBytes(job) +
         (usesBits(job) ? GroupPalettizer::memory(0, 0x10000)
                        : BinnedKMeans::memory(job.settings.lut.size()));
}

Expected<SweptGroup> sweepGroup(const PalettizationJob &job, uint64_t group, Progress &progress,
                                PassContext &context) {
  SweptGroup result;
  Sweeper sweeper(job, group, progress, context);
  if (Error error = usesBits(job) ? sweeper.countBits(result) : sweeper.clusterFloats(result))
    return error;
  progress.advance(sweeper.bytesLeft());
  return result;
}

} // namespace optrun::palettize
