// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Scales as they will be stored, and Method::Rtn's formulas for them: sixteen blocks at once.

// NOLINTNEXTLINE(llvm-header-guard)
#if defined(OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDSCALE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDSCALE_INL_H
#undef OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDSCALE_INL_H
#else
#define OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDSCALE_INL_H
#endif

#include "BlockQuantizer.h"
#include "Lanes-inl.h"
#include "StoredType.h"

#include <limits>

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {

/// Rounds to the stored type; scales beyond its range become its largest number.
HWY_INLINE Floats rounded(ir::DataType type, const Floats &scales) {
  const Floats largest = all(limitsOf(type).largest);
  const Floats inRange = max(min(scales, largest), negated(largest));
  if (type == ir::DataType::BFloat16)
    return roundedBits<16>(inRange);
  if (type == ir::DataType::Float32)
    return inRange;
  // The last bit of a sum with 0.75 is 2^-24, as of float16's subnormal numbers.
  const Floats magnitude = abs(inRange), shift = all(0.75F);
  const Floats subnormal = withSignOf((magnitude + shift) - shift, inRange);
  return select(magnitude < all(limitsOf(type).smallestNormal), subnormal,
                roundedBits<13>(inRange));
}

/// A scale other than 0 has a finite reciprocal.
HWY_INLINE Floats storedScales(ir::DataType type, const Floats &scales) {
  const Floats nearest = rounded(type, scales);
  const Floats kept = withSignOf(max(abs(nearest), all(limitsOf(type).leastInvertible)), nearest);
  return select(nearest == all(0), nearest, kept);
}

/// What decodes the codes of sixteen blocks.
struct Decodings {
  Floats scale, zero;
};

HWY_INLINE Decodings symmetricDecodings(const Grid &grid, const Floats &least, const Floats &most) {
  const Floats middle = all(static_cast<float>(1 << (grid.bits - 1)));
  const Floats extreme = select(abs(least) < abs(most), most, least);
  return {storedScales(grid.scaleType, extreme / negated(middle)), middle};
}

HWY_INLINE Decodings asymmetricDecodings(const Grid &grid, const Floats &least,
                                         const Floats &most) {
  const Floats last = all(static_cast<float>((1 << grid.bits) - 1)), none = all(0);
  const Floats range = most - least, infinity = all(std::numeric_limits<float>::infinity());
  const Floats scale = select(range == infinity, most / last - least / last, range / last);
  const Floats zero = select(scale == none, none, none - least / scale);
  return {storedScales(grid.scaleType, scale), roundedHalfUp(min(max(zero, none), last))};
}

} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif // OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDSCALE_INL_H
