// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the graph of a decoder shall be like.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_DECODEROPTIONS_H
#define OPTRUN_PASSES_CAPTURE_DECODER_DECODEROPTIONS_H

#include "optrun/IR/DataType.h"

namespace optrun::decoder {

struct DecoderOptions {
  enum class Precision {
    Keep,    ///< weights as they are stored, where operators take them; computed in 32 bits
    Float32, ///< weights stored and computed in 32 bits
    Float16, ///< weights stored and computed in 16 bits
  };

  Precision precision = Precision::Keep;
  /// 21: plain operators. 23: RMSNormalization, RotaryEmbedding and Attention where they compute
  /// the same.
  int64_t opset = 21;
  /// Takes the keys and values of earlier tokens, and gives those of all.
  bool withCache = true;

  ir::DataType computeType() const {
    return precision == Precision::Float16 ? ir::DataType::Float16 : ir::DataType::Float32;
  }
  bool usesFusedOperators() const { return opset >= 23; }
};

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_DECODEROPTIONS_H
