// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The formulas of ggml's block formats. Products are exact in float (11 bits of d, at most 7 of a
/// scale, at most 6 of a value); the one sum rounds, so that no order of operations matters.

#include "BlockDecoder.h"

#include "optrun/IR/FloatScalars.h"
#include "optrun/Support/VectorTarget.h"

#include <cstring>

namespace optrun::checkpoint {
namespace {

inline float halfAt(const uint8_t *bytes) {
  ir::Float16 half;
  std::memcpy(&half.bits, bytes, sizeof(half.bits));
  return ir::toFloat(half);
}

/// The low halves of 16 bytes, then the high ones; eight at a time, because loops this short are
/// unrolled before they could be vectorized.
inline void splitNibbles(const uint8_t *__restrict bytes, uint8_t *__restrict out) {
  constexpr uint64_t LowHalves = 0x0f0f0f0f0f0f0f0f;
  uint64_t words[2];
  std::memcpy(words, bytes, sizeof(words));
  uint64_t halves[4] = {words[0] & LowHalves, words[1] & LowHalves, words[0] >> 4 & LowHalves,
                        words[1] >> 4 & LowHalves};
  std::memcpy(out, halves, sizeof(halves));
}

struct Q40 {
  static constexpr size_t Elements = 32, Bytes = 18;
  static inline void decode(const uint8_t *__restrict block, float *__restrict out) {
    float d = halfAt(block);
    uint8_t q[Elements];
    splitNibbles(block + 2, q);
    for (size_t j = 0; j != Elements; ++j)
      out[j] = static_cast<float>(q[j] - 8) * d;
  }
};

struct Q41 {
  static constexpr size_t Elements = 32, Bytes = 20;
  static inline void decode(const uint8_t *__restrict block, float *__restrict out) {
    float d = halfAt(block), m = halfAt(block + 2);
    uint8_t q[Elements];
    splitNibbles(block + 4, q);
    for (size_t j = 0; j != Elements; ++j)
      out[j] = static_cast<float>(q[j]) * d + m;
  }
};

struct Q80 {
  static constexpr size_t Elements = 32, Bytes = 34;
  static inline void decode(const uint8_t *__restrict block, float *__restrict out) {
    float d = halfAt(block);
    for (int j = 0; j != 32; ++j)
      out[j] = static_cast<float>(static_cast<int8_t>(block[2 + j])) * d;
  }
};

/// d, dmin, scales[12], qs[128]. Eight sub-blocks of 32 values with a scale and a minimum each.
struct Q4K {
  static constexpr size_t Elements = 256, Bytes = 144;
  static inline void decode(const uint8_t *__restrict block, float *__restrict out) {
    float d = halfAt(block), dmin = halfAt(block + 2);
    const uint8_t *s = block + 4, *q = block + 16;
    for (int pair = 0; pair != 4; ++pair, q += 32, out += 64) {
      float low = d * scale(s, 2 * pair), lowMinimum = dmin * minimum(s, 2 * pair);
      float high = d * scale(s, 2 * pair + 1), highMinimum = dmin * minimum(s, 2 * pair + 1);
      for (int j = 0; j != 32; ++j) {
        out[j] = low * static_cast<float>(q[j] & 15) - lowMinimum;
        out[j + 32] = high * static_cast<float>(q[j] >> 4) - highMinimum;
      }
    }
  }

private:
  /// Six bits each: of the first four together, of the others four bits here and two above those of
  /// the first four.
  static inline float scale(const uint8_t *s, int j) {
    return static_cast<float>(j < 4 ? s[j] & 63 : (s[j + 4] & 15) | (s[j - 4] >> 6) << 4);
  }
  static inline float minimum(const uint8_t *s, int j) {
    return static_cast<float>(j < 4 ? s[j + 4] & 63 : s[j + 4] >> 4 | (s[j] >> 6) << 4);
  }
};

/// ql[128], qh[64], int8 scales[16], d. Sixteen sub-blocks of 16 values with a scale each.
struct Q6K {
  static constexpr size_t Elements = 256, Bytes = 210;
  static inline void decode(const uint8_t *__restrict block, float *__restrict out) {
    float d = halfAt(block + 208);
    const uint8_t *ql = block, *qh = block + 128;
    const auto *scales = reinterpret_cast<const int8_t *>(block + 192);
    for (int half = 0; half != 2; ++half, ql += 64, qh += 32, scales += 8, out += 128)
      for (int part = 0; part != 2; ++part)
        for (int l = part * 16; l != part * 16 + 16; ++l) {
          const int8_t *sc = scales + part;
          auto value = [&](int low, int high) {
            return static_cast<float>((low | high << 4) - 32);
          };
          out[l] = d * sc[0] * value(ql[l] & 15, qh[l] & 3);
          out[l + 32] = d * sc[2] * value(ql[l + 32] & 15, qh[l] >> 2 & 3);
          out[l + 64] = d * sc[4] * value(ql[l] >> 4, qh[l] >> 4 & 3);
          out[l + 96] = d * sc[6] * value(ql[l + 32] >> 4, qh[l] >> 6);
        }
  }
};

template <typename Format>
[[gnu::always_inline]] inline void decodeEach(const uint8_t *in, uint8_t *out, size_t count) {
  float values[Format::Elements];
  for (size_t i = 0; i != count; ++i) {
    Format::decode(in + i * Format::Bytes, values);
    std::memcpy(out + i * sizeof(values), values, sizeof(values));
  }
}

template <typename Format> void decodeBlocks(const uint8_t *in, uint8_t *out, size_t count) {
  decodeEach<Format>(in, out, count);
}

template <typename Format>
OPTRUN_VECTOR_TARGET void decodeBlocksFast(const uint8_t *in, uint8_t *out, size_t count) {
  decodeEach<Format>(in, out, count);
}

template <typename Format> BlockFunction decoder() {
  return hasVectorTarget() ? decodeBlocksFast<Format> : decodeBlocks<Format>;
}

} // namespace

BlockFunction blockDecoder(GgmlType type) {
  switch (type) {
  case GgmlType::Q40:
    return decoder<Q40>();
  case GgmlType::Q41:
    return decoder<Q41>();
  case GgmlType::Q80:
    return decoder<Q80>();
  case GgmlType::Q4K:
    return decoder<Q4K>();
  case GgmlType::Q6K:
    return decoder<Q6K>();
  default:
    return nullptr;
  }
}

} // namespace optrun::checkpoint
