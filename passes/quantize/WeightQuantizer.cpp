// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loops over the tiles of all weights, a few rows at a time: ranges where one scale is for
/// everything, then the codes.

#include "WeightQuantizer.h"

#include "PanelWriter.h"
#include "Tiling.h"

#include "optrun/Compression/TileLoop.h"
#include "optrun/Support/Scratch.h"

#include <memory>

using namespace llvm;

namespace optrun::quantize {
namespace {

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

/// What some rows become: a byte for each code, a scale and a zero code for each block.
struct Rows {
  Rows(uint64_t elements, uint64_t blocks) : codes(elements), scales(blocks), zeroCodes(blocks) {}
  static uint64_t memory(uint64_t elements, uint64_t blocks) {
    return elements + blocks * (2 * sizeof(float) + 1 + sizeof(float)); // scales thrice: stored()
  }

  Scratch<uint8_t> codes;
  Scratch<float> scales;
  Scratch<uint8_t> zeroCodes;
};

/// One weight on its way.
class JobRun {
public:
  JobRun(const QuantizationJob &job, uint64_t memoryBudget)
      : job(job), reader(job.tensor, job.layout),
        tiling(tile(job.layout, job.order, job.isPerTensor ? 1 : job.blockSize,
                    job.codeFormat().perByte(), memoryBudget)),
        ranges(job.isPerTensor ? tiling.tiles.size() : 0), errors(tiling.tiles.size()) {}

  ArrayRef<WeightTile> tiles() const { return tiling.tiles; }
  bool isPerTensor() const { return job.isPerTensor; }
  uint64_t sourceBytes(const WeightTile &tile) const { return reader.storedBytes(tile); }

  uint64_t memory(const WeightTile &tile) const {
    const WeightTile read = reader.rowsOf(tile, 0);
    uint64_t bytes = reader.storedBufferBytes(read) + Panel::memory(format(codes), tile) +
                     Rows::memory(read.elements(), read.rows * blocksOf(tile));
    if (scales)
      bytes += Panel::memory(format(scales), blockTile(tile));
    if (zeroPoints)
      bytes += Panel::memory(format(zeroPoints), blockTile(tile));
    return bytes;
  }

  Error reserve(Spool &spool) {
    auto create = [&](PanelFormat format, std::optional<PanelWriter> &writer) -> Error {
      format.inWholeColumns = tiling.inWholeColumns;
      Expected<PanelWriter> created = PanelWriter::create(format, spool);
      if (created)
        writer = std::move(*created);
      return created.takeError();
    };
    if (Error error = create(job.codeFormat(), codes))
      return error;
    if (job.isPerTensor)
      return Error::success();
    if (Error error = create(job.scaleFormat(), scales))
      return error;
    return job.keepsZeroPoints ? create(job.zeroPointFormat(), zeroPoints) : Error::success();
  }

  Error measure(size_t index) {
    return forEachRows(tiles()[index], [&](const WeightTile &, StoredValues values) {
      ranges[index].merge(rangeOf(values));
      return Error::success();
    });
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
    return job.isPerTensor ? quantizeByOneScale(index) : quantizeByBlocks(index);
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

  /// The place of a tile's blocks among all blocks.
  WeightTile blockTile(const WeightTile &tile) const {
    return {tile.firstRow, tile.rows, tile.firstColumn / job.blockSize, blocksOf(tile)};
  }

  static const PanelFormat &format(const std::optional<PanelWriter> &writer) {
    return writer->panelFormat();
  }

  Error forEachRows(const WeightTile &tile,
                    function_ref<Error(const WeightTile &, StoredValues)> body) const {
    WeightReader::Buffer buffer;
    return reader.forEachRows(tile, buffer, body);
  }

  Error quantizeByOneScale(size_t index) {
    const WeightTile &tile = tiles()[index];
    Panel panel(format(codes), tile);
    Scratch<uint8_t> rowCodes(reader.rowsOf(tile, 0).elements());
    Error error = forEachRows(tile, [&](const WeightTile &rows, StoredValues values) {
      const auto some = rowCodes.all().take_front(rows.elements());
      errors[index].merge(applyScale(job.grid, oneScale, values, some));
      panel.add(some);
      return Error::success();
    });
    return error ? std::move(error) : codes->write(tile, panel);
  }

  Error quantizeByBlocks(size_t index) {
    const WeightTile &tile = tiles()[index], blocks = blockTile(tile);
    Panel codePanel(format(codes), tile), scalePanel(format(scales), blocks);
    std::optional<Panel> zeroPanel;
    if (zeroPoints)
      zeroPanel.emplace(format(zeroPoints), blocks);
    const WeightTile most = reader.rowsOf(tile, 0);
    Rows scratch(most.elements(), most.rows * blocks.columns);
    Error error = forEachRows(tile, [&](const WeightTile &rows, StoredValues values) -> Error {
      const uint64_t count = rows.rows * blocks.columns;
      const auto rowCodes = scratch.codes.all().take_front(rows.elements());
      const auto rowScales = scratch.scales.all().take_front(count);
      const auto rowZeros = scratch.zeroCodes.all().take_front(count);
      errors[index].merge(quantizeRows(job.grid, values, tile.columns, job.blockSize,
                                       importanceOf(tile), rowCodes, rowScales, rowZeros));
      Expected<std::vector<uint8_t>> scaleBytes = stored(rowScales, job.grid.scaleType);
      if (!scaleBytes)
        return scaleBytes.takeError();
      codePanel.add(rowCodes);
      scalePanel.add(*scaleBytes);
      if (zeroPanel)
        zeroPanel->add(rowZeros);
      return Error::success();
    });
    if (error)
      return error;
    if (Error failed = codes->write(tile, codePanel))
      return failed;
    if (Error failed = scales->write(blocks, scalePanel))
      return failed;
    return zeroPanel ? zeroPoints->write(blocks, *zeroPanel) : Error::success();
  }

  ArrayRef<float> importanceOf(const WeightTile &tile) const {
    return job.importance.empty() ? job.importance
                                  : job.importance.slice(tile.firstColumn, tile.columns);
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

std::vector<TileStep> stepsOf(ArrayRef<JobRun> runs, function_ref<bool(const JobRun &)> takes) {
  std::vector<TileStep> steps;
  for (size_t weight = 0; weight != runs.size(); ++weight)
    for (size_t index = 0; takes(runs[weight]) && index != runs[weight].tiles().size(); ++index) {
      const WeightTile &tile = runs[weight].tiles()[index];
      steps.push_back({weight, index, runs[weight].sourceBytes(tile), runs[weight].memory(tile)});
    }
  return steps;
}

Error forEachTileOf(MutableArrayRef<JobRun> runs, ArrayRef<TileStep> steps, StringRef label,
                    PassContext &context, Error (JobRun::*body)(size_t)) {
  const std::unique_ptr<Progress> progress =
      context.progress(label, sourceBytes(steps), Progress::Unit::Bytes);
  return forEachTile(steps, *progress, context,
                     [&](const TileStep &step) { return (runs[step.weight].*body)(step.tile); });
}

} // namespace

Expected<std::vector<QuantizedWeight>> quantizeWeights(ArrayRef<QuantizationJob> jobs,
                                                       PassContext &context) {
  std::vector<JobRun> runs;
  runs.reserve(jobs.size());
  for (const QuantizationJob &job : jobs) {
    runs.emplace_back(job, context.memoryBudget());
    if (Error error = runs.back().reserve(context.spool()))
      return error;
  }
  const std::vector<TileStep> measured =
      stepsOf(runs, [](const auto &run) { return run.isPerTensor(); });
  if (!measured.empty()) {
    if (Error error = forEachTileOf(runs, measured, "measuring weights", context, &JobRun::measure))
      return error;
    for (JobRun &run : runs)
      if (run.isPerTensor())
        run.chooseOneScale();
  }
  const std::vector<TileStep> all = stepsOf(runs, [](const auto &) { return true; });
  if (Error error = forEachTileOf(runs, all, "quantizing weights", context, &JobRun::quantize))
    return error;
  std::vector<QuantizedWeight> results(runs.size());
  Error error = context.parallelFor(
      runs.size(), [&](size_t i) { return runs[i].finish().moveInto(results[i]); });
  if (error)
    return error;
  return results;
}

} // namespace optrun::quantize
