// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From what recipes say to what is computed.

#include "WeightSettings.h"

namespace optrun::quantize {

std::string WeightSettings::describe() const {
  std::string text = ir::dataTypeName(dtype).str();
  if (mode == Mode::Asymmetric)
    text += ", asymmetric";
  switch (granularity) {
  case Granularity::PerTensor:
    return text + ", per tensor";
  case Granularity::PerChannel:
    return text + ", per channel";
  case Granularity::PerBlock:
    break;
  }
  return text + ", blocks of " + std::to_string(blockSize);
}

QuantizationJob jobFor(const Weight &weight, const WeightSettings &settings) {
  QuantizationJob job;
  job.tensor = weight.tensor;
  job.layout = weight.layout;
  job.grid.bits = settings.bits();
  job.grid.isSigned = settings.isSigned();
  job.grid.symmetric = settings.mode == Mode::Symmetric;
  job.grid.scaleType = weight.tensor->dataType() == ir::DataType::Float32 ? ir::DataType::Float32
                                                                          : ir::DataType::Float16;
  job.grid.method = settings.method;
  // Whole channels in 8 bits are what runtimes multiply as integers; they expect the zero of
  // QuantizeLinear. Elsewhere the convention of blocks is closer to the values.
  const bool isBlockwise = settings.granularity == Granularity::PerBlock;
  job.grid.convention =
      job.grid.bits == 8 && !isBlockwise ? Convention::QuantizeLinear : Convention::MatMulNBits;
  job.isPerTensor = settings.granularity == Granularity::PerTensor;
  job.blockSize = isBlockwise ? settings.blockSize : weight.layout.columns;
  return job;
}

} // namespace optrun::quantize
