// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loops over the tiles of all weights: ranges where one scale is for everything, then the codes.

#include "WeightQuantizer.h"

#include "Tiling.h"

#include <memory>

using namespace llvm;

namespace optrun::quantize {
namespace {

/// Memory that is written before it is read.
template <typename T> class Scratch {
public:
  explicit Scratch(uint64_t count)
      : count(count), elements(std::make_unique_for_overwrite<T[]>(count)) {}
  MutableArrayRef<T> all() { return {elements.get(), count}; }

private:
  uint64_t count;
  std::unique_ptr<T[]> elements;
};

/// \p scales as elements of a tensor.
Expected<std::vector<uint8_t>> stored(ArrayRef<float> scales, ir::DataType type) {
  const auto *first = reinterpret_cast<const uint8_t *>(scales.data());
  std::vector<uint8_t> floats(first, first + scales.size() * sizeof(float));
  if (type == ir::DataType::Float32)
    return floats;
  Expected<ir::TensorSourceRef> narrow =
      ir::makeCastSource(ir::makeInlineSource(std::move(floats)), ir::DataType::Float32, type);
  if (!narrow)
    return narrow.takeError();
  std::vector<uint8_t> bytes((*narrow)->byteSize());
  if (Error error = (*narrow)->read(0, bytes))
    return error;
  return bytes;
}

PanelFormat formatOf(const QuantizationJob &job, uint64_t columns, unsigned bits, Coding coding) {
  PanelFormat format;
  format.matrices = job.layout.matrices;
  format.rows = job.layout.rows;
  format.columns = columns;
  format.order = job.order;
  format.bits = bits;
  format.coding = coding;
  return format;
}

PanelFormat codesOf(const QuantizationJob &job) {
  PanelFormat format = formatOf(job, job.layout.columns, job.grid.bits, job.coding);
  format.paddedColumns = job.paddedColumns();
  return format;
}

PanelFormat scalesOf(const QuantizationJob &job) {
  PanelFormat format =
      formatOf(job, job.blocks(), ir::bitWidth(job.grid.scaleType), Coding::Unsigned);
  if (format.order == Order::PaddedRows)
    format.order = Order::Rows; // whole bytes need no padding
  return format;
}

PanelFormat zeroPointsOf(const QuantizationJob &job) {
  PanelFormat format = formatOf(job, job.blocks(), job.grid.bits, job.coding);
  format.paddedColumns = job.blocks();
  return format;
}

/// One weight on its way.
class JobRun {
public:
  explicit JobRun(const QuantizationJob &job)
      : job(job), reader(job.tensor, job.layout),
        tiling(tile(job.layout, job.order, job.isPerTensor ? 1 : job.blockSize,
                    codesOf(job).perByte())),
        ranges(job.isPerTensor ? tiling.tiles.size() : 0), errors(tiling.tiles.size()) {}

  ArrayRef<WeightTile> tiles() const { return tiling.tiles; }
  bool isPerTensor() const { return job.isPerTensor; }
  uint64_t sourceBytes(const WeightTile &tile) const {
    return tile.elements() * (ir::bitWidth(job.tensor->dataType()) / 8);
  }

  uint64_t memory(const WeightTile &tile) const {
    const uint64_t scales = scalesOf(job).elementBytes() * 2 + 2 * sizeof(float) + 3;
    return tile.elements() * (sizeof(float) + 2) + blocksOf(tile) * tile.rows * scales +
           reader.bufferBytes(tile);
  }

  Error reserve(Spool &spool) {
    auto create = [&](PanelFormat format, std::optional<PanelWriter> &writer) -> Error {
      format.inWholeColumns = tiling.inWholeColumns;
      Expected<PanelWriter> created = PanelWriter::create(format, spool);
      if (created)
        writer = std::move(*created);
      return created.takeError();
    };
    if (Error error = create(codesOf(job), codes))
      return error;
    if (job.isPerTensor)
      return Error::success();
    if (Error error = create(scalesOf(job), scales))
      return error;
    return job.keepsZeroPoints ? create(zeroPointsOf(job), zeroPoints) : Error::success();
  }

  Error measure(size_t index) {
    Scratch<float> values(tiles()[index].elements());
    if (Error error = read(tiles()[index], values.all()))
      return error;
    ranges[index] = rangeOf(values.all());
    return Error::success();
  }

  void chooseOneScale() {
    Range range;
    for (const Range &each : ranges)
      range.merge(each);
    oneScale = chooseScale(job.grid, range);
    if (!errors.empty())
      errors.front() = countScale(job.grid, range, oneScale);
  }

  Error quantize(size_t index) {
    const WeightTile &tile = tiles()[index];
    Scratch<float> values(tile.elements());
    Scratch<uint8_t> tileCodes(tile.elements());
    if (Error error = read(tile, values.all()))
      return error;
    if (job.isPerTensor)
      errors[index].merge(applyScale(job.grid, oneScale, values.all(), tileCodes.all()));
    else if (Error error = quantizeRows(index, values.all(), tileCodes.all()))
      return error;
    return codes->write(tile, tileCodes.all());
  }

  Expected<QuantizedWeight> finish() {
    QuantizedWeight result;
    for (const BlockErrors &each : errors)
      result.errors.merge(each);
    if (Error error = finish(codes, result.codes))
      return error;
    if (job.isPerTensor) {
      Expected<std::vector<uint8_t>> scale = stored(oneScale.scale, job.grid.scaleType);
      if (!scale)
        return scale.takeError();
      result.scales = ir::makeInlineSource(std::move(*scale));
      uint8_t zeroCode = oneScale.zeroCode;
      packCodes(zeroCode, job.grid.bits, job.coding, zeroCode);
      if (job.keepsZeroPoints)
        result.zeroPoints = ir::makeInlineSource({zeroCode});
      return result;
    }
    if (Error error = finish(scales, result.scales))
      return error;
    if (job.keepsZeroPoints)
      if (Error error = finish(zeroPoints, result.zeroPoints))
        return error;
    return result;
  }

private:
  uint64_t blocksOf(const WeightTile &tile) const {
    return job.isPerTensor ? 0 : (tile.columns + job.blockSize - 1) / job.blockSize;
  }

  Error read(const WeightTile &tile, MutableArrayRef<float> values) const {
    WeightReader::Buffer buffer;
    return reader.read(tile, values, buffer);
  }

  Error quantizeRows(size_t index, ArrayRef<float> values, MutableArrayRef<uint8_t> tileCodes) {
    const WeightTile &tile = tiles()[index];
    const uint64_t blocks = blocksOf(tile);
    Scratch<float> tileScales(tile.rows * blocks);
    Scratch<uint8_t> tileZeros(tile.rows * blocks);
    const ArrayRef<float> importance = job.importance.empty()
                                           ? job.importance
                                           : job.importance.slice(tile.firstColumn, tile.columns);
    for (uint64_t row = 0; row != tile.rows; ++row)
      errors[index].merge(quantizeRow(job.grid, values.slice(row * tile.columns, tile.columns),
                                      job.blockSize, importance,
                                      tileCodes.slice(row * tile.columns, tile.columns),
                                      tileScales.all().slice(row * blocks, blocks),
                                      tileZeros.all().slice(row * blocks, blocks)));
    const WeightTile panel = {tile.firstRow, tile.rows, tile.firstColumn / job.blockSize, blocks};
    Expected<std::vector<uint8_t>> scaleBytes = stored(tileScales.all(), job.grid.scaleType);
    if (!scaleBytes)
      return scaleBytes.takeError();
    if (Error error = scales->write(panel, *scaleBytes))
      return error;
    return zeroPoints ? zeroPoints->write(panel, tileZeros.all()) : Error::success();
  }

  static Error finish(std::optional<PanelWriter> &writer, ir::TensorSourceRef &source) {
    if (Error error = writer->finish())
      return error;
    return writer->source().moveInto(source);
  }

  const QuantizationJob &job;
  WeightReader reader;
  Tiling tiling;
  std::vector<Range> ranges;       // of tiles, for one scale
  std::vector<BlockErrors> errors; // of tiles
  Scale oneScale;
  std::optional<PanelWriter> codes, scales, zeroPoints;
};

/// A tile of a job.
struct Step {
  JobRun *run;
  size_t tile;
};

std::vector<Step> stepsOf(MutableArrayRef<JobRun> runs, function_ref<bool(const JobRun &)> takes) {
  std::vector<Step> steps;
  for (JobRun &run : runs)
    for (size_t index = 0; takes(run) && index != run.tiles().size(); ++index)
      steps.push_back({&run, index});
  return steps;
}

Error forEachTile(ArrayRef<Step> steps, StringRef label, PassContext &context,
                  Error (JobRun::*body)(size_t)) {
  uint64_t bytes = 0;
  for (const Step &step : steps)
    bytes += step.run->sourceBytes(step.run->tiles()[step.tile]);
  std::unique_ptr<Progress> progress = context.progress(label, bytes, Progress::Unit::Bytes);
  return context.parallelFor(
      steps.size(),
      [&](size_t i) { return steps[i].run->memory(steps[i].run->tiles()[steps[i].tile]); },
      [&](size_t i) -> Error {
        const Step &step = steps[i];
        if (Error error = (step.run->*body)(step.tile))
          return error;
        progress->advance(step.run->sourceBytes(step.run->tiles()[step.tile]));
        return Error::success();
      });
}

} // namespace

uint64_t QuantizationJob::storedBytes() const {
  if (isPerTensor)
    return codesOf(*this).bytes() + ir::bitWidth(grid.scaleType) / 8 + keepsZeroPoints;
  return codesOf(*this).bytes() + scalesOf(*this).bytes() +
         (keepsZeroPoints ? zeroPointsOf(*this).bytes() : 0);
}

Expected<std::vector<QuantizedWeight>> quantizeWeights(ArrayRef<QuantizationJob> jobs,
                                                       PassContext &context) {
  std::vector<JobRun> runs;
  runs.reserve(jobs.size());
  for (const QuantizationJob &job : jobs) {
    runs.emplace_back(job);
    if (Error error = runs.back().reserve(context.spool()))
      return error;
  }
  const std::vector<Step> measured =
      stepsOf(runs, [](const auto &run) { return run.isPerTensor(); });
  if (!measured.empty()) {
    if (Error error = forEachTile(measured, "measuring weights", context, &JobRun::measure))
      return error;
    for (JobRun &run : runs)
      if (run.isPerTensor())
        run.chooseOneScale();
  }
  if (Error error = forEachTile(stepsOf(runs, [](const auto &) { return true; }),
                                "quantizing weights", context, &JobRun::quantize))
    return error;
  std::vector<QuantizedWeight> results(runs.size());
  Error error = context.parallelFor(
      runs.size(), [&](size_t i) { return runs[i].finish().moveInto(results[i]); });
  if (error)
    return error;
  return results;
}

} // namespace optrun::quantize
