// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Codes as bytes.

#include "optrun/Compression/CodePacking.h"

#include <gmock/gmock.h>
#include <limits>

using namespace optrun;
using testing::ElementsAre;

namespace {

std::vector<uint8_t> packed(const std::vector<uint8_t> &codes, unsigned bits,
                            Coding coding = Coding::Unsigned) {
  std::vector<uint8_t> bytes(packedSize(codes.size(), bits));
  packCodes(codes, bits, coding, bytes);
  return bytes;
}

TEST(CodePacking, FirstCodeIsInTheLowestBits) {
  EXPECT_THAT(packed({1, 0, 0, 1, 1, 0, 0, 0, 1}, 1), ElementsAre(0b00011001, 1));
  EXPECT_THAT(packed({1, 2, 3, 0, 2}, 2), ElementsAre(0b00'11'10'01, 0b10));
  EXPECT_THAT(packed({7, 1, 2, 5}, 3), ElementsAre(0b10'001'111, 0b0000'101'0));
  EXPECT_THAT(packed({1, 2, 15}, 4), ElementsAre(0x21, 0x0F));
  EXPECT_THAT(packed({63, 1, 2, 4}, 6), ElementsAre(0b01'111111, 0b0010'0000, 0b000100'00));
  EXPECT_THAT(packed({0, 7, 255}, 8), ElementsAre(0, 7, 255));
}

TEST(CodePacking, SignedCodesAreTwosComplement) {
  EXPECT_THAT(packed({0, 8, 15}, 4, Coding::Signed), ElementsAre(0x08, 0x07)); // -8, 0, 7
  EXPECT_THAT(packed({0, 1, 2, 3, 2}, 2, Coding::Signed), ElementsAre(0b01'00'11'10, 0));
  EXPECT_THAT(packed({0, 128, 255}, 8, Coding::Signed), ElementsAre(0x80, 0, 0x7F));
}

TEST(CodePacking, PacksAnySizeAsOneBitAtATimeDoes) {
  for (unsigned bits : {1U, 2U, 3U, 4U, 6U, 8U})
    for (Coding coding : {Coding::Unsigned, Coding::Signed})
      for (size_t count = 0; count != 300; ++count) {
        std::vector<uint8_t> codes(count), expected((count * bits + 7) / 8);
        const unsigned flip = coding == Coding::Signed ? 1U << (bits - 1) : 0;
        for (size_t i = 0; i != count; ++i)
          codes[i] = static_cast<uint8_t>((i * 37 + i / 7) & ((1U << bits) - 1));
        for (size_t bit = 0; bit != count * bits; ++bit)
          expected[bit / 8] |=
              static_cast<uint8_t>(((codes[bit / bits] ^ flip) >> bit % bits & 1) << bit % 8);
        EXPECT_EQ(packed(codes, bits, coding), expected) << count << " codes of " << bits;
        packCodes(codes, bits, coding, llvm::MutableArrayRef(codes).take_front(expected.size()));
        codes.resize(expected.size());
        EXPECT_EQ(codes, expected) << "in place, " << count << " codes of " << bits;
      }
}

TEST(CodePacking, SizesDoNotOverflow) {
  constexpr uint64_t Most = std::numeric_limits<uint64_t>::max();
  EXPECT_EQ(packedSize(Most, 8), Most);
  EXPECT_EQ(packedSize(Most, 1), Most / 8 + 1);
}

TEST(CodePacking, AcrossRowsIsThePackingOfColumns) {
  for (unsigned bits : {2U, 4U, 8U})
    for (Coding coding : {Coding::Unsigned, Coding::Signed})
      for (size_t columns : {1, 5, 32, 67})
        for (size_t lines : {1, 3}) {
          const size_t perByte = 8 / bits;
          std::vector<uint8_t> codes(lines * perByte * columns), out(lines * columns);
          for (size_t i = 0; i != codes.size(); ++i)
            codes[i] = static_cast<uint8_t>((i * 37 + i / 7) & ((1U << bits) - 1));
          packAcross(codes, columns, bits, coding, out);
          for (size_t i = 0; i != out.size(); ++i) {
            std::vector<uint8_t> column;
            for (size_t row = 0; row != perByte; ++row)
              column.push_back(codes[(i / columns * perByte + row) * columns + i % columns]);
            ASSERT_THAT(packed(column, bits, coding), ElementsAre(out[i])) << i << " of " << bits;
          }
        }
}

} // namespace
