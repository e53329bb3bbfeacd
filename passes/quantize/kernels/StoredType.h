// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What numbers a scale can be in the type that stores it.

#ifndef OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDTYPE_H
#define OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDTYPE_H

#include "optrun/IR/FloatScalars.h"

namespace optrun::quantize {

/// Positive numbers of a type.
struct StoredLimits {
  float largest; ///< finite
  float smallestNormal;
  float leastInvertible; ///< whose reciprocal is finite in float32
};

/// \p type is Float16, BFloat16 or Float32.
constexpr StoredLimits limitsOf(ir::DataType type) {
  switch (type) {
  case ir::DataType::Float16:
    return {ir::largestFinite(type), 0x1p-14F, 0x1p-24F};
  case ir::DataType::BFloat16:
    return {ir::largestFinite(type), 0x1p-126F, 0x1.08p-128F};
  default:
    return {ir::largestFinite(type), 0x1p-126F, 0x1.000008p-128F};
  }
}

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_KERNELS_STOREDTYPE_H
