// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How one weight is to be quantized, as recipes say it.

#ifndef OPTRUN_PASSES_QUANTIZE_WEIGHTSETTINGS_H
#define OPTRUN_PASSES_QUANTIZE_WEIGHTSETTINGS_H

#include "WeightQuantizer.h"

namespace optrun::quantize {

enum class Mode { Symmetric, Asymmetric };
enum class Granularity { PerTensor, PerChannel, PerBlock };

struct WeightSettings {
  ir::DataType dtype = ir::DataType::Int8; ///< Int8, UInt8, Int4, UInt4, Int2, UInt2
  Mode mode = Mode::Symmetric;
  Granularity granularity = Granularity::PerChannel;
  uint64_t blockSize = 32; ///< for PerBlock
  Method method = Method::Rtn;

  unsigned bits() const { return ir::bitWidth(dtype); }
  bool isSigned() const {
    return dtype == ir::DataType::Int8 || dtype == ir::DataType::Int4 ||
           dtype == ir::DataType::Int2;
  }
  /// "int4, symmetric, blocks of 32"
  std::string describe() const;
};

/// A job without order and coding. Scales are stored in half precision when the weight is.
QuantizationJob jobFor(const Weight &weight, const WeightSettings &settings);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_WEIGHTSETTINGS_H
