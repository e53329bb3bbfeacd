// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Scalar conversions without branches, which the compiler turns into vector code.
///
/// Everything goes through float, which holds float16 and bfloat16 exactly. Only double to a 16-bit
/// type would round twice that way; rounding to odd in the first step prevents it (Boldo and
/// Melquiond, "Emulation of FMA and correctly rounded sums", 2008: two extra bits suffice).

#include "FloatConversion.h"

#include <bit>
#include <cstring>

static_assert(std::endian::native == std::endian::little,
              "tensor data is little-endian; a big-endian host needs swaps here");

namespace optrun::ir {
namespace {

struct Float16 {
  uint16_t bits;
};
struct BFloat16 {
  uint16_t bits;
};

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
  uint32_t bits = exponent == ExponentMask ? special : normal;
  bits = exponent == 0 ? subnormal : bits;
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
  uint32_t result = magnitude < (113u << 23) ? subnormal : normal;
  result = magnitude >= (143u << 23) ? 0x7c00u : result;
  result = magnitude > 0x7f800000u ? quietNaN : result;
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

template <typename From, typename To>
void convertArray(const uint8_t *__restrict in, uint8_t *__restrict out, size_t count) {
  for (size_t i = 0; i != count; ++i) {
    From element;
    std::memcpy(&element, in + i * sizeof(From), sizeof(From));
    To converted = convertOne<To>(element);
    std::memcpy(out + i * sizeof(To), &converted, sizeof(To));
  }
}

template <typename From> ConvertFunction conversionFrom(DataType to) {
  switch (to) {
  case DataType::Float16:
    return convertArray<From, Float16>;
  case DataType::BFloat16:
    return convertArray<From, BFloat16>;
  case DataType::Float32:
    return convertArray<From, float>;
  case DataType::Float64:
    return convertArray<From, double>;
  default:
    return nullptr;
  }
}

} // namespace

ConvertFunction floatConversion(DataType from, DataType to) {
  switch (from) {
  case DataType::Float16:
    return conversionFrom<Float16>(to);
  case DataType::BFloat16:
    return conversionFrom<BFloat16>(to);
  case DataType::Float32:
    return conversionFrom<float>(to);
  case DataType::Float64:
    return conversionFrom<double>(to);
  default:
    return nullptr;
  }
}

} // namespace optrun::ir
