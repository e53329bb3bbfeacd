// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Codes as streams of bits.

#include "kernels/IndexPacking.h"

#include <gmock/gmock.h>
#include <limits>

using namespace optrun::palettize;
using testing::ElementsAre;

namespace {

std::vector<uint8_t> packed(const std::vector<uint8_t> &codes, unsigned bits) {
  std::vector<uint8_t> bytes(packedSize(codes.size(), bits));
  packIndices(codes, bits, bytes);
  return bytes;
}

/// One bit at a time.
std::vector<uint8_t> unpacked(const std::vector<uint8_t> &bytes, size_t count, unsigned bits) {
  std::vector<uint8_t> codes(count);
  for (size_t bit = 0; bit != count * bits; ++bit)
    codes[bit / bits] |= static_cast<uint8_t>((bytes[bit / 8] >> bit % 8 & 1) << bit % bits);
  return codes;
}

TEST(IndexPacking, FirstCodeIsInTheLowestBits) {
  EXPECT_THAT(packed({1, 0, 0, 1, 1, 0, 0, 0, 1}, 1), ElementsAre(0b00011001, 1));
  EXPECT_THAT(packed({1, 2, 3, 0, 2}, 2), ElementsAre(0b00'11'10'01, 0b10));
  EXPECT_THAT(packed({7, 1, 2, 5}, 3), ElementsAre(0b10'001'111, 0b0000'101'0));
  EXPECT_THAT(packed({1, 2, 15}, 4), ElementsAre(0x21, 0x0F));
  EXPECT_THAT(packed({63, 1, 2, 4}, 6), ElementsAre(0b01'111111, 0b0010'0000, 0b000100'00));
  EXPECT_THAT(packed({0, 7, 255}, 8), ElementsAre(0, 7, 255));
}

TEST(IndexPacking, RoundTripsOfAnySize) {
  for (unsigned bits : {1U, 2U, 3U, 4U, 6U, 8U})
    for (size_t count = 0; count != 100; ++count) {
      std::vector<uint8_t> codes(count);
      for (size_t i = 0; i != count; ++i)
        codes[i] = static_cast<uint8_t>((i * 181 + i / 5) & ((1U << bits) - 1));
      std::vector<uint8_t> bytes = packed(codes, bits);
      EXPECT_EQ(bytes.size(), (count * bits + 7) / 8);
      EXPECT_EQ(unpacked(bytes, count, bits), codes) << count << " codes of " << bits;
      EXPECT_EQ(packed(unpacked(bytes, count, bits), bits), bytes) << "what pads is 0";
      packIndices(codes, bits, llvm::MutableArrayRef(codes).take_front(bytes.size()));
      codes.resize(bytes.size());
      EXPECT_EQ(codes, bytes) << "in place, " << count << " codes of " << bits;
    }
}

TEST(IndexPacking, SizesDoNotOverflow) {
  constexpr uint64_t Most = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(packedSize(Most, 8), Most);
  EXPECT_EQ(packedSize(Most, 1), Most / 8 + 1);
}

} // namespace
