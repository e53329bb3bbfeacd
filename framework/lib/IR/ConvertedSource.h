// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that converts blocks of bytes one by one when read: elements of another type,
/// blocks of quantized numbers.

#ifndef OPTRUN_LIB_IR_CONVERTEDSOURCE_H
#define OPTRUN_LIB_IR_CONVERTEDSOURCE_H

#include "FloatConversion.h"

#include "optrun/IR/TensorSource.h"

namespace optrun::ir {

struct BlockConversion {
  /// The most that a block becomes: 256 floats.
  static constexpr uint64_t MaxResultBytes = 256 * sizeof(float);

  uint64_t sourceBytes = 0;   ///< of a block
  uint64_t resultBytes = 0;   ///< of what it becomes; at most MaxResultBytes
  uint64_t blocksPerRead = 0; ///< that are read at once, at most
  ConvertFunction convert = nullptr;
};

/// \p source holds whole blocks, and the bytes that they become can be counted: the caller has
/// checked both.
TensorSourceRef makeConvertedSource(TensorSourceRef source, const BlockConversion &conversion);

} // namespace optrun::ir

#endif // OPTRUN_LIB_IR_CONVERTEDSOURCE_H
