// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Numbers of 16 and 32 bits: their limits, and conversions without branches, which the compiler
/// turns into vector code.
///
/// Every conversion goes through float, which holds float16 and bfloat16 exactly. Only double to a
/// 16-bit type would round twice that way; rounding to odd in the first step prevents it (Boldo and
/// Melquiond, "Emulation of FMA and correctly rounded sums", 2008: two extra bits suffice).

#ifndef OPTRUN_IR_FLOATSCALARS_H
#define OPTRUN_IR_FLOATSCALARS_H

#include "optrun/IR/DataType.h"

#include <bit>
#include <cstdint>

static_assert(std::endian::native == std::endian::little,
              "tensor data is little-endian; a big-endian host needs swaps here");

namespace optrun::ir {

struct Float16 {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

/// The largest finite number of \p type: Float16, BFloat16 or Float32.
constexpr float largestFinite(DataType type) {
  switch (type) {
  case DataType::Float16:
    return 0x1.ffcp+15F;
  case DataType::BFloat16:
    return 0x1.fep+127F;
  default:
    return 0x1.fffffep+127F;
  }
}

/// \p yes where \p condition holds, else \p no. By masks: a conditional expression becomes a
/// branch, around which the compiler does not vectorize.
inline uint32_t select(bool condition, uint32_t yes, uint32_t no) {
  uint32_t mask = 0u - static_cast<uint32_t>(condition);
  return (yes & mask) | (no & ~mask);
}

inline float toFloat(float value) { return value; }

inline float toFloat(BFloat16 value) {
  return std::bit_cast<float>(static_cast<uint32_t>(value.bits) << 16);
}

inline float toFloat(Float16 value) {
  constexpr uint32_t ExponentMask = 0x7c00u << 13;
  uint32_t magnitude = (value.bits & 0x7fffu) << 13;
  uint32_t exponent = magnitude & ExponentMask;
  uint32_t normal = magnitude + ((127u - 15u) << 23);
  uint32_t special = normal + ((128u - 16u) << 23); // infinity and NaN
  // Subnormals: give them an exponent, then subtract what it added.
  uint32_t subnormal =
      std::bit_cast<uint32_t>(std::bit_cast<float>(normal + (1u << 23)) - 0x1p-14f);
  uint32_t bits = select(exponent == ExponentMask, special, normal);
  bits = select(exponent == 0, subnormal, bits);
  return std::bit_cast<float>(bits | (value.bits & 0x8000u) << 16);
}

/// The float nearest to \p value whose last bit is 1 unless the conversion is exact.
inline float roundToOdd(double value) {
  float nearest = static_cast<float>(value);
  double back = nearest;
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  bool wentUp = __builtin_fabs(back) > __builtin_fabs(value);
  bool wentDown = __builtin_fabs(back) < __builtin_fabs(value);
  uint32_t even = ~bits & 1;
  bits -= even & static_cast<uint32_t>(wentUp);
  bits += even & static_cast<uint32_t>(wentDown);
  return std::bit_cast<float>(bits);
}

template <typename To> To fromFloat(float value);

template <> inline float fromFloat<float>(float value) { return value; }
template <> inline double fromFloat<double>(float value) { return value; }

template <> inline BFloat16 fromFloat<BFloat16>(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t rounded = (bits + 0x7fffu + ((bits >> 16) & 1)) >> 16;
  uint32_t quietNaN = (bits >> 16) | 0x40u;
  bool isNaN = (bits & 0x7fffffffu) > 0x7f800000u;
  return {static_cast<uint16_t>(isNaN ? quietNaN : rounded)};
}

template <> inline Float16 fromFloat<Float16>(float value) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  uint32_t sign = (bits >> 16) & 0x8000u;
  uint32_t magnitude = bits & 0x7fffffffu;
  // Normal results: rebias the exponent and round to nearest even; a carry may reach infinity.
  uint32_t odd = (magnitude >> 13) & 1;
  uint32_t normal = (magnitude - ((127u - 15u) << 23) + 0xfffu + odd) >> 13;
  // Subnormal results: adding one half lets the adder shift and round.
  uint32_t subnormal = std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) -
                       std::bit_cast<uint32_t>(0.5f);
  uint32_t quietNaN = 0x7e00u | ((magnitude >> 13) & 0x3ffu);
  uint32_t result = select(magnitude < (113u << 23), subnormal, normal);
  result = select(magnitude >= (143u << 23), 0x7c00u, result);
  result = select(magnitude > 0x7f800000u, quietNaN, result);
  return {static_cast<uint16_t>(sign | result)};
}

template <typename To, typename From> inline To convertOne(From value) {
  return fromFloat<To>(toFloat(value));
}
template <> inline float convertOne<float, double>(double value) {
  return static_cast<float>(value);
}
template <> inline double convertOne<double, double>(double value) { return value; }
template <> inline Float16 convertOne<Float16, double>(double value) {
  return fromFloat<Float16>(roundToOdd(value));
}
template <> inline BFloat16 convertOne<BFloat16, double>(double value) {
  return fromFloat<BFloat16>(roundToOdd(value));
}

} // namespace optrun::ir

#endif // OPTRUN_IR_FLOATSCALARS_H
