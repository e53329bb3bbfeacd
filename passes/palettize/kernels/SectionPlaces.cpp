// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A table look-up for each of several floats.

#include "SectionPlaces.h"

// Compiled once per instruction set.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/SectionPlaces.cpp" // NOLINT(cppcoreguidelines-macro-usage)
// clang-format off
#include <hwy/foreach_target.h> // IWYU pragma: keep
// clang-format on

#include "OrderedBits.h"

#include <algorithm>
#include <cassert>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace optrun::palettize::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t MostLanes = 16;
using Tag = hn::CappedTag<uint32_t, MostLanes>;
using Vector = hn::Vec<Tag>;
using Mask = hn::Mask<Tag>;

/// As toOrdered().
HWY_INLINE Vector orderedBits(Vector bits) {
  const Tag tag;
  const hn::RebindToSigned<Tag> isSigned;
  const Vector sign = hn::Set(tag, SignBit<uint32_t>);
  const Vector negative = hn::BitCast(tag, hn::BroadcastSignBit(hn::BitCast(isSigned, bits)));
  return hn::Sub(hn::Xor(bits, hn::Or(negative, sign)),
                 hn::VecFromMask(tag, hn::Eq(bits, sign))); // -0 becomes 0
}

HWY_INLINE void append(Vector values, Mask chosen, size_t size, SectionPlaces::List &list) {
  hn::StoreU(hn::Compress(values, chosen), Tag(), list.data() + size);
}

/// The first \p count of the values in a vector; the first of all has index \p first. \p lanes: 0,
/// 1, 2, ...
HWY_INLINE void findSome(Vector lanes, const uint32_t *codes, const float *values, size_t first,
                         size_t count, SectionPlaces &out) {
  const Tag tag;
  const hn::RebindToSigned<Tag> isSigned;
  const Vector one = hn::Set(tag, 1);
  const Vector ordered = orderedBits(hn::LoadU(tag, reinterpret_cast<const uint32_t *>(values)));
  const Vector section = hn::ShiftRight<16>(ordered);
  const Vector code = hn::GatherIndex(tag, codes, hn::BitCast(isSigned, section));
  const Vector kind = hn::And(code, hn::Set(tag, SectionCode::KindMask));
  const Mask within = hn::FirstN(tag, count);
  const Mask open = hn::And(within, hn::Eq(kind, hn::Set(tag, SectionCode::Open)));
  const Mask searched = hn::And(within, hn::Eq(kind, hn::Set(tag, SectionCode::Searched)));
  const Vector index = hn::Add(lanes, hn::Set(tag, static_cast<uint32_t>(first)));
  if (!hn::AllFalse(tag, open)) {
    const Vector place = hn::And(ordered, hn::Set(tag, 0xFFFF));
    const Vector shift =
        hn::And(hn::ShiftRight<SectionCode::ShiftBit>(code), hn::Set(tag, SectionCode::ShiftMask));
    const Vector bin = hn::Add(hn::ShiftRight<SectionCode::BinBit>(code), hn::Shr(place, shift));
    append(bin, open, out.found, out.bins);
    append(hn::And(place, hn::Sub(hn::Shl(one, shift), one)), open, out.found, out.offsets);
    append(index, open, out.found, out.indices);
    out.found += hn::CountTrue(tag, open);
  }
  if (!hn::AllFalse(tag, searched)) {
    append(index, searched, out.left, out.searched);
    out.left += hn::CountTrue(tag, searched);
  }
}

void find(const uint32_t *codes, const float *values, size_t size, SectionPlaces &out) {
  const size_t count = hn::Lanes(Tag());
  const Vector lanes = hn::Iota(Tag(), 0);
  out.found = out.left = 0;
  size_t i = 0;
  for (; i + count <= size; i += count)
    findSome(lanes, codes, values + i, i, count, out);
  if (i == size)
    return;
  std::array<float, MostLanes> last = {};
  std::copy(values + i, values + size, last.begin());
  findSome(lanes, codes, last.data(), i, size - i, out);
}

} // namespace
} // namespace optrun::palettize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace optrun::palettize {
namespace {

HWY_EXPORT(find);

} // namespace

void findPlaces(llvm::ArrayRef<uint32_t> codes, llvm::ArrayRef<float> values, SectionPlaces &out) {
  assert(codes.size() == 0x10000 && values.size() <= SectionPlaces::MostValues);
  HWY_DYNAMIC_DISPATCH(find)(codes.data(), values.data(), values.size(), out);
}

} // namespace optrun::palettize
#endif
