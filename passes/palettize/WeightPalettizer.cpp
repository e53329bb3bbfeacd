// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Palettizes weights one by one, each as a whole.

#include "WeightPalettizer.h"

#include "kernels/IndexPacking.h"

#include "optrun/Compression/WeightReader.h"
#include "optrun/IR/FloatScalars.h"

using namespace llvm;

namespace optrun::palettize {
namespace {

void append(ir::DataType type, float value, std::vector<uint8_t> &bytes) {
  const uint16_t bits = type == ir::DataType::BFloat16 ? ir::fromFloat<ir::BFloat16>(value).bits
                                                       : ir::fromFloat<ir::Float16>(value).bits;
  bytes.push_back(static_cast<uint8_t>(bits));
  bytes.push_back(static_cast<uint8_t>(bits >> 8));
}

Expected<PalettizedWeight> palettizeWeight(const PalettizationJob &job) {
  std::vector<float> values(job.layout.elements());
  WeightReader::Buffer buffer;
  if (Error error = WeightReader(job.tensor, job.layout)
                        .read({0, job.layout.allRows(), 0, job.layout.columns}, values, buffer))
    return error;
  PalettizedWeight result;
  GroupPalettizer palettizer(job.settings);
  const LutFormat &format = job.settings.lut;
  std::vector<uint8_t> codes(values.size()), lut, lutScales, rowScales;
  std::vector<float> importance;
  for (uint64_t row = 0; row < job.layout.allRows(); row += job.rowsPerGroup) {
    const uint64_t rows = std::min(job.rowsPerGroup, job.layout.allRows() - row),
                   first = row * job.layout.columns, count = rows * job.layout.columns;
    importance.clear();
    for (uint64_t i = 0; !job.importance.empty() && i != rows; ++i)
      importance.insert(importance.end(), job.importance.begin(), job.importance.end());
    const Palette &palette =
        palettizer.palettize(ArrayRef(values).slice(first, count), job.layout.columns, importance,
                             MutableArrayRef(codes).slice(first, count));
    if (format.int8)
      for (int8_t entry : palette.lut.integers)
        lut.push_back(static_cast<uint8_t>(entry));
    else
      for (float entry : palette.lut.entries)
        append(format.type, entry, lut);
    if (format.int8)
      append(format.type, palette.lut.scale, lutScales);
    for (float scale : palette.scales)
      append(format.type, scale, rowScales);
    result.errors.merge(palette.errors);
  }
  std::vector<uint8_t> packed(packedSize(codes.size(), format.bits));
  packIndices(codes, format.bits, packed);
  result.indices = ir::makeInlineSource(std::move(packed));
  result.lut = ir::makeInlineSource(std::move(lut));
  if (format.int8)
    result.lutScales = ir::makeInlineSource(std::move(lutScales));
  if (job.settings.scaleRows)
    result.rowScales = ir::makeInlineSource(std::move(rowScales));
  return result;
}

} // namespace

uint64_t PalettizationJob::groups() const {
  return (layout.allRows() + rowsPerGroup - 1) / rowsPerGroup;
}

uint64_t PalettizationJob::storedBytes() const {
  const uint64_t entryBytes = settings.lut.int8 ? 1 : 2;
  return packedSize(layout.elements(), settings.lut.bits) +
         groups() * (settings.lut.size() * entryBytes + (settings.lut.int8 ? 2 : 0)) +
         (settings.scaleRows ? layout.allRows() * 2 : 0);
}

Expected<std::vector<PalettizedWeight>> palettizeWeights(ArrayRef<PalettizationJob> jobs,
                                                         PassContext &context) {
  std::vector<PalettizedWeight> results(jobs.size());
  if (Error error = context.parallelFor(jobs.size(), [&](size_t index) -> Error {
        return palettizeWeight(jobs[index]).moveInto(results[index]);
      }))
    return error;
  return results;
}

} // namespace optrun::palettize
