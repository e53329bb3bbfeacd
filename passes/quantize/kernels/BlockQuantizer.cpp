// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Block quantization, one value at a time.

#include "BlockQuantizer.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>

namespace optrun::quantize {
namespace {

struct StoredType {
  float largest;        ///< finite number
  float smallestNormal; ///< positive number
};

StoredType storedType(ir::DataType type) {
  switch (type) {
  case ir::DataType::Float16:
    return {0x1.ffcp+15f, 0x1p-14f};
  case ir::DataType::BFloat16:
    return {0x1.fep+127f, 0x1p-126f};
  default:
    return {0x1.fffffep+127f, 0x1p-126f};
  }
}

float roundBits(float value, unsigned dropped) {
  uint32_t bits = std::bit_cast<uint32_t>(value);
  const uint32_t half = 1U << (dropped - 1), even = bits >> dropped & 1;
  bits += half - 1 + even;
  return std::bit_cast<float>(bits & ~((1U << dropped) - 1));
}

float stored(float value, ir::DataType type) {
  const StoredType limits = storedType(type);
  value = std::clamp(value, -limits.largest, limits.largest);
  if (type == ir::DataType::BFloat16)
    return roundBits(value, 16);
  if (type != ir::DataType::Float16)
    return value;
  constexpr float Shift = 0.75F; // the last bit of its sums is 2^-24, as of float16's subnormals
  if (std::fabs(value) < limits.smallestNormal)
    return std::copysign((value + Shift) - Shift, value);
  return roundBits(value, 13);
}

float finiteOrZero(float value) { return std::isfinite(value) ? value : 0; }

struct Steps {
  int64_t least, largest, middle;
};

/// The integers that Convention::QuantizeLinear spreads a range over.
Steps linearSteps(const Grid &grid) {
  const int64_t all = 1 << grid.bits, middle = all / 2;
  if (!grid.isSigned)
    return {0, all - 1, middle};
  return {grid.symmetric && grid.bits == 8 ? 1 - middle : -middle, middle - 1, 0};
}

Scale linearScale(const Grid &grid, Range range) {
  const Steps steps = linearSteps(grid);
  if (grid.symmetric) {
    range.max = std::max(-range.min, range.max);
    range.min = -range.max;
  }
  const int64_t lowest = grid.isSigned ? -(1 << (grid.bits - 1)) : 0;
  const double scale = (static_cast<double>(range.max) - range.min) /
                       static_cast<double>(steps.largest - steps.least);
  double zero = static_cast<double>(steps.middle);
  if (scale < storedType(grid.scaleType).smallestNormal)
    return {1, static_cast<uint8_t>(-lowest)};
  if (!grid.symmetric)
    zero = std::nearbyint(static_cast<double>(steps.least) - range.min / scale);
  return {stored(static_cast<float>(scale), grid.scaleType),
          static_cast<uint8_t>(zero - static_cast<double>(lowest))};
}

Scale blockScale(const Grid &grid, const Range &range) {
  const float last = static_cast<float>((1 << grid.bits) - 1);
  if (grid.symmetric) {
    const float extreme = std::fabs(range.max) > std::fabs(range.min) ? range.max : range.min;
    const float middle = static_cast<float>(1 << (grid.bits - 1));
    return {stored(extreme / -middle, grid.scaleType), static_cast<uint8_t>(middle)};
  }
  const float scale = (range.max - range.min) / last;
  const float zero = scale == 0 ? 0 : std::clamp(0 - range.min / scale, 0.F, last);
  return {stored(scale, grid.scaleType), static_cast<uint8_t>(std::round(zero))};
}

uint8_t codeOf(const Grid &grid, const Scale &scale, float value) {
  const float last = static_cast<float>((1 << grid.bits) - 1);
  const float zero = scale.zeroCode;
  if (grid.convention == Convention::QuantizeLinear)
    return static_cast<uint8_t>(
        std::clamp(std::nearbyint(value / scale.scale) + zero, 0.F, last));
  const float reciprocal = scale.scale == 0 ? 0 : 1 / scale.scale;
  return static_cast<uint8_t>(std::round(std::clamp(value * reciprocal + zero, 0.F, last)));
}

} // namespace

void BlockErrors::merge(const BlockErrors &other) {
  squaredError += other.squaredError;
  squaredWeight += other.squaredWeight;
  largestError = std::max(largestError, other.largestError);
  zeroBlocks += other.zeroBlocks;
  subnormalScales += other.subnormalScales;
  clampedScales += other.clampedScales;
  nonFiniteValues += other.nonFiniteValues;
}

void Range::merge(const Range &other) {
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

Range rangeOf(llvm::ArrayRef<float> values) {
  Range range;
  for (float value : values)
    range.merge({finiteOrZero(value), finiteOrZero(value)});
  return range;
}

Scale chooseScale(const Grid &grid, const Range &range) {
  return grid.convention == Convention::QuantizeLinear ? linearScale(grid, range)
                                                       : blockScale(grid, range);
}

BlockErrors applyScale(const Grid &grid, const Scale &scale, llvm::ArrayRef<float> values,
                       llvm::MutableArrayRef<uint8_t> codes) {
  assert(codes.size() == values.size());
  BlockErrors errors;
  for (size_t i = 0; i != values.size(); ++i) {
    const float value = finiteOrZero(values[i]);
    errors.nonFiniteValues += !std::isfinite(values[i]);
    codes[i] = codeOf(grid, scale, value);
    const double decoded = static_cast<double>(codes[i] - scale.zeroCode) * scale.scale;
    const double error = value - decoded;
    errors.squaredError += error * error;
    errors.squaredWeight += static_cast<double>(value) * value;
    errors.largestError = std::max(errors.largestError, static_cast<float>(std::fabs(error)));
  }
  return errors;
}

BlockErrors quantizeRow(const Grid &grid, llvm::ArrayRef<float> values, uint64_t blockSize,
                        llvm::ArrayRef<float> /*importance*/,
                        llvm::MutableArrayRef<uint8_t> codes, llvm::MutableArrayRef<float> scales,
                        llvm::MutableArrayRef<uint8_t> zeroCodes) {
  BlockErrors errors;
  for (size_t begin = 0, block = 0; begin < values.size(); begin += blockSize, ++block) {
    const size_t size = std::min<uint64_t>(blockSize, values.size() - begin);
    const Range range = rangeOf(values.slice(begin, size));
    const Scale scale = chooseScale(grid, range);
    errors.merge(applyScale(grid, scale, values.slice(begin, size), codes.slice(begin, size)));
    scales[block] = scale.scale;
    zeroCodes[block] = scale.zeroCode;
    errors.zeroBlocks += range.min == 0 && range.max == 0;
  }
  return errors;
}

} // namespace optrun::quantize
