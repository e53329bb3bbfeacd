// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The formulas of BlockQuantizer.h with loops, branches and the C library.

#include "PlainQuantizer.h"

#include "llvm/ADT/APFloat.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace llvm;

namespace optrun::quantize {
namespace {

const fltSemantics &semanticsOf(ir::DataType type) {
  switch (type) {
  case ir::DataType::Float16:
    return APFloat::IEEEhalf();
  case ir::DataType::BFloat16:
    return APFloat::BFloat();
  default:
    return APFloat::IEEEsingle();
  }
}

float numberOf(APFloat value) {
  bool loses;
  value.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven, &loses);
  return value.convertToFloat();
}

float finiteOrZero(float value) { return std::isfinite(value) ? value : 0; }

Scale plainLinearScale(const Grid &grid, float least, float most) {
  const int count = 1 << grid.bits, lowest = grid.isSigned ? -count / 2 : 0;
  int first = lowest;
  if (grid.symmetric) {
    first += grid.isSigned && grid.bits == 8;
    most = std::max(-least, most);
    least = -most;
  }
  const int last = lowest + count - 1;
  const double scale = (static_cast<double>(most) - least) / (last - first);
  if (scale < std::numeric_limits<float>::min())
    return {1, static_cast<uint8_t>(-lowest)};
  const double zero =
      grid.symmetric ? (grid.isSigned ? 0 : count / 2) : std::nearbyint(first - least / scale);
  float stored = storedAs(grid.scaleType, static_cast<float>(scale));
  if (stored < scale &&
      scale < numberOf(APFloat::getSmallestNormalized(semanticsOf(grid.scaleType))))
    stored += numberOf(APFloat::getSmallest(semanticsOf(grid.scaleType)));
  return {stored, static_cast<uint8_t>(zero - lowest)};
}

Scale plainBlockScale(const Grid &grid, float least, float most) {
  const float last = static_cast<float>((1 << grid.bits) - 1);
  if (grid.symmetric) {
    const int middle = 1 << (grid.bits - 1);
    const float extreme = std::fabs(most) > std::fabs(least) ? most : least;
    return {storedAs(grid.scaleType, extreme / static_cast<float>(-middle)),
            static_cast<uint8_t>(middle)};
  }
  const float range = most - least; // infinite from the two ends of float32
  const float scale = std::isinf(range) ? most / last - least / last : range / last;
  const float zero = scale == 0 ? 0 : std::clamp(0 - least / scale, 0.F, last);
  return {storedAs(grid.scaleType, scale), static_cast<uint8_t>(std::round(zero))};
}

uint8_t plainCode(const Grid &grid, const Scale &scale, float value) {
  const float last = static_cast<float>((1 << grid.bits) - 1), zero = scale.zeroCode;
  if (grid.convention == Convention::QuantizeLinear)
    return static_cast<uint8_t>(std::clamp(std::nearbyint(value / scale.scale) + zero, 0.F, last));
  const float reciprocal = scale.scale == 0 ? 0 : 1 / scale.scale;
  return static_cast<uint8_t>(std::clamp(std::round(value * reciprocal + zero), 0.F, last));
}

/// \p scale, or a smaller one where a value of \p block would decode to infinity.
Scale withFiniteCodes(const Grid &grid, Scale scale, ArrayRef<float> block) {
  const double largest = numberOf(APFloat::getLargest(semanticsOf(grid.scaleType)));
  const double zero = scale.zeroCode, last = (1 << grid.bits) - 1;
  bool isInRange = true, isFinite = true;
  for (float value : block) {
    const double steps = plainCode(grid, scale, finiteOrZero(value)) - zero;
    isInRange &= std::fabs(finiteOrZero(value)) <= largest;
    isFinite &= std::fabs(steps * scale.scale) <= largest;
  }
  if (isInRange && !isFinite)
    scale.scale = storedAs(grid.scaleType,
                           static_cast<float>(std::copysign(
                               largest / std::max(zero, last - zero) * (1 - 0x1p-8), scale.scale)));
  return scale;
}

} // namespace

float storedAs(ir::DataType type, float value) {
  APFloat stored(value);
  bool loses;
  stored.convert(semanticsOf(type), APFloat::rmNearestTiesToEven, &loses);
  if (stored.isInfinity())
    stored = APFloat::getLargest(semanticsOf(type), stored.isNegative());
  if (!stored.isZero() && std::isinf(1 / numberOf(stored))) {
    APFloat least(0x1p-128F); // has no reciprocal; the next larger number has
    least.convert(semanticsOf(type), APFloat::rmNearestTiesToEven, &loses);
    least.next(/*nextDown=*/false);
    stored = APFloat::copySign(least, stored);
  }
  return numberOf(stored);
}

QuantizedRow quantizedRow(const Grid &grid, ArrayRef<float> values, uint64_t blockSize,
                          ArrayRef<float> importance) {
  QuantizedRow row;
  const uint64_t blocks = (values.size() + blockSize - 1) / blockSize;
  row.codes.resize(values.size());
  row.scales.resize(blocks);
  row.zeroCodes.resize(blocks);
  row.errors = quantizeRows(grid, values, values.size(), blockSize, importance, row.codes,
                            row.scales, row.zeroCodes);
  return row;
}

QuantizedRow plainlyQuantizedRow(const Grid &grid, ArrayRef<float> values, uint64_t blockSize) {
  QuantizedRow row;
  for (ArrayRef<float> rest = values; !rest.empty();) {
    const ArrayRef<float> block = rest.take_front(blockSize);
    rest = rest.drop_front(block.size());
    float least = 0, most = 0;
    for (float value : block) {
      least = std::min(least, finiteOrZero(value));
      most = std::max(most, finiteOrZero(value));
      row.errors.nonFiniteValues += !std::isfinite(value);
    }
    const Scale scale = withFiniteCodes(grid,
                                        grid.convention == Convention::QuantizeLinear
                                            ? plainLinearScale(grid, least, most)
                                            : plainBlockScale(grid, least, most),
                                        block);
    row.errors.zeroBlocks += least == 0 && most == 0;
    row.scales.push_back(scale.scale);
    row.zeroCodes.push_back(scale.zeroCode);
    for (float value : block) {
      value = finiteOrZero(value);
      row.codes.push_back(plainCode(grid, scale, value));
      const double error =
          value - (row.codes.back() - static_cast<double>(scale.zeroCode)) * scale.scale;
      row.errors.squaredError += error * error;
      row.errors.squaredWeight += static_cast<double>(value) * value;
    }
  }
  return row;
}

std::vector<double> decoded(const QuantizedRow &row, uint64_t blockSize) {
  std::vector<double> values;
  for (size_t i = 0; i != row.codes.size(); ++i)
    values.push_back((row.codes[i] - static_cast<double>(row.zeroCodes[i / blockSize])) *
                     row.scales[i / blockSize]);
  return values;
}

double squaredError(ArrayRef<float> values, const QuantizedRow &row, uint64_t blockSize,
                    ArrayRef<float> importance) {
  const std::vector<double> results = decoded(row, blockSize);
  double sum = 0;
  for (size_t i = 0; i != values.size(); ++i) {
    const double error = values[i] - results[i];
    sum += error * error * (importance.empty() ? 1 : importance[i]);
  }
  return sum;
}

} // namespace optrun::quantize
