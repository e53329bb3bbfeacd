// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Element-wise differences of tensors.

#include "Compare.h"

#include "llvm/ADT/bit.h"
#include "llvm/Support/Endian.h"

#include <cmath>
#include <limits>

using namespace llvm;

namespace optrun::verify {
namespace {

constexpr double Infinity = std::numeric_limits<double>::infinity();

double decodeHalf(uint16_t bits) {
  double sign = bits & 0x8000 ? -1 : 1;
  int exponent = (bits >> 10) & 0x1F;
  double fraction = (bits & 0x3FF) / 1024.0;
  if (exponent == 0)
    return sign * std::ldexp(fraction, -14);
  if (exponent == 0x1F)
    return fraction == 0 ? sign * Infinity : std::numeric_limits<double>::quiet_NaN();
  return sign * std::ldexp(1 + fraction, exponent - 15);
}

/// Elements as they lie in memory, and what they are as numbers.
template <typename Stored> struct Whole {
  using Raw = Stored;
  static double decode(Raw raw) { return static_cast<double>(raw); }
  /// Neighbours beyond 2^53 are the same double, and yet differ.
  static double distance(Raw a, Raw b) {
    return a == b ? 0 : std::max(1.0, std::fabs(decode(a) - decode(b)));
  }
};
template <typename Stored, double (*Decode)(Stored)> struct Floating {
  using Raw = Stored;
  static double decode(Raw raw) { return Decode(raw); }
  static double distance(Raw rawA, Raw rawB) {
    double a = decode(rawA), b = decode(rawB);
    if (a == b || (std::isnan(a) && std::isnan(b)))
      return 0;
    double distance = std::fabs(a - b);
    return std::isnan(distance) ? Infinity : distance;
  }
};
double decodeSingle(uint32_t bits) { return llvm::bit_cast<float>(bits); }
double decodeDouble(uint64_t bits) { return llvm::bit_cast<double>(bits); }
double decodeBrainFloat(uint16_t bits) { return llvm::bit_cast<float>(uint32_t(bits) << 16); }
using Single = Floating<uint32_t, decodeSingle>;
using Double = Floating<uint64_t, decodeDouble>;
using Half = Floating<uint16_t, decodeHalf>;
using BrainFloat = Floating<uint16_t, decodeBrainFloat>;

template <typename Element>
void measure(const TensorView &expected, const TensorView &actual, Difference &difference) {
  using Raw = typename Element::Raw;
  double largest = 0;
  for (size_t at = 0; at + sizeof(Raw) <= expected.bytes.size(); at += sizeof(Raw)) {
    auto read = [at](const TensorView &view) {
      return support::endian::read<Raw, llvm::endianness::little>(view.bytes.data() + at);
    };
    Raw a = read(expected), b = read(actual);
    if (std::isfinite(Element::decode(a)))
      largest = std::max(largest, std::fabs(Element::decode(a)));
    difference.maxAbsolute = std::max(difference.maxAbsolute, Element::distance(a, b));
  }
  if (difference.maxAbsolute > 0)
    difference.maxRelative = largest > 0 ? difference.maxAbsolute / largest : Infinity;
}

} // namespace

Difference compareTensors(const TensorView &expected, const TensorView &actual) {
  Difference difference;
  if (expected.type != actual.type || expected.dims != actual.dims ||
      expected.bytes.size() != actual.bytes.size()) {
    difference.comparable = false;
    difference.maxAbsolute = difference.maxRelative = Infinity;
    return difference;
  }
  difference.bitEqual = expected.bytes == actual.bytes;
  if (difference.bitEqual)
    return difference;
  switch (expected.type) {
  case ir::DataType::Float32:
    measure<Single>(expected, actual, difference);
    break;
  case ir::DataType::Float64:
    measure<Double>(expected, actual, difference);
    break;
  case ir::DataType::Float16:
    measure<Half>(expected, actual, difference);
    break;
  case ir::DataType::BFloat16:
    measure<BrainFloat>(expected, actual, difference);
    break;
  case ir::DataType::Int64:
    measure<Whole<int64_t>>(expected, actual, difference);
    break;
  case ir::DataType::Int32:
    measure<Whole<int32_t>>(expected, actual, difference);
    break;
  case ir::DataType::Int16:
    measure<Whole<int16_t>>(expected, actual, difference);
    break;
  case ir::DataType::Int8:
    measure<Whole<int8_t>>(expected, actual, difference);
    break;
  case ir::DataType::UInt64:
    measure<Whole<uint64_t>>(expected, actual, difference);
    break;
  case ir::DataType::UInt32:
    measure<Whole<uint32_t>>(expected, actual, difference);
    break;
  case ir::DataType::UInt16:
    measure<Whole<uint16_t>>(expected, actual, difference);
    break;
  case ir::DataType::Bool:
  case ir::DataType::UInt8:
    measure<Whole<uint8_t>>(expected, actual, difference);
    break;
  default:
    // Types that are no numbers to us are equal in their bits or differ.
    difference.maxAbsolute = difference.maxRelative = Infinity;
  }
  return difference;
}

} // namespace optrun::verify
