// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Weights rounded to small integers: pure functions over rows of values.
///
/// A value is (code - zero code) * scale. Codes are unsigned, 0 .. 2^bits - 1, whatever the type
/// that stores them: the signed integer of a code is code - 2^(bits - 1).
///
/// No code of finite values of the scales' type decodes to infinity: where the nearest one would,
/// next to the largest of them, the scale is smaller than the formulas below say.
///
/// Results are the same, bit by bit, on every processor and at any number of threads.

#ifndef OPTRUN_PASSES_QUANTIZE_KERNELS_BLOCKQUANTIZER_H
#define OPTRUN_PASSES_QUANTIZE_KERNELS_BLOCKQUANTIZER_H

#include "optrun/Compression/StoredValues.h"

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace optrun::quantize {

/// How the scale and the zero point of a block are found.
enum class Method {
  Rtn,    ///< from the block's range: round to nearest
  Search, ///< the best of several, by weighted squared error; never worse than Rtn
  Hqq,    ///< least sum of |error|^0.7, by half-quadratic splitting: few large errors may stay
};

/// Whose range and rounding Method::Rtn follows, to the bit.
enum class Convention {
  /// ONNX Runtime's quantizer for MatMulNBits (MlasBlockwiseQuantizer), at 2, 4 and 8 bits.
  /// Symmetric: the value of largest magnitude gets code 0 and so the scale its opposite sign;
  /// scale = -value / 2^(bits-1). Asymmetric: the range, with 0 in it, over 2^bits - 1 steps.
  /// Halves round away from 0.
  MatMulNBits,
  /// ONNX Runtime's quantize_static and quantize_dynamic (QuantizeLinear). Symmetric: ± the
  /// largest magnitude, over the integers -127 .. 127 where they are signed and have 8 bits, over
  /// all of them otherwise. Values are divided by the scale; halves round to even. A block whose
  /// scale would be below float32's normal numbers has scale 1 and only zeros. Other than there,
  /// scales that are subnormal in float16 are kept, rounded up.
  QuantizeLinear,
};

/// The integers that weights are rounded to, and the type that scales are stored in.
struct Grid {
  unsigned bits = 4;     ///< 2, 4 or 8
  bool isSigned = true;  ///< changes results by Convention::QuantizeLinear only
  bool symmetric = true; ///< the zero code is 2^(bits - 1)
  ir::DataType scaleType = ir::DataType::Float16; ///< Float16, BFloat16 or Float32
  Method method = Method::Rtn;
  Convention convention = Convention::MatMulNBits;
};

/// How far decoded values are from the original ones. Merged in a fixed order, sums are the same
/// whatever the number of threads.
struct BlockErrors {
  double squaredError = 0;  ///< sum of (value - decoded)^2, never weighted by importance
  double squaredWeight = 0; ///< sum of value^2
  uint64_t zeroBlocks = 0;  ///< blocks of nothing but zeros: they decode to exactly 0
  /// Blocks whose scale should be below the normal numbers of its stored type: their values lost
  /// precision, or all became 0.
  uint64_t subnormalScales = 0;
  uint64_t clampedScales = 0;   ///< scales beyond the largest finite number of the stored type
  uint64_t nonFiniteValues = 0; ///< values that are infinite or NaN; taken for 0

  void merge(const BlockErrors &other);
};

/// Quantizes rows of \p columns values, contiguous along the contraction axis, in blocks of
/// \p blockSize (> 0); the last block of a row may be shorter, as if padded with zeros.
///
/// \param importance  empty, or one weight >= 0 per column for squared errors in it, whose sum over
///                    the block Method::Search minimizes; the other methods do not use it. Empty,
///                    each value has (rms + |value|)^2, with the rms of its block: the square of
///                    what llama.cpp's make_qkx2_quants takes. With equal weights search clips the
///                    largest values, which models mind more than the sum of squares says; with
///                    powers of |value| alone, what happens to most values, near zero, would not
///                    count. docs/quantization-quality.md has what each does to a model.
/// \param codes       one per value
/// \param scales      one per block, rounded to Grid::scaleType; may be negative
/// \param zeroCodes   one per block
BlockErrors quantizeRows(const Grid &grid, StoredValues values, uint64_t columns,
                         uint64_t blockSize, llvm::ArrayRef<float> importance,
                         llvm::MutableArrayRef<uint8_t> codes, llvm::MutableArrayRef<float> scales,
                         llvm::MutableArrayRef<uint8_t> zeroCodes);

// One scale for more than a row, by Method::Rtn: first the range of all rows, then the scale, then
// the codes of each row.

/// The least and the largest finite value, and 0.
struct Range {
  float min = 0, max = 0;

  void merge(const Range &other);
};

Range rangeOf(StoredValues values);

struct Scale {
  float scale = 0; ///< rounded to Grid::scaleType
  uint8_t zeroCode = 0;
};

Scale chooseScale(const Grid &grid, const Range &range);

/// Counts what applyScale() does not: the block, and its scale.
BlockErrors countScale(const Grid &grid, const Range &range, const Scale &scale);

/// Counts errors and values, not blocks or scales. \p codes: one per value.
BlockErrors applyScale(const Grid &grid, const Scale &scale, StoredValues values,
                       llvm::MutableArrayRef<uint8_t> codes);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_KERNELS_BLOCKQUANTIZER_H
