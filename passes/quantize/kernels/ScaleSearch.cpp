// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Method::Search: of many scales and zero points, those with the least weighted squared error.
///
/// After llama.cpp's make_qx_quants and make_qkx2_quants (ggml-quants.c), which try a range of
/// scales and replace each by the one that is best for its codes (weighted least squares). Unlike
/// those, this rounds zero points before it measures, decides by the error of what is stored, and
/// tries ranges wide enough for blocks of thousands of values.

#include "Segment.h"

// Compiled once per instruction set: what is below, and the headers that end in -inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/ScaleSearch.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "Lanes-inl.h"
#include "Tile-inl.h"

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {
namespace {

/// The best scale for the codes that a trial gives, and by how much the weighted sum of squares is
/// then smaller than without any codes.
struct Fit {
  Floats scale, gain;
};

HWY_NOINLINE Fit fit(const Tile &tile, const Trial &trial) {
  const Floats reciprocal = all(1) / trial.scale;
  Floats products = all(0), squares = all(0);
  for (size_t i = 0; i != tile.steps(); ++i) {
    const Floats value = tile.value(i);
    const Floats code = decodedSteps(tile, value * reciprocal, trial.zero);
    const Floats weighted = tile.weight(i) * code;
    products = products + weighted * value;
    squares = squares + weighted * code;
  }
  products = tile.total(products);
  squares = tile.total(squares);
  const Floats scale = products / squares;
  const Mask isFit = all(0) < squares;
  return {select(isFit, scale, trial.scale), select(isFit, scale * products, all(0))};
}

HWY_NOINLINE Floats errorOf(const Tile &tile, const Trial &trial) {
  const Floats reciprocal = all(1) / trial.scale;
  Floats errors = all(0);
  for (size_t i = 0; i != tile.steps(); ++i) {
    const Floats steps = tile.value(i) * reciprocal;
    const Floats error = steps - decodedSteps(tile, steps, trial.zero);
    errors = errors + tile.weight(i) * (error * error);
  }
  return tile.total(errors) * (trial.scale * trial.scale);
}

/// The best trial so far, and its error.
struct Best {
  Trial trial;
  Floats error, noise;

  HWY_INLINE explicit Best(const Tile &tile) : trial(tile.start) {
    Floats squares = all(0); // the error of a scale that became 0
    for (size_t i = 0; i != tile.steps(); ++i)
      squares = squares + tile.weight(i) * (tile.value(i) * tile.value(i));
    squares = tile.total(squares);
    error = select(trial.scale == all(0), squares, errorOf(tile, trial));
    // Steps are values times a rounded reciprocal: exact values seem wrong by their last bits.
    noise = squares * all(0x1p-42F);
  }

  HWY_INLINE void take(const Tile &tile, const Trial &other) {
    const Trial stored = {tile.storable(other.scale), other.zero};
    const Floats otherError = errorOf(tile, stored);
    // By more than float32 sums may be wrong.
    const Mask isBetter = otherError < error * all(0x1.fff8p-1F) - noise;
    trial.scale = select(isBetter, stored.scale, trial.scale);
    trial.zero = select(isBetter, stored.zero, trial.zero);
    error = select(isBetter, otherError, error);
  }
};

/// The trial whose codes fit best, each with its own best scale.
struct Candidate {
  Trial trial;
  Floats gain;

  HWY_INLINE explicit Candidate(const Trial &start) : trial(start), gain(all(0)) {}

  HWY_INLINE void take(const Tile &tile, const Trial &other) {
    const Fit fitted = fit(tile, other);
    const Mask isBetter = gain < fitted.gain;
    trial.scale = select(isBetter, fitted.scale, trial.scale);
    trial.zero = select(isBetter, other.zero, trial.zero);
    gain = select(isBetter, fitted.gain, gain);
  }
};

constexpr int ScanCount = 16;

/// Where codes are symmetric: many scales of either sign. One end of the codes is one step farther
/// from zero than the other, so that signs differ.
HWY_INLINE Candidate scanScales(const Tile &tile) {
  Candidate candidate(tile.start);
  float factor = 0.3F;
  for (int i = 0; i != ScanCount; ++i, factor *= 1.089F) { // to 1.08
    const Floats scale = tile.start.scale * all(factor);
    candidate.take(tile, {scale, tile.start.zero});
    candidate.take(tile, {negated(scale), tile.start.zero});
  }
  return candidate;
}

/// The range of values that codes reach.
struct Window {
  Floats lower, upper;

  HWY_INLINE Trial trial(const Tile &tile) const {
    const Floats least = all(0x1p-100F); // not 0, in blocks of zeros
    const Floats scale = max((upper - lower) / tile.last, least);
    return {scale, roundedHalfUp(min(max(negated(lower / scale), all(0)), tile.last))};
  }
};

/// Moves the ends of the window towards zero while that makes the error smaller.
HWY_INLINE Window shrunkWindow(const Tile &tile, Floats error) {
  Window window = {tile.lower, tile.upper};
  for (const float factor : {0.75F, 0.75F, 0.9F, 0.9F}) {
    const Floats lower = window.lower * all(factor);
    const Floats lowerError = errorOf(tile, Window{lower, window.upper}.trial(tile));
    window.lower = select(lowerError < error, lower, window.lower);
    error = min(lowerError, error);
    const Floats upper = window.upper * all(factor);
    const Floats upperError = errorOf(tile, Window{window.lower, upper}.trial(tile));
    window.upper = select(upperError < error, upper, window.upper);
    error = min(upperError, error);
  }
  return window;
}

/// Where codes are not symmetric: windows around the one that shrinking ends with.
HWY_INLINE Candidate scanWindows(const Tile &tile, const Floats &error) {
  const Window window = shrunkWindow(tile, error);
  const Floats middle = (window.lower + window.upper) * all(0.5F);
  const Floats half = (window.upper - window.lower) * all(0.5F);
  Candidate candidate(tile.start);
  float factor = 0.8F;
  for (int i = 0; i != ScanCount; ++i, factor *= 1.0245F) { // to 1.15
    const Floats reach = half * all(factor);
    candidate.take(tile, Window{middle - reach, middle + reach}.trial(tile));
  }
  return candidate;
}

HWY_INLINE void takeFitted(const Tile &tile, Best &best, const Trial &trial) {
  best.take(tile, {fit(tile, trial).scale, trial.zero});
}

HWY_INLINE Trial search(const Grid &grid, const Tile &tile) {
  Best best(tile);
  best.take(tile, grid.symmetric ? scanScales(tile).trial : scanWindows(tile, best.error).trial);
  for (int round = 0; round != 2; ++round) {
    takeFitted(tile, best, best.trial);
    if (grid.symmetric)
      continue;
    const Floats zero = best.trial.zero;
    takeFitted(tile, best, {best.trial.scale, min(zero + all(1), tile.last)});
    takeFitted(tile, best, {best.trial.scale, max(zero - all(1), all(0))});
  }
  return best.trial;
}

void searchScales(const Grid &grid, Segment &segment) {
  Tile tile(grid, segment);
  for (size_t block = 0; block < segment.blockCount; block += tile.blocks()) {
    tile.load(block);
    tile.save(search(grid, tile), block, segment);
  }
}

} // namespace
} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::quantize {

HWY_EXPORT(searchScales);

void searchScales(const Grid &grid, Segment &segment) {
  HWY_DYNAMIC_DISPATCH(searchScales)(grid, segment);
}

} // namespace optrun::quantize
#endif
