// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Sources: memory, file ranges, row permutations, casts.

#include "optrun/IR/TensorSource.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "gmock/gmock.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>

using namespace optrun;
using namespace optrun::ir;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::vector<uint8_t> readRange(const TensorSource &source, uint64_t offset, size_t count) {
  std::vector<uint8_t> bytes(count);
  if (llvm::Error error = source.read(offset, bytes))
    throw std::runtime_error(llvm::toString(std::move(error)));
  return bytes;
}

std::vector<uint8_t> readWhole(const TensorSource &source) {
  return readRange(source, 0, source.byteSize());
}

std::string readError(const TensorSource &source, uint64_t offset, size_t count) {
  std::vector<uint8_t> bytes(count);
  return errorOf(source.read(offset, bytes));
}

/// Every range of a small source must read as the same piece of the whole.
void expectAllRangesConsistent(const TensorSource &source) {
  std::vector<uint8_t> whole = readWhole(source);
  for (size_t begin = 0; begin <= whole.size(); ++begin)
    for (size_t end = begin; end <= whole.size(); ++end)
      ASSERT_EQ(readRange(source, begin, end - begin),
                std::vector(whole.begin() + begin, whole.begin() + end))
          << "bytes " << begin << " to " << end;
  EXPECT_THAT(readError(source, whole.size(), 1), HasSubstr("cannot read 1 bytes"));
  EXPECT_THAT(readError(source, UINT64_MAX, 1), HasSubstr("cannot read 1 bytes"));
}

TEST(InlineSource, GivesItsBytes) {
  TensorSourceRef source = makeInlineSource({1, 2, 3});
  EXPECT_THAT(*source->inlineBytes(), ElementsAre(1, 2, 3));
  EXPECT_EQ(source->fileRange(), std::nullopt);
  expectAllRangesConsistent(*source);
}

TEST(FileRangeSource, ReadsItsRangeOnly) {
  TemporaryFolder folder;
  auto file = valueOf(FileHandle::open(folder.write("data", "0123456789")));
  TensorSourceRef source = valueOf(makeFileRangeSource({file, 2, 5}));
  EXPECT_THAT(readWhole(*source), ElementsAre('2', '3', '4', '5', '6'));
  EXPECT_EQ(source->fileRange()->offset, 2u);
  EXPECT_EQ(source->inlineBytes(), std::nullopt);
  expectAllRangesConsistent(*source);
}

TEST(FileRangeSource, RefusesRangesPastTheEnd) {
  TemporaryFolder folder;
  std::string path = folder.write("data", "0123456789");
  auto file = valueOf(FileHandle::open(path));
  EXPECT_EQ(valueOf(makeFileRangeSource({file, 10, 0}))->byteSize(), 0u);
  EXPECT_THAT(errorOf(makeFileRangeSource({file, 8, 3})),
              HasSubstr(path + ": 3 bytes at offset 8 reach past the end of the file (10 bytes)"));
  EXPECT_THAT(errorOf(makeFileRangeSource({file, UINT64_MAX, 2})), HasSubstr("past the end"));
  EXPECT_THAT(errorOf(makeFileRangeSource({file, 2, UINT64_MAX})), HasSubstr("past the end"));
  EXPECT_THAT(errorOf(makeFileRangeSource({nullptr, 0, 0})), HasSubstr("needs a file"));
}

TEST(RowPermutationSource, ReordersRows) {
  TensorSourceRef source = makeInlineSource({0, 1, 10, 11, 20, 21, 30, 31});
  TensorSourceRef permuted = valueOf(makeRowPermutationSource(source, 2, {2, 3, 0, 1}));
  EXPECT_THAT(readWhole(*permuted), ElementsAre(20, 21, 30, 31, 0, 1, 10, 11));
  expectAllRangesConsistent(*permuted);
  permuted = valueOf(makeRowPermutationSource(source, 2, {3, 1, 2, 0}));
  EXPECT_THAT(readWhole(*permuted), ElementsAre(30, 31, 10, 11, 20, 21, 0, 1));
  expectAllRangesConsistent(*permuted);
}

TEST(RowPermutationSource, TheIdentityIsTheSourceItself) {
  TensorSourceRef source = makeInlineSource({0, 1, 2, 3});
  EXPECT_EQ(valueOf(makeRowPermutationSource(source, 2, {0, 1})), source);
}

TEST(RowPermutationSource, RefusesWhatIsNoPermutation) {
  TensorSourceRef source = makeInlineSource({0, 1, 2, 3});
  EXPECT_THAT(errorOf(makeRowPermutationSource(source, 2, {0, 2})),
              HasSubstr("row 2 at position 1 of a permutation of 2 rows does not exist"));
  EXPECT_THAT(errorOf(makeRowPermutationSource(source, 2, {1, 1})), HasSubstr("is there twice"));
  EXPECT_THAT(errorOf(makeRowPermutationSource(source, 2, {0})), HasSubstr("1 rows of 2 bytes"));
  EXPECT_THAT(errorOf(makeRowPermutationSource(source, UINT64_MAX, {0, 1})), HasSubstr("2 rows"));
}

TEST(TransposedSource, HasTheColumnsAsRows) {
  TensorSourceRef source = makeInlineSource({0, 1, 10, 11, 20, 21, 30, 31, 40, 41, 50, 51});
  TensorSourceRef transposed = valueOf(makeTransposedSource(source, 2, 3, 2));
  EXPECT_THAT(readWhole(*transposed), ElementsAre(0, 1, 30, 31, 10, 11, 40, 41, 20, 21, 50, 51));
  expectAllRangesConsistent(*transposed);
  transposed = valueOf(makeTransposedSource(source, 4, 3, 1));
  EXPECT_THAT(readWhole(*transposed), ElementsAre(0, 11, 30, 41, 1, 20, 31, 50, 10, 21, 40, 51));
  expectAllRangesConsistent(*transposed);
}

TEST(TransposedSource, OfOneRowIsTheSourceItself) {
  TensorSourceRef source = makeInlineSource({0, 1, 2, 3});
  EXPECT_EQ(valueOf(makeTransposedSource(source, 1, 4, 1)), source);
  EXPECT_EQ(valueOf(makeTransposedSource(source, 2, 1, 2)), source);
}

TEST(TransposedSource, RefusesOtherSizes) {
  TensorSourceRef source = makeInlineSource({0, 1, 2, 3});
  EXPECT_THAT(errorOf(makeTransposedSource(source, 2, 2, 2)),
              HasSubstr("2 rows of 2 elements of 2 bytes do not make the 4 bytes"));
  EXPECT_THAT(errorOf(makeTransposedSource(source, uint64_t(1) << 63, 2, 1)), HasSubstr("rows of"));
  EXPECT_THAT(errorOf(makeTransposedSource(nullptr, 2, 2, 1)), HasSubstr("needs a source"));
}

// ---- Casts ----------------------------------------------------------------------------------

template <typename T> TensorSourceRef sourceOf(const std::vector<T> &elements) {
  std::vector<uint8_t> bytes(elements.size() * sizeof(T));
  std::memcpy(bytes.data(), elements.data(), bytes.size());
  return makeInlineSource(std::move(bytes));
}

template <typename To, typename From>
std::vector<To> cast(const std::vector<From> &elements, DataType from, DataType to) {
  TensorSourceRef source = valueOf(makeCastSource(sourceOf(elements), from, to));
  std::vector<uint8_t> bytes = readWhole(*source);
  std::vector<To> result(bytes.size() / sizeof(To));
  std::memcpy(result.data(), bytes.data(), bytes.size());
  return result;
}

/// The value of a 16-bit float with that many mantissa bits, by its definition.
double decode(uint16_t bits, unsigned mantissaBits) {
  unsigned exponentBits = 15 - mantissaBits;
  int exponent = (bits >> mantissaBits) & ((1 << exponentBits) - 1);
  int mantissa = bits & ((1 << mantissaBits) - 1), bias = (1 << (exponentBits - 1)) - 1;
  double sign = bits & 0x8000 ? -1 : 1;
  if (exponent == (1 << exponentBits) - 1)
    return mantissa ? std::numeric_limits<double>::quiet_NaN() : sign * HUGE_VAL;
  double fraction = std::ldexp(mantissa, -static_cast<int>(mantissaBits));
  return exponent == 0 ? sign * std::ldexp(fraction, 1 - bias)
                       : sign * std::ldexp(1 + fraction, exponent - bias);
}

/// The nearest 16-bit float, ties to even, by its definition: bisection over all of them, which are
/// ordered like their bits.
uint16_t encode(double value, unsigned mantissaBits) {
  uint16_t sign = std::signbit(value) ? 0x8000 : 0, infinity = (0x7fff >> mantissaBits)
                                                               << mantissaBits;
  double magnitude = std::fabs(value);
  uint16_t low = 0, high = infinity;
  while (high - low > 1) {
    uint16_t middle = (low + high) / 2;
    (decode(middle, mantissaBits) <= magnitude ? low : high) = middle;
  }
  // Beyond the largest finite number, the distance is to what would come next.
  double above = high == infinity ? 2 * decode(low, mantissaBits) - decode(low - 1, mantissaBits)
                                  : decode(high, mantissaBits);
  double below = decode(low, mantissaBits);
  if (magnitude >= above)
    return sign | high;
  double toLow = magnitude - below, toHigh = above - magnitude; // exact in these ranges
  bool up = toHigh < toLow || (toHigh == toLow && (low & 1));
  return sign | (up ? high : low);
}

struct Narrow {
  DataType type;
  unsigned mantissaBits;
};
const Narrow NarrowTypes[] = {{DataType::Float16, 10}, {DataType::BFloat16, 7}};

TEST(CastSource, WidensEvery16BitPattern) {
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i != all.size(); ++i)
    all[i] = static_cast<uint16_t>(i);
  for (auto [type, mantissaBits] : NarrowTypes) {
    auto floats = cast<float>(all, type, DataType::Float32);
    auto doubles = cast<double>(all, type, DataType::Float64);
    for (size_t i = 0; i != all.size(); ++i) {
      double expected = decode(all[i], mantissaBits);
      if (std::isnan(expected)) {
        EXPECT_TRUE(std::isnan(floats[i]) && std::isnan(doubles[i])) << i;
        continue;
      }
      ASSERT_EQ(floats[i], expected) << i;
      ASSERT_EQ(doubles[i], expected) << i;
      ASSERT_EQ(std::signbit(floats[i]), (all[i] & 0x8000) != 0) << i;
    }
  }
}

TEST(CastSource, WideningAndNarrowingGivesTheSamePattern) {
  std::vector<uint16_t> all;
  for (unsigned i = 0; i != 65536; ++i)
    all.push_back(static_cast<uint16_t>(i));
  for (auto [type, mantissaBits] : NarrowTypes) {
    auto viaFloat =
        cast<uint16_t>(cast<float>(all, type, DataType::Float32), DataType::Float32, type);
    auto viaDouble =
        cast<uint16_t>(cast<double>(all, type, DataType::Float64), DataType::Float64, type);
    for (unsigned i = 0; i != 65536; ++i) {
      if (std::isnan(decode(all[i], mantissaBits))) {
        EXPECT_TRUE(std::isnan(decode(viaFloat[i], mantissaBits))) << i;
        EXPECT_TRUE(std::isnan(decode(viaDouble[i], mantissaBits))) << i;
        EXPECT_EQ(viaFloat[i] & 0x8000, all[i] & 0x8000) << "the sign of a NaN";
        continue;
      }
      ASSERT_EQ(viaFloat[i], all[i]);
      ASSERT_EQ(viaDouble[i], all[i]);
    }
  }
}

/// Numbers where rounding decides: exactly between two neighbours, and a hair beside that.
std::vector<double> roundingCases(unsigned mantissaBits) {
  std::vector<double> cases = {0.0,
                               -0.0,
                               HUGE_VAL,
                               -HUGE_VAL,
                               1e300,
                               -1e300,
                               1e-300,
                               5e-324,
                               std::numeric_limits<float>::max(),
                               std::numeric_limits<float>::denorm_min()};
  uint16_t infinity = (0x7fff >> mantissaBits) << mantissaBits;
  for (uint16_t bits = 0; bits < infinity; ++bits) {
    double low = decode(bits, mantissaBits);
    double high = bits + 1 == infinity ? 2 * low - decode(bits - 1, mantissaBits)
                                       : decode(bits + 1, mantissaBits);
    double middle = (low + high) / 2; // exact: one more bit
    for (double value :
         {low, middle, std::nextafter(middle, 0), std::nextafter(middle, HUGE_VAL),
          static_cast<double>(std::nextafterf(static_cast<float>(middle), 0)),
          static_cast<double>(std::nextafterf(static_cast<float>(middle), HUGE_VALF))})
      cases.push_back(bits & 1 ? value : -value);
  }
  return cases;
}

TEST(CastSource, NarrowsDoublesToTheNearestWithOneRounding) {
  for (auto [type, mantissaBits] : NarrowTypes) {
    std::vector<double> cases = roundingCases(mantissaBits);
    auto result = cast<uint16_t>(cases, DataType::Float64, type);
    for (size_t i = 0; i != cases.size(); ++i)
      ASSERT_EQ(result[i], encode(cases[i], mantissaBits))
          << dataTypeName(type).str() << " of " << std::hexfloat << cases[i];
  }
}

TEST(CastSource, NarrowsFloatsToTheNearest) {
  for (auto [type, mantissaBits] : NarrowTypes) {
    std::vector<float> cases;
    for (double value : roundingCases(mantissaBits))
      cases.push_back(static_cast<float>(value));
    std::mt19937 random(1);
    for (int i = 0; i != 200000; ++i)
      if (float value = std::bit_cast<float>(static_cast<uint32_t>(random())); !std::isnan(value))
        cases.push_back(value);
    auto result = cast<uint16_t>(cases, DataType::Float32, type);
    for (size_t i = 0; i != cases.size(); ++i)
      ASSERT_EQ(result[i], encode(cases[i], mantissaBits))
          << dataTypeName(type).str() << " of " << std::hexfloat << cases[i];
  }
}

TEST(CastSource, KeepsNaNsThatLookLikeOtherNumbersInTheUpperBits) {
  // A NaN whose payload lies in the bits that go must not become infinity.
  std::vector<uint32_t> nans = {0x7f800001, 0xff800001, 0x7fc00000, 0x7fffffff};
  for (auto [type, mantissaBits] : NarrowTypes)
    for (uint16_t bits : cast<uint16_t>(nans, DataType::Float32, type))
      EXPECT_TRUE(std::isnan(decode(bits, mantissaBits)));
  std::vector<uint64_t> wide = {0x7ff0000000000001, 0xfff0000000000001};
  for (auto [type, mantissaBits] : NarrowTypes)
    for (uint16_t bits : cast<uint16_t>(wide, DataType::Float64, type))
      EXPECT_TRUE(std::isnan(decode(bits, mantissaBits)));
}

TEST(CastSource, ConvertsBetweenFloatAndDoubleAndBetweenTheNarrowOnes) {
  EXPECT_THAT(cast<double>(std::vector{1.5f, -0.1f}, DataType::Float32, DataType::Float64),
              ElementsAre(1.5, static_cast<double>(-0.1f)));
  EXPECT_THAT(cast<float>(std::vector{0.1, 1e300}, DataType::Float64, DataType::Float32),
              ElementsAre(0.1f, HUGE_VALF));
  // 1.0 and the largest float16 (65504), which rounds up to 65536 in bfloat16.
  EXPECT_THAT(
      cast<uint16_t>(std::vector<uint16_t>{0x3c00, 0x7bff}, DataType::Float16, DataType::BFloat16),
      ElementsAre(0x3f80, 0x4780));
  // 2^-20, subnormal in float16, and 2^100, which has no place there.
  EXPECT_THAT(
      cast<uint16_t>(std::vector<uint16_t>{0x3580, 0x7180}, DataType::BFloat16, DataType::Float16),
      ElementsAre(0x0010, 0x7c00));
}

TEST(CastSource, GivesTheSameBitsForManyElementsAsForOne) {
  // Long runs use what the processor has, single elements do not.
  std::vector<uint16_t> all(65536);
  for (size_t i = 0; i != all.size(); ++i)
    all[i] = static_cast<uint16_t>(i);
  std::vector<uint32_t> wide;
  for (uint16_t upper : all)
    wide.insert(wide.end(), {uint32_t(upper) << 16, uint32_t(upper) << 16 | 0x3fff});
  struct Case {
    TensorSourceRef source;
    DataType from, to;
  };
  for (const auto &[source, from, to] :
       {Case{sourceOf(all), DataType::BFloat16, DataType::Float16},
        Case{sourceOf(all), DataType::Float16, DataType::Float32},
        Case{sourceOf(wide), DataType::Float32, DataType::Float16},
        Case{sourceOf(wide), DataType::Float32, DataType::BFloat16}}) {
    TensorSourceRef result = valueOf(makeCastSource(source, from, to));
    std::vector<uint8_t> together = readWhole(*result);
    size_t bytes = bitWidth(to) / 8;
    for (size_t offset = 0; offset != together.size(); offset += bytes)
      ASSERT_EQ(readRange(*result, offset, bytes),
                std::vector(together.begin() + offset, together.begin() + offset + bytes))
          << "element " << offset / bytes;
  }
}

TEST(CastSource, ReadsAtAnyByteOffset) {
  std::vector<float> elements = {1, -2, 3.5f, 1e-7f, 65504};
  for (DataType to : {DataType::Float16, DataType::BFloat16, DataType::Float64})
    expectAllRangesConsistent(*valueOf(makeCastSource(sourceOf(elements), DataType::Float32, to)));
}

TEST(CastSource, ConvertsFilesBlockByBlock) {
  // More elements than one block, in a file, at an unaligned offset.
  constexpr size_t Count = 150000;
  std::string data = "xyz";
  for (size_t i = 0; i != Count; ++i) {
    float value = static_cast<float>(i % 2048);
    data.append(reinterpret_cast<const char *>(&value), sizeof(value));
  }
  TemporaryFolder folder;
  auto file = valueOf(FileHandle::open(folder.write("data", data)));
  TensorSourceRef source = valueOf(makeCastSource(
      valueOf(makeFileRangeSource({file, 3, Count * 4})), DataType::Float32, DataType::Float16));
  ASSERT_EQ(source->byteSize(), Count * 2);
  std::vector<uint8_t> bytes = readWhole(*source);
  for (size_t i = 0; i != Count; ++i) {
    uint16_t bits;
    std::memcpy(&bits, bytes.data() + 2 * i, 2);
    ASSERT_EQ(decode(bits, 10), i % 2048) << i;
  }
  std::vector<uint8_t> tail = readRange(*source, Count * 2 - 200001, 200001);
  EXPECT_TRUE(std::equal(tail.begin(), tail.end(), bytes.end() - 200001));
}

TEST(CastSource, ACastToTheSameTypeIsTheSourceItself) {
  TensorSourceRef source = sourceOf(std::vector{1.0f});
  EXPECT_EQ(valueOf(makeCastSource(source, DataType::Float32, DataType::Float32)), source);
}

TEST(CastSource, RefusesOtherTypesAndPartialElements) {
  TensorSourceRef source = makeInlineSource({1, 2, 3});
  EXPECT_THAT(errorOf(makeCastSource(source, DataType::Int8, DataType::Float32)),
              HasSubstr("cannot cast tensor data from int8 to float"));
  EXPECT_THAT(errorOf(makeCastSource(source, DataType::Float32, DataType::Int4)),
              HasSubstr("from float to int4"));
  EXPECT_THAT(errorOf(makeCastSource(source, DataType::Float16, DataType::Float32)),
              HasSubstr("3 bytes are no whole number of float16 elements"));
}

} // namespace
