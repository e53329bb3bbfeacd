// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Ranges, their scales, and codes: the vector kernels that every method uses.

#include "Segment.h"

// Compiled once per instruction set: what is below, and the headers that end in -inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/RoundToNearest.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "Lanes-inl.h"
#include "StoredScale-inl.h"

#include <cmath>
#include <hwy/cache_control.h>

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {
namespace {

struct RangeLanes {
  Floats least, most;

  HWY_INLINE RangeLanes() : least(all(0)), most(all(0)) {}

  HWY_INLINE void take(const Floats &values) {
    least = min(values, least);
    most = max(values, most);
  }
};

/// What is read after a segment is asked for while the segment is worked on. It has a few
/// kilobytes.
constexpr size_t PrefetchBytes = 4096;

/// Values that are not float are stored as such to \p widened on the way.
template <typename Element>
HWY_INLINE RangeLanes rangeLanesOf(const Element *values, size_t count, float *widened) {
  constexpr bool IsFloat = std::is_same_v<Element, float>;
  RangeLanes range;
  size_t i = 0;
  for (; i + LaneCount <= count; i += LaneCount) {
    hwy::Prefetch(reinterpret_cast<const uint8_t *>(values + i) + PrefetchBytes);
    const Floats lanes = load(values + i);
    if constexpr (!IsFloat)
      store(lanes, widened + i);
    range.take(lanes);
  }
  if (i == count)
    return range;
  const Floats lanes = loadFirst(values + i, count - i);
  range.take(lanes);
  if constexpr (!IsFloat) {
    float last[LaneCount];
    store(lanes, last);
    std::copy_n(last, count - i, widened + i);
  }
  return range;
}

size_t roundedUp(size_t blocks) { return (blocks + LaneCount - 1) / LaneCount * LaneCount; }

template <typename Element>
bool findRangesOf(const Element *values, size_t count, float *widened, Segment &segment) {
  float least[4 * Segment::Capacity], most[4 * Segment::Capacity];
  const size_t end = roundedUp(segment.blockCount);
  std::fill(least + 4 * segment.blockCount, least + 4 * end, 0.F);
  std::fill(most + 4 * segment.blockCount, most + 4 * end, 0.F);
  const size_t blockCount = segment.blockCount, blockSize = segment.blockSize;
  for (size_t block = 0; block != blockCount; ++block) {
    const size_t size = std::min(blockSize, count);
    const RangeLanes range = rangeLanesOf(values, size, widened);
    storeFoldedToFour<MinOf>(range.least, least + 4 * block);
    storeFoldedToFour<MaxOf>(range.most, most + 4 * block);
    values += size;
    widened += size;
    count -= size;
  }
  Floats differences = all(0); // of a number from itself: NaN where it is not finite
  for (size_t block = 0; block != end; block += LaneCount) {
    const Floats lower = foldedGroups<MinOf>(least + 4 * block);
    const Floats upper = foldedGroups<MaxOf>(most + 4 * block);
    store(lower, segment.least + block);
    store(upper, segment.most + block);
    differences = differences + ((lower - lower) + (upper - upper));
  }
  return sumOf(differences) == 0;
}

bool findRanges(const StoredValues &stored, float *widened, Segment &segment) {
  const size_t count = stored.size();
  const uint8_t *bytes = stored.bytes().data();
  segment.values = {widened, count};
  if (stored.type() == ir::DataType::Float16)
    return findRangesOf(reinterpret_cast<const hwy::float16_t *>(bytes), count, widened, segment);
  if (stored.type() == ir::DataType::BFloat16)
    return findRangesOf(reinterpret_cast<const hwy::bfloat16_t *>(bytes), count, widened, segment);
  segment.values = stored.floats();
  return findRangesOf(segment.values.data(), count, widened, segment);
}

void scaleRanges(const Grid &grid, Segment &segment) {
  for (size_t block = 0; block < segment.blockCount; block += LaneCount) {
    const Floats least = load(segment.least + block), most = load(segment.most + block);
    const Decodings decodings = grid.symmetric ? symmetricDecodings(grid, least, most)
                                               : asymmetricDecodings(grid, least, most);
    store(decodings.scale, segment.scale + block);
    store(decodings.zero, segment.zero + block);
  }
}

float storedScale(ir::DataType type, float scale) {
  return largestOf(storedScales(type, all(scale)));
}

/// Sums of squares, and the largest, in units of the scale's square.
struct ErrorLanes {
  Floats errors, weights, largest;

  HWY_INLINE ErrorLanes() : errors(all(0)), weights(all(0)), largest(all(0)) {}

  HWY_INLINE void take(const Floats &steps, const Floats &error) {
    const Floats square = error * error;
    errors = errors + square;
    weights = weights + steps * steps;
    largest = max(largest, square);
  }
  HWY_INLINE void take(const ErrorLanes &other, float unit) {
    const Floats factor = all(unit);
    errors = errors + other.errors * factor;
    weights = weights + other.weights * factor;
    largest = max(largest, other.largest * factor);
  }
};

/// How values become codes, by each convention.
template <Convention> struct Encoder;

template <> struct Encoder<Convention::MatMulNBits> {
  Floats reciprocal, zero, last;

  HWY_INLINE Encoder(float /*scale*/, float inverse, float zeroCode, float lastCode)
      : reciprocal(all(inverse)), zero(all(zeroCode)), last(all(lastCode)) {}

  HWY_INLINE Floats encode(const Floats &values, ErrorLanes &errors) const {
    const Floats steps = values * reciprocal;
    const Floats places = steps + zero;
    const Floats codes = roundedHalfUp(min(max(places, all(0)), last));
    errors.take(steps, places - codes);
    return codes;
  }
};

template <> struct Encoder<Convention::QuantizeLinear> {
  Floats scale, zero, last;

  HWY_INLINE Encoder(float stepSize, float /*inverse*/, float zeroCode, float lastCode)
      : scale(all(stepSize)), zero(all(zeroCode)), last(all(lastCode)) {}

  HWY_INLINE Floats encode(const Floats &values, ErrorLanes &errors) const {
    const Floats steps = values / scale;
    const Floats codes = min(max(roundedToEven(steps) + zero, all(0)), last);
    errors.take(steps, (steps + zero) - codes);
    return codes;
  }
};

template <Convention C>
HWY_INLINE ErrorLanes encodePiece(const Encoder<C> &encoder, const float *values, size_t size,
                                  uint8_t *codes) {
  ErrorLanes errors;
  size_t i = 0;
  for (; i + LaneCount <= size; i += LaneCount)
    storeBytes(encoder.encode(load(values + i), errors), codes + i);
  if (i != size) {
    uint8_t padded[LaneCount];
    storeBytes(encoder.encode(loadFirst(values + i, size - i), errors), padded);
    std::memcpy(codes + i, padded, size - i);
  }
  return errors;
}

float largestScale(const Segment &segment) {
  Floats largest = all(0);
  for (size_t block = 0; block < segment.blockCount; block += LaneCount)
    largest = max(largest, abs(load(segment.scale + block)));
  return largestOf(largest);
}

template <Convention C>
EncodingErrors encodeSegment(const Grid &grid, const Segment &segment, uint8_t *codes) {
  const float last = static_cast<float>((1 << grid.bits) - 1);
  // Sums are in units of the largest scale: squares of what is smaller may vanish.
  float inverses[Segment::Capacity], squares[Segment::Capacity];
  const float unit = largestScale(segment);
  for (size_t block = 0; block < segment.blockCount; block += LaneCount) {
    const Floats scale = load(segment.scale + block);
    store(select(scale == all(0), scale, all(1) / scale), inverses + block);
    const Floats ratio = unit == 0 ? all(1) : scale / all(unit);
    store(ratio * ratio, squares + block);
  }
  ErrorLanes total;
  // Copies, because codes may alias what is not one.
  const size_t blockCount = segment.blockCount, blockSize = segment.blockSize;
  const float *values = segment.values.data(), *const end = segment.values.end();
  for (size_t block = 0; block != blockCount; ++block) {
    const Encoder<C> encoder(segment.scale[block], inverses[block], segment.zero[block], last);
    // In pieces, because a float32 that has grown large loses what is added to it.
    constexpr size_t PieceSize = 1024;
    const float *const blockEnd = values + std::min<size_t>(blockSize, end - values);
    while (values != blockEnd) {
      const size_t size = std::min<size_t>(PieceSize, blockEnd - values);
      total.take(encodePiece(encoder, values, size, codes), squares[block]);
      values += size;
      codes += size;
    }
  }
  const double square = static_cast<double>(unit) * unit;
  return {sumOf(total.errors) * square, sumOf(total.weights) * square,
          std::sqrt(largestOf(total.largest)) * unit};
}

EncodingErrors encode(const Grid &grid, const Segment &segment, uint8_t *codes) {
  return grid.convention == Convention::QuantizeLinear
             ? encodeSegment<Convention::QuantizeLinear>(grid, segment, codes)
             : encodeSegment<Convention::MatMulNBits>(grid, segment, codes);
}

} // namespace
} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::quantize {

HWY_EXPORT(findRanges);
HWY_EXPORT(scaleRanges);
HWY_EXPORT(storedScale);
HWY_EXPORT(encode);

bool findRanges(const StoredValues &stored, float *widened, Segment &segment) {
  return HWY_DYNAMIC_DISPATCH(findRanges)(stored, widened, segment);
}

void scaleRanges(const Grid &grid, Segment &segment) {
  HWY_DYNAMIC_DISPATCH(scaleRanges)(grid, segment);
}

float storedScale(ir::DataType type, float scale) {
  return HWY_DYNAMIC_DISPATCH(storedScale)(type, scale);
}

EncodingErrors encode(const Grid &grid, const Segment &segment, uint8_t *codes) {
  return HWY_DYNAMIC_DISPATCH(encode)(grid, segment, codes);
}

} // namespace optrun::quantize
#endif
