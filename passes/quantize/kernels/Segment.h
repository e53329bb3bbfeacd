// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A few blocks of a row on their way from values to codes: what the vector kernels work on.

#ifndef OPTRUN_PASSES_QUANTIZE_KERNELS_SEGMENT_H
#define OPTRUN_PASSES_QUANTIZE_KERNELS_SEGMENT_H

#include "BlockQuantizer.h"

#include <algorithm>

namespace optrun::quantize {

/// Blocks and, one per block, their range and what decodes them. Arrays are filled up to a multiple
/// of sixteen, with blocks of zeros.
struct Segment {
  static constexpr size_t Capacity = 64;

  llvm::ArrayRef<float> values;
  llvm::ArrayRef<float> importance; ///< empty, or one per value
  StoredValues next;                ///< what is read after this: asked for meanwhile
  uint64_t blockSize;
  size_t blockCount; ///< at most Capacity

  float least[Capacity], most[Capacity]; ///< the range of values, with 0 in it
  float scale[Capacity], zero[Capacity];

  llvm::ArrayRef<float> block(size_t index) const {
    const size_t begin = index * blockSize;
    return values.slice(begin, std::min<uint64_t>(blockSize, values.size() - begin));
  }
};

/// Sums over a segment; not finite where values are not.
struct EncodingErrors {
  double squaredError, squaredWeight;
};

/// Fills `values`, `least` and `most` from \p stored, blockCount blocks. Values that are not float
/// are widened to \p widened, one for each. False when a value is infinite, and possibly when one
/// is NaN; ranges are then of no use. True otherwise: a NaN has not counted.
bool findRanges(const StoredValues &stored, float *widened, Segment &segment);
/// Fills `scale` and `zero` by Convention::MatMulNBits.
void scaleRanges(const Grid &grid, Segment &segment);
/// Improves `scale` and `zero` by Method::Search.
void searchScales(const Grid &grid, Segment &segment);
/// Improves `scale` and `zero` by Method::Hqq.
void minimizeSmallPower(const Grid &grid, Segment &segment);
/// \p scale rounded to the stored type; finite, and with a finite reciprocal unless it is 0.
float storedScale(ir::DataType type, float scale);
/// Rounds the values by Grid::convention. \p codes: one per value.
EncodingErrors encode(const Grid &grid, const Segment &segment, uint8_t *codes);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_KERNELS_SEGMENT_H
