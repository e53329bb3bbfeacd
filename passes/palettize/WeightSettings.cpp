// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From what recipes say to what is computed.

#include "WeightSettings.h"

namespace optrun::palettize {
namespace {

std::string describeGranularity(const WeightSettings &settings) {
  switch (settings.granularity) {
  case Granularity::PerTensor:
    return "per tensor";
  case Granularity::PerGroupedChannel:
    return "groups of " + std::to_string(settings.groupSize);
  case Granularity::PerChannel:
    return "per channel";
  }
  llvm_unreachable("all granularities are listed");
}

uint64_t rowsPerGroup(const MatrixLayout &layout, const WeightSettings &settings) {
  switch (settings.granularity) {
  case Granularity::PerTensor:
    return layout.allRows();
  case Granularity::PerGroupedChannel:
    return std::min(settings.groupSize, layout.allRows());
  case Granularity::PerChannel:
    return 1;
  }
  llvm_unreachable("all granularities are listed");
}

} // namespace

std::string WeightSettings::describe() const {
  return std::to_string(bits) + (bits == 1 ? " bit, " : " bits, ") + describeGranularity(*this) +
         (lutDtype == LutDtype::Int8 ? ", int8 tables" : "") +
         (perChannelScale ? ", scaled channels" : "");
}

PalettizationJob jobFor(const Weight &weight, const WeightSettings &settings) {
  PalettizationJob job;
  job.tensor = weight.tensor;
  job.layout = weight.layout;
  job.settings.method = settings.method;
  job.settings.lut.bits = settings.bits;
  job.settings.lut.type = weight.tensor->dataType() == ir::DataType::BFloat16
                              ? ir::DataType::BFloat16
                              : ir::DataType::Float16;
  job.settings.lut.int8 = settings.lutDtype == LutDtype::Int8;
  job.settings.scaleRows = settings.perChannelScale;
  job.rowsPerGroup = rowsPerGroup(weight.layout, settings);
  return job;
}

} // namespace optrun::palettize
