// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Errors of a row, eight elements at once on every processor: sums are the same on all.

#include "Lut.h"

// Compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/RowErrors.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include <algorithm>
#include <array>
#include <cassert>
#include <hwy/highway.h>
#include <limits>
#include <numeric>

HWY_BEFORE_NAMESPACE();
namespace optrun::palettize::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t LaneCount = 8;
using Tag = hn::CappedTag<double, LaneCount>;
using Vector = hn::Vec<Tag>;
constexpr size_t PartSize = hn::MaxLanes(Tag());

/// Of every eighth element, in as many lanes as a vector has.
struct Sums {
  Vector squaredError, weightedError, squaredWeight, largestError;
};

HWY_INLINE Vector loadFloats(const float *from) {
  return hn::PromoteTo(Tag(), hn::LoadU(hn::Rebind<float, Tag>(), from));
}

HWY_INLINE Vector lookUp(const float *entries, const uint8_t *codes) {
  const hn::Rebind<int32_t, Tag> index;
  const auto places = hn::PromoteTo(index, hn::LoadU(hn::Rebind<uint8_t, Tag>(), codes));
  return hn::PromoteTo(Tag(), hn::GatherIndex(hn::Rebind<float, Tag>(), entries, places));
}

/// Returns how many elements are not finite.
HWY_INLINE size_t add(const float *values, const uint8_t *codes, const float *entries,
                      const float *importance, Sums &sums) {
  const Tag tag;
  const Vector value = loadFloats(values);
  const auto isFinite = hn::IsFinite(value);
  const Vector error = hn::IfThenElseZero(isFinite, hn::Sub(value, lookUp(entries, codes)));
  const Vector square = hn::Mul(error, error), number = hn::IfThenElseZero(isFinite, value);
  sums.squaredError = hn::Add(sums.squaredError, square);
  sums.squaredWeight = hn::Add(sums.squaredWeight, hn::Mul(number, number));
  sums.largestError = hn::Max(sums.largestError, hn::Abs(error));
  if (importance != nullptr) {
    const Vector weight = loadFloats(importance);
    const auto counts = hn::And(hn::Ge(weight, hn::Zero(tag)),
                                hn::Le(weight, hn::Set(tag, 0x1.fffffep127))); // as isWeight()
    sums.weightedError =
        hn::Add(sums.weightedError, hn::Mul(hn::IfThenElseZero(counts, weight), square));
  }
  return PartSize - hn::CountTrue(tag, isFinite);
}

/// Of a multiple of eight elements.
PaletteErrors measureEights(llvm::ArrayRef<float> values, const uint8_t *codes,
                            const float *entries, const float *importance) {
  const Tag tag;
  constexpr size_t Parts = LaneCount / PartSize;
  std::array<std::array<double, LaneCount>, 4> lanes;
  PaletteErrors errors;
  for (size_t part = 0; part != Parts; ++part) {
    const Vector zero = hn::Zero(tag);
    Sums sums = {zero, zero, zero, zero};
    for (size_t i = part * PartSize; i < values.size(); i += LaneCount)
      errors.nonFinite += add(values.data() + i, codes + i, entries,
                              importance == nullptr ? nullptr : importance + i, sums);
    hn::StoreU(sums.squaredError, tag, lanes[0].data() + part * PartSize);
    hn::StoreU(sums.weightedError, tag, lanes[1].data() + part * PartSize);
    hn::StoreU(sums.squaredWeight, tag, lanes[2].data() + part * PartSize);
    hn::StoreU(sums.largestError, tag, lanes[3].data() + part * PartSize);
  }
  const auto sumOf = [](const auto &each) {
    return std::accumulate(each.begin(), each.end(), 0.0);
  };
  errors.squaredError = sumOf(lanes[0]);
  errors.weightedError = sumOf(lanes[1]);
  errors.squaredWeight = sumOf(lanes[2]);
  errors.largestError = *std::max_element(lanes[3].begin(), lanes[3].end());
  return errors;
}

/// \p importance: null where there is none.
PaletteErrors measureElements(llvm::ArrayRef<float> values, const uint8_t *codes,
                              const float *entries, const float *importance) {
  const size_t left = values.size() % LaneCount, done = values.size() - left;
  PaletteErrors errors = measureEights(values.take_front(done), codes, entries, importance);
  if (left == 0)
    return errors;
  // The last ones are made eight by what is not finite.
  std::array<float, LaneCount> lastValues, lastImportance = {};
  std::array<uint8_t, LaneCount> lastCodes = {};
  lastValues.fill(std::numeric_limits<float>::quiet_NaN());
  std::copy(values.begin() + done, values.end(), lastValues.begin());
  std::copy_n(codes + done, left, lastCodes.begin());
  if (importance != nullptr)
    std::copy_n(importance + done, left, lastImportance.begin());
  errors.merge(measureEights(lastValues, lastCodes.data(), entries,
                             importance == nullptr ? nullptr : lastImportance.data()));
  errors.nonFinite -= LaneCount - left;
  return errors;
}

} // namespace
} // namespace optrun::palettize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::palettize {
namespace {

HWY_EXPORT(measureElements);

} // namespace

PaletteErrors measureRow(llvm::ArrayRef<float> values, llvm::ArrayRef<uint8_t> codes,
                         llvm::ArrayRef<float> entries, float scale,
                         llvm::ArrayRef<float> importance) {
  assert(codes.size() == values.size() &&
         (importance.empty() || importance.size() == codes.size()));
  PaletteErrors errors = HWY_DYNAMIC_DISPATCH(measureElements)(
      values, codes.data(), entries.data(), importance.empty() ? nullptr : importance.data());
  const double square = static_cast<double>(scale) * scale;
  errors.squaredError *= square;
  errors.squaredWeight *= square;
  errors.weightedError = importance.empty() ? errors.squaredError : errors.weightedError * square;
  errors.largestError *= scale;
  return errors;
}

} // namespace optrun::palettize
#endif
