// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Values by a known scale as codes: where every method ends.

#include "Segment.h"

// Compiled once per instruction set: what is below, and the headers that end in -inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/Encoding.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "Lanes-inl.h"

#include <hwy/cache_control.h>

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {
namespace {

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

HWY_EXPORT(encode);

EncodingErrors encode(const Grid &grid, const Segment &segment, uint8_t *codes) {
  return HWY_DYNAMIC_DISPATCH(encode)(grid, segment, codes);
}

} // namespace optrun::quantize
#endif
