// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Blocks laid out for methods that go over their values many times: sixteen short blocks, one in
/// each lane, or one long block over all lanes. Formulas are the same; only sums differ.

// NOLINTNEXTLINE(llvm-header-guard)
#if defined(OPTRUN_PASSES_QUANTIZE_KERNELS_TILE_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef OPTRUN_PASSES_QUANTIZE_KERNELS_TILE_INL_H
#undef OPTRUN_PASSES_QUANTIZE_KERNELS_TILE_INL_H
#else
#define OPTRUN_PASSES_QUANTIZE_KERNELS_TILE_INL_H
#endif

#include "Lanes-inl.h"
#include "Segment.h"
#include "StoredScale-inl.h"

#include <cmath>
#include <vector>

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {

/// What decodes the codes of the block in each lane.
struct Trial {
  Floats scale, zero;
};

/// Values and what belongs to them in units of the block: a power of two near its largest
/// magnitude, so that squares stay in float32.
class Tile {
public:
  HWY_INLINE Tile(const Grid &grid, const Segment &segment)
      : scaleType(grid.scaleType), last(all(static_cast<float>((1 << grid.bits) - 1))),
        method(grid.method), isOneBlock(segment.blockSize >= LongBlock), segment(segment),
        stepCount(isOneBlock ? (segment.blockSize + LaneCount - 1) / LaneCount : segment.blockSize),
        values(stepCount * LaneCount), weights(stepCount * LaneCount) {}

  size_t blocks() const { return isOneBlock ? 1 : LaneCount; }

  /// Lays out \p first and, where blocks are short, those after it.
  void load(size_t first) {
    std::fill(values.begin(), values.end(), 0.F);
    std::fill(weights.begin(), weights.end(), 0.F); // what pads a block does not count
    float units[LaneCount], inverses[LaneCount];
    const Floats least = blockwise(segment.least, first), most = blockwise(segment.most, first);
    const Floats extreme = max(negated(least), most);
    unit = max(min(withoutFraction(extreme), all(0x1p126F)), all(0x1p-126F));
    inverseUnit = all(1) / unit;
    lower = least * inverseUnit;
    upper = most * inverseUnit;
    start = {blockwise(segment.scale, first) * inverseUnit, blockwise(segment.zero, first)};
    store(inverseUnit, inverses);
    store(unit, units);
    for (size_t block = first; block != std::min(first + blocks(), segment.blockCount); ++block)
      place(block, isOneBlock ? 0 : block - first, isOneBlock ? 1 : LaneCount,
            inverses[isOneBlock ? 0 : block - first]);
  }

  HWY_INLINE Floats value(size_t step) const {
    return HWY_NAMESPACE::load(values.data() + step * LaneCount);
  }
  /// 0 for what pads a block. Otherwise 1, but for Method::Search the importance of a value or,
  /// where that is not known, (rms + |value|)^2: see BlockQuantizer.h.
  HWY_INLINE Floats weight(size_t step) const {
    return HWY_NAMESPACE::load(weights.data() + step * LaneCount);
  }
  HWY_INLINE size_t steps() const { return stepCount; }

  /// Of each block's terms, from the sums in each lane.
  HWY_INLINE Floats total(const Floats &sums) const { return isOneBlock ? sumInAll(sums) : sums; }

  /// A scale that can be stored, not 0.
  HWY_INLINE Floats storable(const Floats &scale) const {
    const Floats absolute = scale * unit;
    const Floats least = all(limitsOf(scaleType).leastInvertible);
    return storedScales(scaleType, withSignOf(max(abs(absolute), least), absolute)) * inverseUnit;
  }

  /// Back to where load() read.
  void save(const Trial &trial, size_t first, Segment &to) const {
    float scales[LaneCount], zeros[LaneCount];
    store(trial.scale * unit, scales);
    store(trial.zero, zeros);
    const size_t count = std::min(blocks(), segment.blockCount - first);
    std::copy_n(scales, count, to.scale + first);
    std::copy_n(zeros, count, to.zero + first);
  }

private:
  /// From here on, lanes share a block.
  static constexpr uint64_t LongBlock = 256;

  /// One number per block, for all lanes of it.
  HWY_INLINE Floats blockwise(const float *numbers, size_t first) const {
    return isOneBlock ? all(numbers[first]) : HWY_NAMESPACE::load(numbers + first);
  }

  void place(size_t block, size_t lane, size_t stride, float inverse) {
    const llvm::ArrayRef<float> from = segment.block(block);
    for (size_t i = 0; i != from.size(); ++i)
      values[lane + i * stride] = from[i] * inverse;
    if (method != Method::Search)
      return weigh(from.size(), lane, stride, [](size_t) { return 1.F; });
    if (!segment.importance.empty()) {
      const float *importance = segment.importance.data() + block * segment.blockSize;
      return weigh(from.size(), lane, stride, [&](size_t i) { return importance[i]; });
    }
    const float typical = rootMeanSquare(from.size(), lane, stride);
    weigh(from.size(), lane, stride, [&](size_t i) {
      const float size = typical + std::fabs(values[lane + i * stride]);
      return size * size;
    });
  }

  template <typename WeightOf>
  void weigh(size_t count, size_t lane, size_t stride, WeightOf weightOf) {
    for (size_t i = 0; i != count; ++i)
      weights[lane + i * stride] = weightOf(i);
  }

  float rootMeanSquare(size_t count, size_t lane, size_t stride) const {
    float squares = 0;
    for (size_t i = 0; i != count; ++i)
      squares += values[lane + i * stride] * values[lane + i * stride];
    return std::sqrt(squares / static_cast<float>(count));
  }

public:
  ir::DataType scaleType;
  Floats last;              ///< code
  Floats unit, inverseUnit; ///< of each lane's block
  Floats lower, upper;      ///< its range, in units
  Trial start;              ///< what the segment has

private:
  Method method;
  bool isOneBlock;
  const Segment &segment;
  size_t stepCount;
  std::vector<float> values, weights;
};

/// (code - zero) of values given in steps of the scale.
HWY_INLINE Floats decodedSteps(const Tile &tile, const Floats &steps, const Floats &zero) {
  return roundedHalfUp(min(max(steps + zero, all(0)), tile.last)) - zero;
}

} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif // OPTRUN_PASSES_QUANTIZE_KERNELS_TILE_INL_H
