// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Byte sizes: what is read, what is refused, what is printed.

#include "optrun/Support/ByteSize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <limits>

using namespace optrun;
using testing::HasSubstr;

namespace {

uint64_t parsed(llvm::StringRef text) {
  llvm::Expected<ByteSize> size = parseByteSize(text);
  if (size)
    return size->bytes;
  ADD_FAILURE() << llvm::toString(size.takeError());
  return 0;
}

std::string refusal(llvm::StringRef text) {
  llvm::Expected<ByteSize> size = parseByteSize(text);
  if (size)
    return "read as " + std::to_string(size->bytes);
  return llvm::toString(size.takeError());
}

TEST(ByteSize, ReadsUnitsOfBothSystems) {
  EXPECT_EQ(parsed("0"), 0u);
  EXPECT_EQ(parsed("4096"), 4096u);
  EXPECT_EQ(parsed("12B"), 12u);
  EXPECT_EQ(parsed("3KB"), 3'000u);
  EXPECT_EQ(parsed("500MB"), 500'000'000u);
  EXPECT_EQ(parsed("2GB"), 2'000'000'000u);
  EXPECT_EQ(parsed("1TB"), 1'000'000'000'000u);
  EXPECT_EQ(parsed("3KiB"), 3'072u);
  EXPECT_EQ(parsed("1MiB"), 1'048'576u);
  EXPECT_EQ(parsed("1.5GiB"), 1'610'612'736u);
  EXPECT_EQ(parsed("1TiB"), uint64_t(1) << 40);
}

TEST(ByteSize, ReadsAnyCaseAndBlanksBeforeTheUnit) {
  EXPECT_EQ(parsed("2gB"), 2'000'000'000u);
  EXPECT_EQ(parsed("1mIB"), 1'048'576u);
  EXPECT_EQ(parsed("1.32 GB"), 1'320'000'000u);
}

TEST(ByteSize, RoundsDownToWholeBytesWithoutFloatingPoint) {
  EXPECT_EQ(parsed("1.9999KB"), 1'999u);
  EXPECT_EQ(parsed("12.0"), 12u);
  EXPECT_EQ(parsed("0.001KB"), 1u);
  EXPECT_EQ(parsed("18446744073709551615"), std::numeric_limits<uint64_t>::max());
  EXPECT_EQ(parsed("9007199254740993"), 9007199254740993u); // no double holds it
  EXPECT_EQ(parsed("0.9999999999999999999999999KB"), 999u);
}

TEST(ByteSize, SaysWhatToWriteInstead) {
  EXPECT_THAT(refusal("2Gb"), HasSubstr("bits elsewhere; write GB"));
  EXPECT_THAT(refusal("2gib"), HasSubstr("write GiB"));
  EXPECT_THAT(refusal("2G"), HasSubstr("write GB (powers of 1000) or GiB (powers of 1024)"));
  EXPECT_THAT(refusal("2Gi"), HasSubstr("write GiB"));
  EXPECT_THAT(refusal("2.5"),
              HasSubstr("not a whole number of bytes; write it with a unit: 2.5GB"));
  EXPECT_THAT(refusal("0.9 B"), HasSubstr("not a whole number of bytes"));
  for (llvm::StringRef text : {"", "GB", "-1", "+1", "two", "1e9", "0x10", ".5GB", "5.GB", "1,5GB",
                               "1 GB ", " 1GB", "1GBB", "1.2.3GB", "1 000"})
    EXPECT_THAT(refusal(text), HasSubstr("is not a size; write")) << text.str();
}

TEST(ByteSize, RefusesWhat64BitsCannotCount) {
  EXPECT_THAT(refusal("18446744073709551616"), HasSubstr("more than 64 bits can count"));
  EXPECT_THAT(refusal("20000000TB"), HasSubstr("more than 64 bits can count"));
  EXPECT_THAT(refusal("16777216TiB"), HasSubstr("more than 64 bits can count"));
  EXPECT_THAT(refusal(std::string(1000, '9')), HasSubstr("more than 64 bits can count"));
  EXPECT_EQ(parsed("16777215TiB"), uint64_t(16777215) << 40);
}

TEST(ByteSize, FormatsThreeDigitsForPeople) {
  EXPECT_EQ(formatByteSize(0), "0 B");
  EXPECT_EQ(formatByteSize(999), "999 B");
  EXPECT_EQ(formatByteSize(1000), "1.00 KB");
  EXPECT_EQ(formatByteSize(1'320'000'000), "1.32 GB");
  EXPECT_EQ(formatByteSize(13'250'000), "13.3 MB");
  EXPECT_EQ(formatByteSize(132'000'000), "132 MB");
  EXPECT_EQ(formatByteSize(9'994'999), "9.99 MB");
  EXPECT_EQ(formatByteSize(9'995'000), "10.0 MB");
  EXPECT_EQ(formatByteSize(999'499), "999 KB");
  EXPECT_EQ(formatByteSize(999'500), "1.00 MB");
  EXPECT_EQ(formatByteSize(std::numeric_limits<uint64_t>::max()), "18.4 EB");
}

TEST(ByteSize, PrintsTheShortestExactText) {
  EXPECT_EQ(printByteSize({0}), "0");
  EXPECT_EQ(printByteSize({1}), "1");
  EXPECT_EQ(printByteSize({2'000'000'000}), "2GB");
  EXPECT_EQ(printByteSize({uint64_t(1) << 30}), "1GiB");
  EXPECT_EQ(printByteSize({1'610'612'736}), "1536MiB");
  EXPECT_EQ(printByteSize({2'000'000'001}), "2000000001");
}

TEST(ByteSize, PrintedTextReadsBackAsTheSameCount) {
  for (uint64_t bytes = 1; bytes < (uint64_t(1) << 62); bytes = bytes * 3 + bytes % 7)
    EXPECT_EQ(parsed(printByteSize({bytes})), bytes);
}

} // namespace
