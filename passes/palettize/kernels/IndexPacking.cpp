// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Packs eight codes at a time: moved together in one integer, they fill whole bytes.

#include "IndexPacking.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace optrun::palettize {
namespace {

static_assert(std::endian::native == std::endian::little, "words of codes are little-endian");

/// Each step joins neighbours: codes to pairs, pairs to fours, fours to eight.
template <unsigned Bits> uint64_t movedTogether(uint64_t codes) {
  constexpr unsigned Gap = 8 - Bits;
  constexpr uint64_t Bytes = 0x00FF00FF00FF00FF, Pairs = 0x0000FFFF0000FFFF, Fours = 0xFFFFFFFF;
  codes = (codes & Bytes) | (codes & ~Bytes) >> Gap;
  codes = (codes & Pairs) | (codes & ~Pairs) >> 2 * Gap;
  return (codes & Fours) | (codes & ~Fours) >> 4 * Gap;
}

template <unsigned Bits>
void pack(llvm::ArrayRef<uint8_t> codes, llvm::MutableArrayRef<uint8_t> out) {
  const size_t whole = codes.size() / 8, rest = codes.size() % 8;
  uint64_t word;
  for (size_t i = 0; i != whole; ++i) {
    std::memcpy(&word, codes.data() + i * 8, 8);
    word = movedTogether<Bits>(word);
    std::memcpy(out.data() + i * Bits, &word, Bits);
  }
  if (rest == 0)
    return;
  word = 0;
  std::memcpy(&word, codes.data() + whole * 8, rest);
  word = movedTogether<Bits>(word);
  std::memcpy(out.data() + whole * Bits, &word, out.size() - whole * Bits);
}

} // namespace

void packIndices(llvm::ArrayRef<uint8_t> codes, unsigned bits, llvm::MutableArrayRef<uint8_t> out) {
  assert(out.size() == packedSize(codes.size(), bits));
  switch (bits) {
  case 1:
    return pack<1>(codes, out);
  case 2:
    return pack<2>(codes, out);
  case 3:
    return pack<3>(codes, out);
  case 4:
    return pack<4>(codes, out);
  case 6:
    return pack<6>(codes, out);
  default:
    assert(bits == 8);
    std::memmove(out.data(), codes.data(), codes.size());
  }
}

} // namespace optrun::palettize
