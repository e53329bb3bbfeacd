// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Method::Hqq: scales and zero points with a small sum of |error|^0.7, which counts a few large
/// errors less than squares do.
///
/// After Badri and Shaji, "Half-Quadratic Quantization of Large Machine Learning Models" (2023):
/// errors are split into large ones, found by a shrinkage operator, and the rest, which is then
/// minimized in closed form. Two things differ. There only the zero point moves, and stays a
/// float; an integer would move the ends of the grid, but no weight nearer to it, so that here the
/// scale moves too, and what is stored decides. There errors are in units of the weights; here in
/// steps of the scale, so that the result does not depend on that unit.

#include "Segment.h"

// Compiled once per instruction set: what is below, and the headers that end in -inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/HalfQuadratic.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "Lanes-inl.h"
#include "Tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {
namespace {

// The paper's constants.
constexpr int Iterations = 20;
constexpr float FirstBeta = 10, BetaGrowth = 1.01F;

/// x^-0.3 for x > 0 to about 2^-12; that of 2^-20 below it, and of 2^20 above.
///
/// The bits of a float are nearly its logarithm; Newton's method then solves x^3 y^10 = 1.
HWY_INLINE Floats powerOf(const Floats &numbers) {
  const Floats x = min(max(numbers, all(0x1p-20F)), all(0x1p20F));
  constexpr float LogOfOne = 127 * 0x1p23F, Balance = -0.045F * 0x1p23F;
  Floats y = fromBits(all(1.3F * LogOfOne + Balance) - all(0.3F) * bitsOf(x));
  const Floats cube = x * x * x;
  for (int i = 0; i != 2; ++i) {
    const Floats square = y * y, fourth = square * square;
    y = y * (all(1.1F) - all(0.1F) * (cube * (fourth * fourth * square)));
  }
  return y;
}

/// The sum of |error|^0.7 over a block.
HWY_NOINLINE Floats lossOf(const Tile &tile, const Trial &trial) {
  const Floats reciprocal = all(1) / trial.scale;
  Floats losses = all(0);
  for (size_t i = 0; i != tile.steps(); ++i) {
    const Floats steps = tile.value(i) * reciprocal;
    const Floats error = abs(steps - decodedSteps(tile, steps, trial.zero));
    losses = losses + tile.weight(i) * (error * powerOf(error));
  }
  const Floats scale = abs(trial.scale);
  return tile.total(losses) * (scale * powerOf(scale));
}

/// The loss of a scale that became 0.
HWY_INLINE Floats lossOfZeros(const Tile &tile) {
  Floats losses = all(0);
  for (size_t i = 0; i != tile.steps(); ++i) {
    const Floats error = abs(tile.value(i));
    losses = losses + tile.weight(i) * (error * powerOf(error));
  }
  return tile.total(losses);
}

/// The scale and the zero point, a float, that leave the least squares of what is not a large
/// error.
HWY_NOINLINE Trial improved(const Tile &tile, const Trial &trial, const Floats &count, float beta,
                            bool movesZero) {
  const Floats reciprocal = all(1) / trial.scale, threshold = all(1 / beta);
  Floats codes = all(0), squares = all(0), targets = all(0), products = all(0);
  for (size_t i = 0; i != tile.steps(); ++i) {
    const Floats steps = tile.value(i) * reciprocal, weight = tile.weight(i);
    const Floats code = decodedSteps(tile, steps, trial.zero);
    const Floats error = steps - code, magnitude = abs(error);
    const Floats shrunk = max(magnitude - threshold * powerOf(magnitude), all(0));
    const Floats target = (steps - withSignOf(shrunk, error)) * weight, weighted = code * weight;
    codes = codes + weighted;
    squares = squares + weighted * code;
    targets = targets + target;
    products = products + target * code;
  }
  codes = tile.total(codes);
  squares = tile.total(squares);
  targets = tile.total(targets);
  products = tile.total(products);
  const Floats move = movesZero ? (codes - targets) / count : all(0);
  const Floats movedSquares = squares - move * (all(2) * codes - count * move);
  const Floats ratio = (products - move * targets) / movedSquares;
  const Mask isUsable = all(0) < ratio; // false for NaN
  return {select(isUsable, trial.scale * ratio, trial.scale), trial.zero + move};
}

HWY_INLINE Trial minimize(const Grid &grid, const Tile &tile) {
  Trial best = tile.start;
  Floats loss = select(best.scale == all(0), lossOfZeros(tile), lossOf(tile, best));
  Floats count = all(0);
  for (size_t i = 0; i != tile.steps(); ++i)
    count = count + tile.weight(i);
  count = max(tile.total(count), all(1));

  Trial trial = {tile.storable(best.scale), best.zero};
  float beta = FirstBeta;
  for (int i = 0; i != Iterations; ++i, beta *= BetaGrowth) {
    trial = improved(tile, trial, count, beta, !grid.symmetric);
    const Trial stored = {tile.storable(trial.scale),
                          roundedHalfUp(min(max(trial.zero, all(0)), tile.last))};
    const Floats storedLoss = lossOf(tile, stored);
    const Mask isBetter = storedLoss < loss;
    best.scale = select(isBetter, stored.scale, best.scale);
    best.zero = select(isBetter, stored.zero, best.zero);
    loss = select(isBetter, storedLoss, loss);
  }
  return best;
}

void minimizeSmallPower(const Grid &grid, Segment &segment) {
  Tile tile(grid, segment);
  for (size_t block = 0; block < segment.blockCount; block += tile.blocks()) {
    tile.load(block);
    tile.save(minimize(grid, tile), block, segment);
  }
}

} // namespace
} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::quantize {

HWY_EXPORT(minimizeSmallPower);

void minimizeSmallPower(const Grid &grid, Segment &segment) {
  HWY_DYNAMIC_DISPATCH(minimizeSmallPower)(grid, segment);
}

} // namespace optrun::quantize
#endif
