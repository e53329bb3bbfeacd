// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sixteen floats at once on every processor: in one register, two or four. With the number of
/// lanes fixed, and without fused operations, sums do not depend on the registers' width.
///
/// Highway includes this once per instruction set; see its "quick reference", foreach_target.h.

// NOLINTNEXTLINE(llvm-header-guard)
#if defined(OPTRUN_PASSES_QUANTIZE_KERNELS_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef OPTRUN_PASSES_QUANTIZE_KERNELS_LANES_INL_H
#undef OPTRUN_PASSES_QUANTIZE_KERNELS_LANES_INL_H
#else
#define OPTRUN_PASSES_QUANTIZE_KERNELS_LANES_INL_H
#endif

#include <algorithm>
#include <cstring>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace optrun::quantize::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr size_t LaneCount = 16;

using FloatTag = hn::CappedTag<float, LaneCount>;
using IntTag = hn::RebindToSigned<FloatTag>;
using ByteTag = hn::Rebind<uint8_t, FloatTag>;
constexpr size_t PartSize = hn::MaxLanes(FloatTag());
constexpr size_t PartCount = LaneCount / PartSize;

struct Floats {
  hn::Vec<FloatTag> part[PartCount];
};

struct Mask {
  hn::Mask<FloatTag> part[PartCount];
};

// NOLINTBEGIN(cppcoreguidelines-macro-usage)
#define OPTRUN_LANES_UNARY(name, ...)                                                              \
  HWY_INLINE Floats name(const Floats &a) {                                                        \
    Floats result;                                                                                 \
    for (size_t i = 0; i != PartCount; ++i)                                                        \
      result.part[i] = __VA_ARGS__(a.part[i]);                                                     \
    return result;                                                                                 \
  }
#define OPTRUN_LANES_BINARY(type, name, ...)                                                       \
  HWY_INLINE type name(const Floats &a, const Floats &b) {                                         \
    type result;                                                                                   \
    for (size_t i = 0; i != PartCount; ++i)                                                        \
      result.part[i] = __VA_ARGS__(a.part[i], b.part[i]);                                          \
    return result;                                                                                 \
  }
// NOLINTEND(cppcoreguidelines-macro-usage)

OPTRUN_LANES_UNARY(abs, hn::Abs)
OPTRUN_LANES_UNARY(negated, hn::Neg)
OPTRUN_LANES_UNARY(truncated, hn::Trunc)
OPTRUN_LANES_UNARY(roundedToEven, hn::Round)
OPTRUN_LANES_BINARY(Floats, operator+, hn::Add)
OPTRUN_LANES_BINARY(Floats, operator-, hn::Sub)
OPTRUN_LANES_BINARY(Floats, operator*, hn::Mul)
OPTRUN_LANES_BINARY(Floats, operator/, hn::Div)
OPTRUN_LANES_BINARY(Floats, min, hn::Min)
OPTRUN_LANES_BINARY(Floats, max, hn::Max)
OPTRUN_LANES_BINARY(Floats, withSignOf, hn::CopySign)
OPTRUN_LANES_BINARY(Mask, operator<, hn::Lt)
OPTRUN_LANES_BINARY(Mask, operator==, hn::Eq)
#undef OPTRUN_LANES_UNARY
#undef OPTRUN_LANES_BINARY

HWY_INLINE Floats all(float value) {
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::Set(FloatTag(), value);
  return result;
}

HWY_INLINE Floats load(const float *from) {
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::LoadU(FloatTag(), from + i * PartSize);
  return result;
}

HWY_INLINE Floats load(const hwy::bfloat16_t *from) {
  const hn::Rebind<hwy::bfloat16_t, FloatTag> narrow;
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::PromoteTo(FloatTag(), hn::LoadU(narrow, from + i * PartSize));
  return result;
}

#if HWY_ARCH_X86 && HWY_TARGET >= HWY_SSE4
/// Without an instruction for it, which Highway imitates for finite numbers only. The exponent's
/// bias differs by 112.
HWY_INLINE Floats load(const hwy::float16_t *from) {
  const hn::Rebind<uint16_t, FloatTag> narrow;
  const IntTag ints;
  Floats result;
  for (size_t i = 0; i != PartCount; ++i) {
    const auto *const bits = reinterpret_cast<const uint16_t *>(from) + i * PartSize;
    const auto wide = hn::PromoteTo(ints, hn::LoadU(narrow, bits));
    const auto magnitude = hn::And(wide, hn::Set(ints, 0x7FFF));
    const auto number =
        hn::BitCast(ints, hn::Mul(hn::BitCast(FloatTag(), hn::ShiftLeft<13>(magnitude)),
                                  hn::Set(FloatTag(), 0x1p112F)));
    const auto isFinite = hn::Lt(magnitude, hn::Set(ints, 0x7C00));
    const auto exponent = hn::IfThenZeroElse(isFinite, hn::Set(ints, 0x7F800000));
    const auto sign = hn::ShiftLeft<16>(hn::Xor(wide, magnitude));
    result.part[i] = hn::BitCast(FloatTag(), hn::Or(hn::Or(number, exponent), sign));
  }
  return result;
}
#else
HWY_INLINE Floats load(const hwy::float16_t *from) {
  const hn::Rebind<hwy::float16_t, FloatTag> narrow;
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::PromoteTo(FloatTag(), hn::LoadU(narrow, from + i * PartSize));
  return result;
}
#endif

/// The first \p count < 16, then zeros.
template <typename Element> HWY_INLINE Floats loadFirst(const Element *from, size_t count) {
  Element padded[LaneCount] = {};
  std::memcpy(padded, from, count * sizeof(Element));
  return load(padded);
}

HWY_INLINE void store(const Floats &values, float *to) {
  for (size_t i = 0; i != PartCount; ++i)
    hn::StoreU(values.part[i], FloatTag(), to + i * PartSize);
}

/// Whole numbers 0 .. 255 as bytes: 2^23 more, they are the last bits of a float.
HWY_INLINE void storeBytes(const Floats &values, uint8_t *to) {
  const hn::RebindToUnsigned<FloatTag> bits;
  for (size_t i = 0; i != PartCount; ++i) {
    const auto shifted = hn::Add(values.part[i], hn::Set(FloatTag(), 0x1p23F));
    hn::StoreU(hn::TruncateTo(ByteTag(), hn::BitCast(bits, shifted)), ByteTag(), to + i * PartSize);
  }
}

HWY_INLINE Floats select(const Mask &condition, const Floats &yes, const Floats &no) {
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::IfThenElse(condition.part[i], yes.part[i], no.part[i]);
  return result;
}

/// The power of two at or below each of \p values >= 0; 0 for subnormal numbers.
HWY_INLINE Floats withoutFraction(const Floats &values) {
  const IntTag ints;
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::BitCast(
        FloatTag(), hn::And(hn::BitCast(ints, values.part[i]), hn::Set(ints, 0x7F800000)));
  return result;
}

/// The bits of each number as a whole number, rounded to float32.
HWY_INLINE Floats bitsOf(const Floats &values) {
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::ConvertTo(FloatTag(), hn::BitCast(IntTag(), values.part[i]));
  return result;
}

/// The numbers that have these bits.
HWY_INLINE Floats fromBits(const Floats &bits) {
  Floats result;
  for (size_t i = 0; i != PartCount; ++i)
    result.part[i] = hn::BitCast(FloatTag(), hn::ConvertTo(IntTag(), bits.part[i]));
  return result;
}

/// The nearest whole number to each of \p values >= 0, halves upwards, as roundf() does: what is
/// added is the largest float below one half, because 0.49999997 + 0.5 would round to 1.
HWY_INLINE Floats roundedHalfUp(const Floats &values) {
  return truncated(values + all(0x1.fffffep-2F));
}

/// Rounds away the last \p Dropped bits of each number, ties to even.
template <int Dropped> HWY_INLINE Floats roundedBits(const Floats &values) {
  const IntTag ints;
  const auto one = hn::Set(ints, 1), mask = hn::Set(ints, -(1 << Dropped)),
             belowHalf = hn::Set(ints, (1 << (Dropped - 1)) - 1);
  Floats result;
  for (size_t i = 0; i != PartCount; ++i) {
    const auto bits = hn::BitCast(ints, values.part[i]);
    const auto odd = hn::And(hn::ShiftRight<Dropped>(bits), one);
    result.part[i] = hn::BitCast(FloatTag(), hn::And(hn::Add(hn::Add(bits, belowHalf), odd), mask));
  }
  return result;
}

struct AddOf {
  template <typename V> static HWY_INLINE V apply(V a, V b) { return hn::Add(a, b); }
};
struct MinOf {
  template <typename V> static HWY_INLINE V apply(V a, V b) { return hn::Min(a, b); }
};
struct MaxOf {
  template <typename V> static HWY_INLINE V apply(V a, V b) { return hn::Max(a, b); }
};

template <typename Combine, typename D, typename V>
HWY_INLINE void storeFolded(D tag, V values, float *to) {
  if constexpr (hn::MaxLanes(D()) <= 4) {
    hn::StoreU(values, tag, to);
  } else {
    const hn::Half<D> half; // unqualified names below: one lane has no halves
    storeFolded<Combine>(half, Combine::apply(LowerHalf(half, values), UpperHalf(half, values)),
                         to);
  }
}

/// Combines lanes i, i + 8 and then, of these, i, i + 4.
template <typename Combine> HWY_INLINE void storeFoldedToFour(Floats values, float *to) {
  size_t count = PartCount;
  for (; count != 1 && count * PartSize != 4; count /= 2)
    for (size_t i = 0; i != count / 2; ++i)
      values.part[i] = Combine::apply(values.part[i], values.part[i + count / 2]);
  for (size_t i = 0; i != count; ++i)
    storeFolded<Combine>(FloatTag(), values.part[i], to + i * PartSize);
}

/// Of sixteen groups of four floats, what each comes to.
template <typename Combine> HWY_INLINE Floats foldedGroups(const float *groups) {
  Floats result;
  for (size_t i = 0; i != PartCount; ++i) {
    hn::Vec<FloatTag> a, b, c, d;
    hn::LoadInterleaved4(FloatTag(), groups + 4 * PartSize * i, a, b, c, d);
    result.part[i] = Combine::apply(Combine::apply(a, c), Combine::apply(b, d));
  }
  return result;
}

/// Each lane the sum of all, always in the same order.
HWY_INLINE Floats sumInAll(const Floats &values) {
  float lanes[LaneCount];
  store(values, lanes);
  for (size_t half = LaneCount / 2; half != 0; half /= 2)
    for (size_t i = 0; i != half; ++i)
      lanes[i] += lanes[i + half];
  return all(lanes[0]);
}

/// The lanes' sum in float64, always in the same order.
HWY_INLINE double sumOf(const Floats &values) {
  float lanes[LaneCount];
  store(values, lanes);
  double sums[4] = {};
  for (size_t i = 0; i != LaneCount; ++i)
    sums[i % 4] += lanes[i];
  return (sums[0] + sums[1]) + (sums[2] + sums[3]);
}

HWY_INLINE float largestOf(const Floats &values) {
  float lanes[LaneCount];
  store(values, lanes);
  return *std::max_element(lanes, lanes + LaneCount);
}

} // namespace optrun::quantize::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif // OPTRUN_PASSES_QUANTIZE_KERNELS_LANES_INL_H
