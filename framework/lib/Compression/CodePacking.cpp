// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Packs codes a byte at a time: all its codes are moved together in one integer, in a loop that
/// becomes vector code. Where codes cross bytes, eight of them at a time.

#include "optrun/Compression/CodePacking.h"

#include "optrun/Support/VectorTarget.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>

namespace optrun {
namespace {

static_assert(std::endian::native == std::endian::little, "words of codes are little-endian");

uint8_t movedTogether(uint8_t code) { return code; }

uint8_t movedTogether(uint16_t codes) { return static_cast<uint8_t>(codes | codes >> 4); }

uint8_t movedTogether(uint32_t codes) {
  return static_cast<uint8_t>(codes | codes >> 6 | codes >> 12 | codes >> 18);
}

/// \p flip is added to each byte without carry: see Coding::Signed. Reads a word before it writes
/// its byte, so that these may lie at the front of the codes.
template <typename Word>
[[gnu::always_inline]] inline void packLoop(const uint8_t *codes, size_t count, unsigned flip,
                                            uint8_t *out) {
  for (size_t i = 0; i != count; ++i) {
    Word word;
    std::memcpy(&word, codes + i * sizeof(Word), sizeof(Word));
    out[i] = static_cast<uint8_t>(movedTogether(word) ^ flip);
  }
}

template <typename Word>
void pack(const uint8_t *codes, size_t count, unsigned flip, uint8_t *out) {
  packLoop<Word>(codes, count, flip, out);
}

template <typename Word>
OPTRUN_VECTOR_TARGET void packFast(const uint8_t *codes, size_t count, unsigned flip,
                                   uint8_t *out) {
  packLoop<Word>(codes, count, flip, out);
}

template <typename Word>
void packCodesOf(llvm::ArrayRef<uint8_t> codes, unsigned flip, llvm::MutableArrayRef<uint8_t> out) {
  const size_t whole = codes.size() / sizeof(Word), rest = codes.size() % sizeof(Word);
  (hasVectorTarget() ? packFast<Word> : pack<Word>)(codes.data(), whole, flip, out.data());
  if (rest == 0)
    return;
  uint8_t last[sizeof(Word)] = {};
  std::copy_n(codes.data() + whole * sizeof(Word), rest, last);
  // The flip is for codes, not for what pads the byte.
  const unsigned bits = 8 / sizeof(Word), kept = (1U << (rest * bits)) - 1;
  packLoop<Word>(last, 1, flip & kept, out.data() + whole);
}

/// Eight codes: each step joins neighbours, codes to pairs, pairs to fours, fours to eight.
template <unsigned Bits> uint64_t eightTogether(uint64_t codes) {
  constexpr unsigned Gap = 8 - Bits;
  constexpr uint64_t Bytes = 0x00FF00FF00FF00FF, Pairs = 0x0000FFFF0000FFFF, Fours = 0xFFFFFFFF;
  codes = (codes & Bytes) | (codes & ~Bytes) >> Gap;
  codes = (codes & Pairs) | (codes & ~Pairs) >> 2 * Gap;
  return (codes & Fours) | (codes & ~Fours) >> 4 * Gap;
}

/// \p flip is added to each code without carry.
template <unsigned Bits>
void packEights(llvm::ArrayRef<uint8_t> codes, uint8_t flip, llvm::MutableArrayRef<uint8_t> out) {
  constexpr uint64_t Each = 0x0101010101010101;
  const size_t whole = codes.size() / 8, rest = codes.size() % 8;
  uint64_t word = 0;
  for (size_t i = 0; i != whole; ++i) {
    std::memcpy(&word, codes.data() + i * 8, 8);
    word = eightTogether<Bits>(word ^ flip * Each);
    std::memcpy(out.data() + i * Bits, &word, Bits);
  }
  if (rest == 0)
    return;
  word = flip * (Each >> (8 * (8 - rest))); // what pads is not flipped
  for (size_t i = 0; i != rest; ++i)
    word ^= static_cast<uint64_t>(codes[whole * 8 + i]) << (8 * i);
  word = eightTogether<Bits>(word);
  std::memcpy(out.data() + whole * Bits, &word, out.size() - whole * Bits);
}

template <unsigned Bits>
[[gnu::always_inline]] inline void acrossLoop(const uint8_t *codes, size_t columns, unsigned flip,
                                              uint8_t *__restrict out) {
  for (size_t i = 0; i != columns; ++i) {
    unsigned byte = flip;
    for (unsigned row = 0; row != 8 / Bits; ++row)
      byte ^= static_cast<unsigned>(codes[row * columns + i]) << (row * Bits);
    out[i] = static_cast<uint8_t>(byte);
  }
}

template <unsigned Bits>
void across(const uint8_t *codes, size_t columns, unsigned flip, uint8_t *out) {
  acrossLoop<Bits>(codes, columns, flip, out);
}

template <unsigned Bits>
OPTRUN_VECTOR_TARGET void acrossFast(const uint8_t *codes, size_t columns, unsigned flip,
                                     uint8_t *out) {
  acrossLoop<Bits>(codes, columns, flip, out);
}

template <unsigned Bits>
void packAcrossOf(llvm::ArrayRef<uint8_t> codes, uint64_t columns, unsigned flip,
                  llvm::MutableArrayRef<uint8_t> out) {
  const auto pack = hasVectorTarget() ? acrossFast<Bits> : across<Bits>;
  for (uint64_t line = 0; line != out.size(); line += columns)
    pack(codes.data() + line * (8 / Bits), columns, flip, out.data() + line);
}

/// The two's complement of code - 2^(bits - 1) is the code with its highest bit flipped: this bit,
/// of each code in a byte.
uint8_t flipOf(unsigned bits, Coding coding) {
  if (coding == Coding::Unsigned)
    return 0;
  return bits == 2 ? 0xAA : bits == 4 ? 0x88 : static_cast<uint8_t>(1U << (bits - 1));
}

} // namespace

void packCodes(llvm::ArrayRef<uint8_t> codes, unsigned bits, Coding coding,
               llvm::MutableArrayRef<uint8_t> out) {
  assert(out.size() == packedSize(codes.size(), bits));
  const uint8_t flip = flipOf(bits, coding);
  switch (bits) {
  case 1:
    return packEights<1>(codes, flip, out);
  case 2:
    return packCodesOf<uint32_t>(codes, flip, out);
  case 3:
    return packEights<3>(codes, flip, out);
  case 4:
    return packCodesOf<uint16_t>(codes, flip, out);
  case 6:
    return packEights<6>(codes, flip, out);
  default:
    assert(bits == 8);
    packCodesOf<uint8_t>(codes, flip, out);
  }
}

void packAcross(llvm::ArrayRef<uint8_t> codes, uint64_t columns, unsigned bits, Coding coding,
                llvm::MutableArrayRef<uint8_t> out) {
  assert(out.size() * (8 / bits) == codes.size() && out.size() % columns == 0);
  const unsigned flip = flipOf(bits, coding);
  if (bits == 8)
    packAcrossOf<8>(codes, columns, flip, out);
  else if (bits == 4)
    packAcrossOf<4>(codes, columns, flip, out);
  else
    packAcrossOf<2>(codes, columns, flip, out);
}

} // namespace optrun
