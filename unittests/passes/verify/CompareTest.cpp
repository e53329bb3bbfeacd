// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Differences of tensors.

#include "Compare.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>
#include <vector>

using namespace optrun;
using namespace optrun::verify;

namespace {

constexpr float NaN = std::numeric_limits<float>::quiet_NaN();
constexpr float Infinity = std::numeric_limits<float>::infinity();

template <typename T>
Difference compare(ir::DataType type, const std::vector<T> &expected,
                   const std::vector<T> &actual) {
  const std::vector<int64_t> dims = {static_cast<int64_t>(expected.size())};
  auto view = [&](const std::vector<T> &elements) {
    return TensorView{
        type,
        dims,
        {reinterpret_cast<const uint8_t *>(elements.data()), elements.size() * sizeof(T)}};
  };
  return compareTensors(view(expected), view(actual));
}

Difference compareFloats(const std::vector<float> &expected, const std::vector<float> &actual) {
  return compare(ir::DataType::Float32, expected, actual);
}

TEST(Compare, SameBitsAreEqual) {
  EXPECT_TRUE(compareFloats({1, -2, NaN, Infinity}, {1, -2, NaN, Infinity}).bitEqual);
  EXPECT_TRUE(compareFloats({}, {}).bitEqual);
}

TEST(Compare, ZerosOfBothSignsDifferInBitsOnly) {
  Difference difference = compareFloats({0.0f, 1}, {-0.0f, 1});
  EXPECT_FALSE(difference.bitEqual);
  EXPECT_EQ(difference.maxAbsolute, 0);
  EXPECT_EQ(difference.maxRelative, 0);
}

TEST(Compare, IsRelativeToTheLargestExpected) {
  Difference difference = compareFloats({4, 0.001f, -8}, {4, 0.002f, -8.5});
  EXPECT_EQ(difference.maxAbsolute, 0.5);
  EXPECT_EQ(difference.maxRelative, 0.5 / 8);
  EXPECT_EQ(compareFloats({0, 0}, {0, 1e-9f}).maxRelative, Infinity);
}

TEST(Compare, NotANumberIsEqualToItselfOnly) {
  EXPECT_EQ(compareFloats({NaN, 1}, {NaN, 1.5}).maxAbsolute, 0.5);
  EXPECT_EQ(compareFloats({NaN, 1}, {0, 1}).maxAbsolute, Infinity);
  EXPECT_EQ(compareFloats({1, 1}, {NaN, 1}).maxRelative, Infinity);
}

TEST(Compare, InfinitiesAreEqualToThemselvesOnly) {
  EXPECT_EQ(compareFloats({Infinity, 2}, {Infinity, 2.5}).maxRelative, 0.25);
  EXPECT_EQ(compareFloats({Infinity, 2}, {-Infinity, 2}).maxRelative, Infinity);
  EXPECT_EQ(compareFloats({2}, {Infinity}).maxRelative, Infinity);
}

TEST(Compare, KnowsEveryNumericType) {
  EXPECT_EQ(
      compare<uint16_t>(ir::DataType::Float16, {0x3C00, 0x0001}, {0x4000, 0x0001}).maxAbsolute, 1);
  EXPECT_EQ(compare<uint16_t>(ir::DataType::Float16, {0x7C00}, {0x7BFF}).maxAbsolute, Infinity);
  EXPECT_EQ(compare<uint16_t>(ir::DataType::BFloat16, {0x3F80}, {0x4000}).maxAbsolute, 1);
  EXPECT_EQ(compare<double>(ir::DataType::Float64, {2}, {2.25}).maxRelative, 0.125);
  EXPECT_EQ(compare<int64_t>(ir::DataType::Int64, {-4}, {-3}).maxRelative, 0.25);
  EXPECT_EQ(compare<int32_t>(ir::DataType::Int32, {-4}, {-3}).maxAbsolute, 1);
  EXPECT_EQ(compare<int8_t>(ir::DataType::Int8, {-4}, {4}).maxAbsolute, 8);
  EXPECT_EQ(compare<uint8_t>(ir::DataType::Bool, {0}, {1}).maxAbsolute, 1);
  EXPECT_EQ(compare<uint8_t>(ir::DataType::Float8E4M3FN, {1}, {2}).maxRelative, Infinity);
}

TEST(Compare, WholeNumbersAreNotRounded) {
  const int64_t large = (int64_t{1} << 53) + 1, neighbour = large - 1; // the same double
  auto bytesOf = [](const int64_t &value) {
    return llvm::ArrayRef(reinterpret_cast<const uint8_t *>(&value), sizeof(value));
  };
  const int64_t dims[] = {1};
  Difference difference = compareTensors({ir::DataType::Int64, dims, bytesOf(large)},
                                         {ir::DataType::Int64, dims, bytesOf(neighbour)});
  EXPECT_FALSE(difference.bitEqual);
  EXPECT_EQ(difference.maxAbsolute, 1);
}

TEST(Compare, OtherShapeOrTypeIsNotComparable) {
  const std::vector<int64_t> row = {4}, square = {2, 2};
  const std::vector<uint8_t> bytes(4);
  Difference difference =
      compareTensors({ir::DataType::Int8, row, bytes}, {ir::DataType::Int8, square, bytes});
  EXPECT_FALSE(difference.comparable);
  EXPECT_FALSE(difference.bitEqual);
  EXPECT_EQ(difference.maxRelative, Infinity);
  EXPECT_FALSE(compareTensors({ir::DataType::Int8, row, bytes}, {ir::DataType::UInt8, row, bytes})
                   .comparable);
}

} // namespace
