// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Loops over the scalar conversions, for the instructions that the processor has.

#include "FloatConversion.h"

#include "optrun/IR/FloatScalars.h"
#include "optrun/Support/VectorTarget.h"

#include <cstring>

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace optrun::ir {
namespace {

template <typename From, typename To>
[[gnu::always_inline]] inline void convertElements(const uint8_t *__restrict in,
                                                   uint8_t *__restrict out, size_t count) {
  for (size_t i = 0; i != count; ++i) {
    From element;
    std::memcpy(&element, in + i * sizeof(From), sizeof(From));
    To converted = convertOne<To>(element);
    std::memcpy(out + i * sizeof(To), &converted, sizeof(To));
  }
}

template <typename From, typename To>
void convertArray(const uint8_t *in, uint8_t *out, size_t count) {
  convertElements<From, To>(in, out, count);
}

template <typename From, typename To>
OPTRUN_VECTOR_TARGET void convertArrayFast(const uint8_t *in, uint8_t *out, size_t count) {
  convertElements<From, To>(in, out, count);
}

#ifdef __x86_64__
// The processor rounds to float16 and keeps NaNs just as fromFloat() does; the rest of an array
// goes through that.

template <>
OPTRUN_VECTOR_TARGET void convertArrayFast<BFloat16, Float16>(const uint8_t *in, uint8_t *out,
                                                              size_t count) {
  for (; count >= 8; count -= 8, in += 16, out += 16) {
    __m128i narrow = _mm_loadu_si128(reinterpret_cast<const __m128i *>(in));
    __m256 wide = _mm256_castsi256_ps(_mm256_slli_epi32(_mm256_cvtepu16_epi32(narrow), 16));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out),
                     _mm256_cvtps_ph(wide, _MM_FROUND_TO_NEAREST_INT));
  }
  convertElements<BFloat16, Float16>(in, out, count);
}

template <>
OPTRUN_VECTOR_TARGET void convertArrayFast<float, Float16>(const uint8_t *in, uint8_t *out,
                                                           size_t count) {
  for (; count >= 8; count -= 8, in += 32, out += 16) {
    __m256 wide = _mm256_castsi256_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i *>(in)));
    _mm_storeu_si128(reinterpret_cast<__m128i *>(out),
                     _mm256_cvtps_ph(wide, _MM_FROUND_TO_NEAREST_INT));
  }
  convertElements<float, Float16>(in, out, count);
}

// It makes signalling NaNs quiet, which toFloat() does not: a block with a NaN is done again.
template <>
OPTRUN_VECTOR_TARGET void convertArrayFast<Float16, float>(const uint8_t *in, uint8_t *out,
                                                           size_t count) {
  constexpr size_t BlockSize = 256, Width = 16;
  const __m256i magnitudeBits = _mm256_set1_epi16(0x7fff), infinity = _mm256_set1_epi16(0x7c00);
  for (; count >= BlockSize; count -= BlockSize, in += BlockSize * 2, out += BlockSize * 4) {
    __m256i areNaN = _mm256_setzero_si256();
    for (size_t i = 0; i != BlockSize; i += Width) {
      const __m256i narrow = _mm256_loadu_si256(reinterpret_cast<const __m256i *>(in + i * 2));
      areNaN = _mm256_or_si256(
          areNaN, _mm256_cmpgt_epi16(_mm256_and_si256(narrow, magnitudeBits), infinity));
      float *wide = reinterpret_cast<float *>(out + i * 4);
      _mm256_storeu_ps(wide, _mm256_cvtph_ps(_mm256_castsi256_si128(narrow)));
      _mm256_storeu_ps(wide + Width / 2, _mm256_cvtph_ps(_mm256_extracti128_si256(narrow, 1)));
    }
    if (!_mm256_testz_si256(areNaN, areNaN))
      convertElements<Float16, float>(in, out, BlockSize);
  }
  convertElements<Float16, float>(in, out, count);
}

template <>
OPTRUN_VECTOR_TARGET void convertArrayFast<double, Float16>(const uint8_t *in, uint8_t *out,
                                                            size_t count) {
  float odd[256];
  for (size_t part; count != 0; count -= part, in += part * 8, out += part * 2) {
    part = std::min(count, std::size(odd));
    for (size_t i = 0; i != part; ++i) {
      double value;
      std::memcpy(&value, in + i * sizeof(value), sizeof(value));
      odd[i] = roundToOdd(value);
    }
    convertArrayFast<float, Float16>(reinterpret_cast<const uint8_t *>(odd), out, part);
  }
}
#endif

template <typename From, typename To> ConvertFunction conversion() {
  return hasVectorTarget() ? convertArrayFast<From, To> : convertArray<From, To>;
}

template <typename From> ConvertFunction conversionFrom(DataType to) {
  switch (to) {
  case DataType::Float16:
    return conversion<From, Float16>();
  case DataType::BFloat16:
    return conversion<From, BFloat16>();
  case DataType::Float32:
    return conversion<From, float>();
  case DataType::Float64:
    return conversion<From, double>();
  default:
    return nullptr;
  }
}

} // namespace

ConvertFunction floatConversion(DataType from, DataType to) {
  switch (from) {
  case DataType::Float16:
    return conversionFrom<Float16>(to);
  case DataType::BFloat16:
    return conversionFrom<BFloat16>(to);
  case DataType::Float32:
    return conversionFrom<float>(to);
  case DataType::Float64:
    return conversionFrom<double>(to);
  default:
    return nullptr;
  }
}

} // namespace optrun::ir
