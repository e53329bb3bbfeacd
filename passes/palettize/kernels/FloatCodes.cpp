// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Few limits are compared with each value, several values at once; for more there is a table over
/// the first 16 bits of floats.

#include "FloatCodes.h"

// Compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/FloatCodes.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "Lut.h"
#include "OrderedBits.h"

#include <bit>
#include <cassert>
#include <cmath>
#include <hwy/highway.h>
#include <limits>

HWY_BEFORE_NAMESPACE();
namespace optrun::palettize::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// For each value how many of the limits it is above, 0 if it is not finite. Returns how many
/// values it was that fill vectors: the others are left.
size_t countLimits(llvm::ArrayRef<float> limits, llvm::ArrayRef<float> values, uint8_t *out) {
  const hn::CappedTag<float, 16> tag;
  const hn::RebindToSigned<decltype(tag)> isSigned;
  const hn::Rebind<uint8_t, decltype(tag)> narrow;
  size_t i = 0;
  for (; i + hn::Lanes(tag) <= values.size(); i += hn::Lanes(tag)) {
    const auto value = hn::LoadU(tag, values.data() + i);
    auto count = hn::Zero(isSigned);
    for (const float limit : limits) {
      const auto isAbove = hn::RebindMask(isSigned, hn::Gt(value, hn::Set(tag, limit)));
      count = hn::Sub(count, hn::VecFromMask(isSigned, isAbove));
    }
    count = hn::IfThenElseZero(hn::RebindMask(isSigned, hn::IsFinite(value)), count);
    hn::StoreU(hn::DemoteTo(narrow, count), narrow, out + i);
  }
  return i;
}

} // namespace
} // namespace optrun::palettize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::palettize {
namespace {

HWY_EXPORT(countLimits);

/// From there on, a look-up takes less time.
constexpr size_t ManyEntries = 32;

constexpr size_t Prefixes = 0x10000;

/// The largest float that is not above \p limit: floats above the one are above the other.
float floatUpTo(double limit) {
  const auto nearest = static_cast<float>(limit);
  return nearest > limit ? std::nextafter(nearest, -std::numeric_limits<float>::infinity())
                         : nearest;
}

} // namespace

FloatCodes::FloatCodes(llvm::ArrayRef<float> entries) : firsts(Prefixes) {
  assert(!entries.empty() && entries.size() <= 256);
  for (size_t i = 0; i != entries.size(); ++i) {
    if (i != 0 && entries[i] == entries[i - 1])
      continue;
    if (i != 0)
      limits.push_back(floatUpTo(middleOf(entries[i - 1], entries[i])));
    codes.push_back(static_cast<uint8_t>(i));
  }
  limits.push_back(std::numeric_limits<float>::infinity());
  size_t first = 0;
  for (size_t prefix = 0; prefix != Prefixes; ++prefix) {
    const auto least = std::bit_cast<float>(fromOrdered(static_cast<uint32_t>(prefix << 16)));
    while (std::isfinite(least) && least > limits[first])
      ++first;
    firsts[prefix] = static_cast<uint8_t>(first);
  }
}

void FloatCodes::encode(llvm::ArrayRef<float> values, llvm::MutableArrayRef<uint8_t> out) const {
  assert(out.size() == values.size());
  size_t done = 0;
  if (codes.size() < ManyEntries) {
    done =
        HWY_DYNAMIC_DISPATCH(countLimits)(llvm::ArrayRef(limits).drop_back(), values, out.data());
    if (codes.back() + size_t(1) != codes.size())
      for (uint8_t &code : out.take_front(done))
        code = codes[code];
  }
  for (; done != values.size(); ++done)
    out[done] = codeOf(values[done]);
}

uint8_t FloatCodes::codeOf(float value) const {
  if (!std::isfinite(value))
    return 0;
  size_t place = firsts[toOrdered(std::bit_cast<uint32_t>(value)) >> 16];
  place += value > limits[place] ? 1 : 0; // seldom more, and no guess of a branch
  while (value > limits[place])
    ++place;
  return codes[place];
}

} // namespace optrun::palettize
#endif
