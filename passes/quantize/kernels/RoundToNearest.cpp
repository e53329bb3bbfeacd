// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Ranges and the scales that follow from them: where every method begins.

#include "Segment.h"

// Compiled once per instruction set: what is below, and the headers that end in -inl.h.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/RoundToNearest.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "Lanes-inl.h"
#include "StoredScale-inl.h"

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

} // namespace
} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::quantize {

HWY_EXPORT(findRanges);
HWY_EXPORT(scaleRanges);
HWY_EXPORT(storedScale);

bool findRanges(const StoredValues &stored, float *widened, Segment &segment) {
  return HWY_DYNAMIC_DISPATCH(findRanges)(stored, widened, segment);
}

void scaleRanges(const Grid &grid, Segment &segment) {
  HWY_DYNAMIC_DISPATCH(scaleRanges)(grid, segment);
}

float storedScale(ir::DataType type, float scale) {
  return HWY_DYNAMIC_DISPATCH(storedScale)(type, scale);
}

} // namespace optrun::quantize
#endif
