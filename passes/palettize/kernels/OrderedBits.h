// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Bits of floating-point numbers as unsigned integers of the same order.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_ORDEREDBITS_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_ORDEREDBITS_H

#include "optrun/IR/DataType.h"
#include "optrun/IR/FloatScalars.h"

namespace optrun::palettize {

template <typename Bits>
constexpr Bits SignBit = static_cast<Bits>(Bits(1) << (sizeof(Bits) * 8 - 1));

/// -0 becomes 0. Without branches: signs are hard to guess.
template <typename Bits> constexpr Bits toOrdered(Bits bits) {
  const auto negative = static_cast<Bits>(Bits(0) - (bits >> (sizeof(Bits) * 8 - 1)));
  return static_cast<Bits>((bits ^ (negative | SignBit<Bits>)) + (bits == SignBit<Bits>));
}

template <typename Bits> constexpr Bits fromOrdered(Bits ordered) {
  return static_cast<Bits>(ordered & SignBit<Bits> ? ordered ^ SignBit<Bits> : ~ordered);
}

/// The bits of positive infinity in Float16 or BFloat16: from there on nothing is finite.
constexpr uint16_t infinityBits(ir::DataType type) {
  return type == ir::DataType::Float16 ? 0x7C00 : 0x7F80;
}

constexpr bool isFinite(uint16_t bits, ir::DataType type) {
  return (bits & 0x7FFF) < infinityBits(type);
}

inline float toFloat(uint16_t bits, ir::DataType type) {
  return type == ir::DataType::Float16 ? ir::toFloat(ir::Float16{bits})
                                       : ir::toFloat(ir::BFloat16{bits});
}

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_ORDEREDBITS_H
