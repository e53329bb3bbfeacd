// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Takes quantized blocks apart: bits are moved, no number is computed.

#include "optrun/Checkpoint/PackedBlocks.h"

#include "BlockwiseSource.h"
#include "Messages.h"

#include <cstring>

namespace optrun::checkpoint {
namespace {

constexpr size_t HalfBytes = 2; // of a float16

/// Eight bytes whose upper halves are 0 as four: each pair becomes one byte, the first one low.
inline uint32_t joinPairs(uint64_t nibbles) {
  nibbles = (nibbles | nibbles >> 4) & 0x00ff00ff00ff00ff;
  nibbles = (nibbles | nibbles >> 8) & 0x0000ffff0000ffff;
  return static_cast<uint32_t>(nibbles | nibbles >> 16);
}

/// GGUF has values j and j + 16 in one byte, MatMulNBits values 2j and 2j + 1.
inline void repackNibbles(const uint8_t *in, uint8_t *out) {
  constexpr uint64_t LowHalves = 0x0f0f0f0f0f0f0f0f;
  uint64_t words[2];
  std::memcpy(words, in, sizeof(words));
  const uint32_t packed[4] = {joinPairs(words[0] & LowHalves), joinPairs(words[1] & LowHalves),
                              joinPairs(words[0] >> 4 & LowHalves),
                              joinPairs(words[1] >> 4 & LowHalves)};
  std::memcpy(out, packed, sizeof(packed));
}

/// From int8 to uint8 with a zero of 128.
inline void shiftToUnsigned(const uint8_t *in, uint8_t *out) {
  for (int j = 0; j != PackedBlocks::BlockSize; ++j)
    out[j] = in[j] ^ 0x80;
}

template <size_t BlockBytes, size_t Offset>
void takeHalf(const uint8_t *in, uint8_t *out, size_t count) {
  for (size_t i = 0; i != count; ++i)
    std::memcpy(out + i * HalfBytes, in + i * BlockBytes + Offset, HalfBytes);
}

template <size_t BlockBytes, size_t Offset>
void takeNibbles(const uint8_t *in, uint8_t *out, size_t count) {
  for (size_t i = 0; i != count; ++i)
    repackNibbles(in + i * BlockBytes + Offset, out + i * (BlockBytes - Offset));
}

template <size_t BlockBytes, size_t Offset>
void takeBytes(const uint8_t *in, uint8_t *out, size_t count) {
  for (size_t i = 0; i != count; ++i)
    shiftToUnsigned(in + i * BlockBytes + Offset, out + i * (BlockBytes - Offset));
}

struct Packing {
  int64_t bits, zero;
  BlockFunction quants, scales, minimums; // no minimums: null
};

std::optional<Packing> packingOf(GgmlType type) {
  switch (type) {
  case GgmlType::Q40:
    return Packing{4, 8, takeNibbles<18, 2>, takeHalf<18, 0>, nullptr};
  case GgmlType::Q41:
    return Packing{4, 0, takeNibbles<20, 4>, takeHalf<20, 0>, takeHalf<20, 2>};
  case GgmlType::Q80:
    return Packing{8, 128, takeBytes<34, 2>, takeHalf<34, 0>, nullptr};
  default:
    return std::nullopt;
  }
}

} // namespace

bool canPack(GgmlType type) { return packingOf(type).has_value(); }

llvm::Expected<PackedBlocks> packBlocks(ir::TensorSourceRef blocks, GgmlType type) {
  if (!blocks)
    return makeError("packing needs a source");
  const GgmlLayout layout = ggmlLayout(type);
  const std::optional<Packing> packing = packingOf(type);
  if (!packing)
    return makeError("cannot pack " + layout.name + " without rounding");
  PackedBlocks result;
  result.bits = packing->bits;
  result.zero = packing->zero;
  const uint64_t quantBytes = PackedBlocks::BlockSize * packing->bits / 8;
  llvm::Expected<ir::TensorSourceRef> quants =
      makeBlockwiseSource(blocks, layout, quantBytes, packing->quants);
  if (!quants)
    return quants.takeError();
  result.quants = std::move(*quants);
  // What can fail has failed: these are smaller.
  result.scales = llvm::cantFail(makeBlockwiseSource(blocks, layout, HalfBytes, packing->scales));
  if (packing->minimums)
    result.minimums =
        llvm::cantFail(makeBlockwiseSource(blocks, layout, HalfBytes, packing->minimums));
  return result;
}

} // namespace optrun::checkpoint
