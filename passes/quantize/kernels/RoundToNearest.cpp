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

/// One vector; values that are not float are stored as such to \p widened on the way.
template <typename Element>
HWY_INLINE void takeValues(const Element *values, float *widened, RangeLanes &range) {
  const Floats lanes = load(values);
  if constexpr (!std::is_same_v<Element, float>)
    store(lanes, widened);
  range.take(lanes);
}

template <typename Element>
HWY_INLINE RangeLanes rangeLanesOf(const Element *values, size_t count, float *widened) {
  RangeLanes range;
  size_t i = 0;
  for (; i + LaneCount <= count; i += LaneCount)
    takeValues(values + i, widened + i, range);
  if (i == count)
    return range;
  Element padded[LaneCount] = {};
  std::memcpy(padded, values + i, (count - i) * sizeof(Element));
  float last[LaneCount];
  takeValues(padded, last, range);
  if constexpr (!std::is_same_v<Element, float>)
    std::copy_n(last, count - i, widened + i);
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

/// Sums of squares in units of the segment's largest scale.
struct ErrorLanes {
  Floats errors, weights;

  HWY_INLINE ErrorLanes() : errors(all(0)), weights(all(0)) {}

  HWY_INLINE void take(const Floats &value, const Floats &error) {
    errors = errors + error * error;
    weights = weights + value * value;
  }
  HWY_INLINE void take(const ErrorLanes &other) {
    errors = errors + other.errors;
    weights = weights + other.weights;
  }
};

/// What encodes the blocks of a segment, side by side.
struct BlockScales {
  float scale[Segment::Capacity], inverse[Segment::Capacity], zero[Segment::Capacity];
  float unit[Segment::Capacity]; ///< the scale in units of the largest
};

/// How values become codes, by each convention.
template <Convention> struct Rounding;

template <> struct Rounding<Convention::MatMulNBits> {
  Floats reciprocal;

  HWY_INLINE Rounding(const BlockScales &scales, size_t block)
      : reciprocal(all(scales.inverse[block])) {}
  HWY_INLINE Floats steps(const Floats &values) const { return values * reciprocal; }
  static HWY_INLINE Floats codes(const Floats &steps, const Floats &zero, const Floats &last) {
    return roundedHalfUp(min(max(steps + zero, all(0)), last));
  }
};

template <> struct Rounding<Convention::QuantizeLinear> {
  Floats scale;

  HWY_INLINE Rounding(const BlockScales &scales, size_t block) : scale(all(scales.scale[block])) {}
  HWY_INLINE Floats steps(const Floats &values) const { return values / scale; }
  static HWY_INLINE Floats codes(const Floats &steps, const Floats &zero, const Floats &last) {
    return min(max(roundedToEven(steps) + zero, all(0)), last);
  }
};

/// Of one block.
template <Convention C> struct Encoder {
  Rounding<C> rounding;
  Floats zero, unit, last;

  HWY_INLINE Encoder(const BlockScales &scales, size_t block, const Floats &lastCode)
      : rounding(scales, block), zero(all(scales.zero[block])), unit(all(scales.unit[block])),
        last(lastCode) {}

  HWY_INLINE Floats encode(const Floats &values, ErrorLanes &errors) const {
    const Floats steps = rounding.steps(values), codes = rounding.codes(steps, zero, last);
    errors.take(steps * unit, ((steps + zero) - codes) * unit);
    return codes;
  }
};

/// A float32 that has grown large loses what is added to it: sums of so many values are summed.
constexpr size_t PieceSize = 1024;

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

/// Blocks of whole vectors, several to a piece.
template <Convention C>
HWY_INLINE ErrorLanes encodeBlocks(const BlockScales &scales, const Floats &last, size_t block,
                                   size_t count, const float *values, size_t blockSize,
                                   uint8_t *codes) {
  ErrorLanes errors;
  for (const size_t end = block + count; block != end; ++block) {
    const Encoder<C> encoder(scales, block, last);
    for (const float *const blockEnd = values + blockSize; values != blockEnd;) {
      storeBytes(encoder.encode(load(values), errors), codes);
      values += LaneCount;
      codes += LaneCount;
    }
  }
  return errors;
}

float largestScale(const Segment &segment) {
  Floats largest = all(0);
  for (size_t block = 0; block < segment.blockCount; block += LaneCount)
    largest = max(largest, abs(load(segment.scale + block)));
  return largestOf(largest);
}

/// Sums are in units of the largest scale: squares of what is smaller may vanish.
HWY_INLINE void fillScales(const Segment &segment, float largest, BlockScales &scales) {
  for (size_t block = 0; block < segment.blockCount; block += LaneCount) {
    const Floats scale = load(segment.scale + block);
    store(scale, scales.scale + block);
    store(select(scale == all(0), scale, all(1) / scale), scales.inverse + block);
    store(load(segment.zero + block), scales.zero + block);
    store(largest == 0 ? all(1) : scale / all(largest), scales.unit + block);
  }
}

/// Asks for \p values, which are read later.
HWY_INLINE void prefetch(const StoredValues &values) {
  constexpr size_t CacheLine = 64;
  const llvm::ArrayRef<uint8_t> bytes = values.bytes();
  for (size_t i = 0; i < bytes.size(); i += CacheLine)
    hwy::Prefetch(bytes.data() + i);
}

template <Convention C>
EncodingErrors encodeSegment(const Grid &grid, const Segment &segment, uint8_t *codes) {
  const Floats last = all(static_cast<float>((1 << grid.bits) - 1));
  const float largest = largestScale(segment);
  BlockScales scales;
  fillScales(segment, largest, scales);
  StoredValues next = segment.next;
  const auto ask = [&](size_t count) HWY_ATTR {
    prefetch(next.takeFront(count));
    next = next.dropFront(std::min<uint64_t>(count, next.size()));
  };
  ErrorLanes total;
  const size_t blockCount = segment.blockCount, blockSize = segment.blockSize;
  const float *values = segment.values.data(), *const end = segment.values.end();
  size_t block = 0;
  if (blockSize % LaneCount == 0 && blockSize <= PieceSize)
    for (const size_t whole = segment.values.size() / blockSize; block != whole;) {
      const size_t count = std::min(PieceSize / blockSize, whole - block);
      ask(count * blockSize);
      total.take(encodeBlocks<C>(scales, last, block, count, values, blockSize, codes));
      block += count;
      values += count * blockSize;
      codes += count * blockSize;
    }
  for (; block != blockCount; ++block) {
    const Encoder<C> encoder(scales, block, last);
    const float *const blockEnd = values + std::min<size_t>(blockSize, end - values);
    while (values != blockEnd) {
      const size_t size = std::min<size_t>(PieceSize, blockEnd - values);
      ask(size);
      total.take(encodePiece(encoder, values, size, codes));
      values += size;
      codes += size;
    }
  }
  const double square = static_cast<double>(largest) * largest;
  return {sumOf(total.errors) * square, sumOf(total.weights) * square};
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
