// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows in segments through the vector kernels; what those cannot measure, value by value.

#include "BlockQuantizer.h"

#include "Segment.h"
#include "StoredType.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"

#include <cassert>
#include <cmath>
#include <vector>

namespace optrun::quantize {
namespace {

/// As storedScale(), but float16's subnormal numbers are rounded up: one that is rounded down would
/// cut values off, by up to the half.
float linearStoredScale(ir::DataType type, double scale) {
  const StoredLimits limits = limitsOf(type);
  if (scale < limits.smallestNormal)
    scale = std::ceil(scale / limits.leastInvertible) * limits.leastInvertible;
  return storedScale(type, static_cast<float>(scale));
}

/// By Convention::QuantizeLinear, as compute_scale_zp in onnxruntime/quantization/quant_utils.py.
/// That one drops values whose scale is below the normal numbers of their type. These are no small
/// numbers in float16: channels up to 0.0077.
Scale linearScale(const Grid &grid, float least, float most) {
  const int middle = 1 << (grid.bits - 1), lowest = grid.isSigned ? -middle : 0;
  const bool narrow = grid.isSigned && grid.symmetric && grid.bits == 8;
  const double first = narrow ? lowest + 1 : lowest, last = lowest + 2 * middle - 1;
  if (grid.symmetric) {
    most = std::max(-least, most);
    least = -most;
  }
  const double scale = (static_cast<double>(most) - least) / (last - first);
  if (scale < limitsOf(ir::DataType::Float32).smallestNormal)
    return {1, static_cast<uint8_t>(-lowest)};
  const double zero = grid.symmetric ? lowest + middle : std::nearbyint(first - least / scale);
  return {linearStoredScale(grid.scaleType, scale), static_cast<uint8_t>(zero - lowest)};
}

void linearScales(const Grid &grid, Segment &segment) {
  for (size_t block = 0; block != segment.blockCount; ++block) {
    const Scale scale = linearScale(grid, segment.least[block], segment.most[block]);
    segment.scale[block] = scale.scale;
    segment.zero[block] = scale.zeroCode;
  }
  std::fill(segment.scale + segment.blockCount, std::end(segment.scale), 0.F);
}

/// The largest magnitude that values of a block decode to.
double largestDecoded(const Grid &grid, const Segment &segment, size_t block) {
  const double scale = segment.scale[block], zero = segment.zero[block];
  double largest = 0;
  for (const double value : {segment.least[block], segment.most[block]}) {
    const double code = grid.convention == Convention::QuantizeLinear
                            ? std::nearbyint(value / scale) + zero
                            : std::round(value / scale + zero);
    const double steps = std::clamp<double>(code, 0, (1 << grid.bits) - 1) - zero;
    largest = std::max(largest, std::fabs(steps * scale));
  }
  return largest;
}

/// True when a scale is so large that the code farthest from zero may decode to infinity: rarely.
bool mayOverflow(const Grid &grid, const Segment &segment) {
  const float least = limitsOf(grid.scaleType).largest / static_cast<float>((1 << grid.bits) - 1);
  unsigned any = 0;
  for (size_t block = 0; block != segment.blockCount; ++block)
    any |= std::fabs(segment.scale[block]) > least;
  return any != 0;
}

/// The code next to the largest numbers of a type may decode to more than them, to infinity: the
/// scale is made smaller then. Not for values that the type has no numbers for: what those lose is
/// counted by their scale, the largest that there is.
void keepFinite(const Grid &grid, Segment &segment) {
  if (!mayOverflow(grid, segment))
    return;
  const double largest = limitsOf(grid.scaleType).largest, last = (1 << grid.bits) - 1;
  constexpr double NextLower = 1 - 0x1p-8; // in any of the types
  for (size_t block = 0; block != segment.blockCount; ++block) {
    float &scale = segment.scale[block];
    if (std::max(-segment.least[block], segment.most[block]) > largest)
      continue;
    const double steps = std::max<double>(segment.zero[block], last - segment.zero[block]);
    if (std::fabs(scale) * steps <= largest || largestDecoded(grid, segment, block) <= largest)
      continue;
    const auto least = static_cast<float>(std::copysign(largest / steps * NextLower, scale));
    scale = storedScale(grid.scaleType, least);
  }
}

/// By Method::Rtn.
void rangeScales(const Grid &grid, Segment &segment) {
  if (grid.convention == Convention::MatMulNBits)
    scaleRanges(grid, segment);
  else
    linearScales(grid, segment);
}

void findScales(const Grid &grid, Segment &segment) {
  rangeScales(grid, segment);
  if (grid.method == Method::Search)
    searchScales(grid, segment);
  if (grid.method == Method::Hqq)
    minimizeSmallPower(grid, segment);
  keepFinite(grid, segment);
}

BlockErrors countBlocks(const Grid &grid, const Segment &segment) {
  const StoredLimits limits = limitsOf(grid.scaleType);
  unsigned zeroBlocks = 0, subnormal = 0, clamped = 0;
  for (size_t block = 0; block != segment.blockCount; ++block) {
    const float scale = std::fabs(segment.scale[block]);
    const float extreme = std::max(-segment.least[block], segment.most[block]);
    zeroBlocks += extreme == 0;
    subnormal += (extreme != 0) & ((scale < limits.smallestNormal) | (extreme < scale / 2));
    clamped += scale >= limits.largest;
  }
  BlockErrors counts;
  counts.zeroBlocks = zeroBlocks;
  counts.subnormalScales = subnormal;
  counts.clampedScales = clamped;
  return counts;
}

/// What the vector kernels measure by steps of the scale, for blocks without one or values too far
/// beyond it.
EncodingErrors measure(const Segment &segment, const uint8_t *codes) {
  EncodingErrors errors = {};
  for (size_t i = 0; i != segment.values.size(); ++i) {
    const size_t block = i / segment.blockSize;
    const double value = segment.values[i];
    const double decoded =
        (codes[i] - static_cast<double>(segment.zero[block])) * segment.scale[block];
    errors.squaredError += (value - decoded) * (value - decoded);
    errors.squaredWeight += value * value;
  }
  return errors;
}

bool isFinite(const EncodingErrors &errors) {
  return std::isfinite(errors.squaredError) && std::isfinite(errors.squaredWeight);
}

/// Values without those that are infinite or NaN.
struct FiniteValues {
  std::vector<float> values;
  uint64_t replaced = 0;

  explicit FiniteValues(llvm::ArrayRef<float> all) : values(all) {
    for (float &value : values)
      if (!std::isfinite(value)) {
        value = 0;
        ++replaced;
      }
  }
};

/// Of a segment whose scales are known.
BlockErrors encodeAndMeasure(const Grid &grid, const Segment &segment, uint8_t *codes,
                             const BlockErrors &counts) {
  EncodingErrors sums = encode(grid, segment, codes);
  if (!isFinite(sums)) {
    const FiniteValues finite(segment.values);
    if (finite.replaced != 0) {
      Segment again = segment;
      again.values = finite.values;
      BlockErrors errors = encodeAndMeasure(grid, again, codes, counts);
      errors.nonFiniteValues += finite.replaced;
      return errors;
    }
  }
  if (counts.subnormalScales != 0 || !isFinite(sums))
    sums = measure(segment, codes);
  BlockErrors errors = counts;
  errors.squaredError = sums.squaredError;
  errors.squaredWeight = sums.squaredWeight;
  return errors;
}

/// \p widened: room for the values as float.
BlockErrors quantizeSegment(const Grid &grid, StoredValues values, float *widened, Segment &segment,
                            uint8_t *codes) {
  if (!findRanges(values, widened, segment)) {
    const FiniteValues finite(segment.values);
    BlockErrors errors =
        quantizeSegment(grid, llvm::ArrayRef(finite.values), widened, segment, codes);
    errors.nonFiniteValues += finite.replaced;
    return errors;
  }
  findScales(grid, segment);
  return encodeAndMeasure(grid, segment, codes, countBlocks(grid, segment));
}

/// Values of a segment that stay in the first-level cache until they are encoded.
constexpr uint64_t SegmentValues = 4096;

/// A segment that is one block.
Segment singleBlock(uint64_t size) {
  Segment segment = {};
  segment.blockSize = size;
  segment.blockCount = 1;
  return segment;
}

/// All \p values in segments of one block, one after the other. \p hasRange: of findRanges().
void forEachSegment(StoredValues values,
                    llvm::function_ref<void(Segment &segment, bool hasRange)> take) {
  std::vector<float> widened(std::min<uint64_t>(values.size(), SegmentValues));
  for (uint64_t begin = 0, size = 0; begin != values.size(); begin += size) {
    size = std::min(values.size() - begin, SegmentValues);
    Segment segment = singleBlock(size);
    const bool hasRange = findRanges(values.slice(begin, size), widened.data(), segment);
    take(segment, hasRange);
  }
}

/// As many blocks as vectors have lanes at least: methods work on so many at once.
uint64_t blocksOfSegment(uint64_t blockSize) {
  constexpr uint64_t Least = 16;
  return std::clamp<uint64_t>(SegmentValues / blockSize, Least, Segment::Capacity);
}

} // namespace

void BlockErrors::merge(const BlockErrors &other) {
  squaredError += other.squaredError;
  squaredWeight += other.squaredWeight;
  zeroBlocks += other.zeroBlocks;
  subnormalScales += other.subnormalScales;
  clampedScales += other.clampedScales;
  nonFiniteValues += other.nonFiniteValues;
}

BlockErrors quantizeRows(const Grid &grid, StoredValues values, uint64_t columns,
                         uint64_t blockSize, llvm::ArrayRef<float> importance,
                         llvm::MutableArrayRef<uint8_t> codes, llvm::MutableArrayRef<float> scales,
                         llvm::MutableArrayRef<uint8_t> zeroCodes) {
  assert(codes.size() == values.size() && (columns == 0 || values.size() % columns == 0));
  assert(importance.empty() || importance.size() == columns);
  blockSize = std::min(blockSize, columns);
  const uint64_t wanted = columns == 0 ? 0 : blocksOfSegment(blockSize) * blockSize;
  std::vector<float> widened(std::min(columns, wanted));
  BlockErrors errors;
  for (size_t block = 0, begin = 0, size = 0; begin != values.size(); begin += size) {
    const size_t column = begin % columns;
    size = std::min(columns - column, wanted);
    Segment segment;
    segment.blockSize = blockSize;
    segment.importance = importance.empty() ? importance : importance.slice(column, size);
    segment.blockCount = llvm::divideCeil(size, blockSize);
    segment.next = values.dropFront(begin + size).takeFront(wanted);
    errors.merge(quantizeSegment(grid, values.slice(begin, size), widened.data(), segment,
                                 codes.data() + begin));
    std::copy_n(segment.scale, segment.blockCount, scales.data() + block);
    std::copy_n(segment.zero, segment.blockCount, zeroCodes.data() + block);
    block += segment.blockCount;
  }
  return errors;
}

void Range::merge(const Range &other) {
  min = std::min(min, other.min);
  max = std::max(max, other.max);
}

Range rangeOf(StoredValues values) {
  Range range;
  forEachSegment(values, [&](const Segment &segment, bool hasRange) {
    range.merge(hasRange ? Range{segment.least[0], segment.most[0]}
                         : rangeOf(llvm::ArrayRef(FiniteValues(segment.values).values)));
  });
  return range;
}

Scale chooseScale(const Grid &grid, const Range &range) {
  Segment segment = singleBlock(0);
  std::fill_n(segment.least, Segment::Capacity, range.min);
  std::fill_n(segment.most, Segment::Capacity, range.max);
  rangeScales(grid, segment);
  keepFinite(grid, segment);
  return {segment.scale[0], static_cast<uint8_t>(segment.zero[0])};
}

BlockErrors countScale(const Grid &grid, const Range &range, const Scale &scale) {
  Segment segment = singleBlock(0);
  segment.least[0] = range.min;
  segment.most[0] = range.max;
  segment.scale[0] = scale.scale;
  return countBlocks(grid, segment);
}

BlockErrors applyScale(const Grid &grid, const Scale &scale, StoredValues values,
                       llvm::MutableArrayRef<uint8_t> codes) {
  assert(codes.size() == values.size());
  BlockErrors errors;
  forEachSegment(values, [&](Segment &segment, bool) {
    segment.scale[0] = scale.scale;
    segment.zero[0] = scale.zeroCode;
    errors.merge(encodeAndMeasure(grid, segment, codes.data(), {}));
    codes = codes.drop_front(segment.values.size());
  });
  return errors;
}

} // namespace optrun::quantize
