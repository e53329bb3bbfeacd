// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Files that are no GGUF file, are damaged, or were made to do harm.

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include "optrun/Checkpoint/Gguf.h"

#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

namespace {

struct BadFile {
  const char *name;
  std::string content;
  const char *message;
};

std::ostream &operator<<(std::ostream &os, const BadFile &file) { return os << file.name; }

std::string withMagic(const std::string &magic) {
  GgufBytes bytes;
  bytes.magic = magic;
  return bytes.build();
}
std::string withVersion(uint32_t version) {
  GgufBytes bytes;
  bytes.version = version;
  return bytes.build();
}
/// Counts of which the file holds nothing.
std::string withCounts(uint64_t tensors, uint64_t keys) {
  GgufBytes bytes;
  bytes.tensorCount = tensors;
  bytes.keyCount = keys;
  return bytes.build() + std::string(100, '\0');
}
std::string withValue(uint32_t type, const std::string &value) {
  return GgufBytes().key("k", type, value).build();
}
std::string withArray(uint32_t elementType, uint64_t count, const std::string &elements) {
  return withValue(9, number(elementType) + number(count) + elements);
}
std::string withName(const std::string &name) {
  return GgufBytes().tensor(name, {1}, 24, "x").build();
}
std::string withShape(const std::vector<int64_t> &shape, uint32_t type = 0) {
  return GgufBytes().tensor("t", shape, type, "1234").build();
}
std::string withAlignment(uint32_t alignment) {
  return GgufBytes().key("general.alignment", alignment).tensor("t", {1}, 24, "x").build();
}
/// Two tensors of 32 bytes, the second at \p offset.
std::string withOffset(uint64_t offset, size_t dataBytes) {
  GgufBytes bytes;
  bytes.info("a", {32}, 24, 0).info("b", {32}, 24, offset);
  bytes.data = std::string(dataBytes, 'x');
  return bytes.build();
}
std::string cutOff(std::string file, size_t bytes) {
  file.resize(file.size() - bytes);
  return file;
}

const BadFile badFiles[] = {
    // The file as a whole.
    {"Empty", "", "this is no GGUF file"},
    {"ThreeBytes", "GGU", "this is no GGUF file"},
    {"OtherMagic", withMagic("GGML"), "this is no GGUF file"},
    {"GitLfsPointer", "version https://git-lfs.github.com/spec/v1\n", "run git lfs pull"},
    {"MagicOnly", "GGUF", "at byte 4: the file is cut off"},
    {"Version0", withVersion(0), "GGUF version 0"},
    {"Version1", withVersion(1), "GGUF version 1; versions 2 and 3 are read"},
    {"Version4", withVersion(4), "GGUF version 4"},
    {"BigEndian", withVersion(0x03000000), "big-endian"},
    {"NoCounts", std::string("GGUF\3\0\0\0", 8), "at byte 8: the file is cut off"},
    {"TensorsBeyondFile", withCounts(5, 0), "it claims 5 tensors"},
    {"TensorsOfAllBits", withCounts(UINT64_MAX, 0), "it claims 18446744073709551615 tensors"},
    {"KeysBeyondFile", withCounts(0, 50), "it claims 50 keys"},
    {"KeysOfAllBits", withCounts(0, UINT64_MAX), "it claims 18446744073709551615 keys"},
    {"ZerosForKeys", withCounts(0, 2), "a key is empty"},

    // Keys and values.
    {"KeyTwice", GgufBytes().key("k", 1u).key("k", 2u).build(), "the key 'k' is there twice"},
    {"KeyWithZeroByte", GgufBytes().key(std::string("a\0b", 3), 1u).build(), "holds a zero byte"},
    {"KeyTooLong", GgufBytes().key(std::string(70000, 'k'), 1u).build(),
     "a key claims 70000 bytes"},
    {"KeyBeyondFile",
     "GGUF" + number<uint32_t>(3) + number<uint64_t>(0) + number<uint64_t>(1) +
         ggufString("key and more", 1000) + "padding",
     "at byte 24: a key claims 1000 bytes; there are 19"},
    {"UnknownValueType", withValue(13, "12345678"), "key 'k': its type, 13, does not exist"},
    {"ValueTypeOfAllBits", withValue(UINT32_MAX, "12345678"), "its type, 4294967295"},
    {"ValueCutOff", withValue(10, "1234567"), "key 'k': at byte 37: the file is cut off"},
    {"BoolIsTwo", withValue(7, "\2"), "key 'k': its value must be 0 or 1, it is 2"},
    {"StringBeyondFile", withValue(8, ggufString("abc", 4)), "its string claims 4 bytes"},
    {"StringOfAllBits", withValue(8, ggufString("abc", UINT64_MAX)),
     "its string claims 18446744073709551615 bytes"},
    {"ArrayBeyondFile", withArray(4, 3, "12345678"), "its array claims 3 elements"},
    {"ArrayOfAllBits", withArray(0, UINT64_MAX, "x"), "claims 18446744073709551615 elements"},
    {"ArrayLengthWraps", withArray(10, (uint64_t(1) << 61) + 1, "12345678"),
     "claims 2305843009213693953 elements"},
    {"ArrayOfArrays", withArray(9, 1, "1234567812345678"), "of type 9, arrays: these are not read"},
    {"ArrayOfUnknown", withArray(77, 1, "12345678"), "of type 77, which does not exist"},
    {"ArrayStringBeyondFile", withArray(8, 2, ggufString("ab") + ggufString("abc", 99)),
     "key 'k': at byte 59: a string in its array claims 99 bytes; there are 3"},
    {"ArrayStringsCutOff", withArray(8, 2, ggufString("abcdefgh")), "the file is cut off"},
    {"ArrayTooLong", withArray(0, 5'000'000, std::string(5'000'000, 'x')),
     "its array claims 5000000 elements"},

    // Tensor infos.
    {"TensorTwice", GgufBytes().tensor("t", {1}, 24, "x").tensor("t", {1}, 24, "y").build(),
     "tensor 't' is there twice"},
    {"NameEmpty", withName(""), "the name of a tensor is empty"},
    {"NameWithZeroByte", withName(std::string("a\0b", 3)), "holds a zero byte"},
    {"NameOf64Bytes", withName(std::string(64, 'n')), "the name of a tensor claims 64 bytes"},
    {"NoDimensions", withShape({}), "tensor 't': it has 0 dimensions"},
    {"FiveDimensions", withShape({1, 1, 1, 1, 1}), "tensor 't': it has 5 dimensions"},
    {"NegativeDimension", withShape({-1}), "tensor 't': its dimension -1 is negative"},
    {"ShapeWrapsToZero", withShape({int64_t(1) << 32, int64_t(1) << 32}), "too many elements"},
    {"ShapeInBytesWraps", withShape({int64_t(1) << 62}), "too many elements"},
    {"ShapeWrapsToItsSize", withShape({INT64_MAX, 2, 1}), "too many elements"},
    {"ShapeOverflowsBehindAZero", withShape({0, INT64_MAX, INT64_MAX}), "too many elements"},
    {"ElementsOfBlocksOverflow", withShape({int64_t(1) << 62, 2}, 12), "too many elements"},
    {"UnknownType", withShape({1}, 99), "tensor 't': its elements are of type 99; F32, F16"},
    {"RemovedType", withShape({32}, 4), "its elements are of type 4"},
    {"TypeThatIsNotRead", withShape({256}, 13), "its elements are of type 13 (Q5_K)"},
    {"RowsOfHalfABlock", withShape({48, 2}, 2), "rows of 48 elements are no whole blocks of Q4_0"},
    {"RowsOfHalfASuperblock", withShape({128}, 12), "no whole blocks of Q4_K, which have 256"},
    {"InfoCutOff", cutOff(GgufBytes().info("t", {1}, 24, 0).build() + std::string(4, '\0'), 7),
     "tensor 't': at byte"},

    // Places.
    {"AlignmentZero", withAlignment(0), "the alignment must be a power of two"},
    {"AlignmentNoPowerOfTwo", withAlignment(48), "the alignment must be a power of two"},
    {"AlignmentHuge", withAlignment(1u << 31), "a power of two up to 1048576"},
    {"AlignmentIsAString",
     GgufBytes().key("general.alignment", "32").tensor("t", {1}, 24, "x").build(),
     "the alignment must be a power of two"},
    {"FirstTensorLate",
     GgufBytes().info("t", {1}, 24, 32).tensor("u", {64}, 24, std::string(64, 'x')).build(),
     "tensor 't': its data begins at 32, where"},
    {"Gap", withOffset(64, 96), "tensor 'b': its data begins at 64"},
    {"SameBytesTwice", withOffset(0, 64), "tensor 'b': its data begins at 0"},
    {"OffsetNotAligned", withOffset(33, 96), "the alignment of 32 give 32"},
    {"OffsetOfAllBits", withOffset(UINT64_MAX, 64), "begins at 18446744073709551615"},
    {"DataCutOff", withOffset(32, 63), "tensor 'b': its 32 bytes reach past the end of the file"},
    {"NoData", GgufBytes().info("t", {1}, 24, 0).build(), "reach past the end of the file"},
    {"Terabytes", withShape({int64_t(1) << 40}), "its 4398046511104 bytes reach past the end"},
};

class HostileGguf : public testing::TestWithParam<BadFile> {};

TEST_P(HostileGguf, GivesOneClearError) {
  TemporaryFolder folder;
  std::string path = folder.write("bad.gguf", GetParam().content);
  EXPECT_THAT(errorOf(GgufFile::open(path)),
              AllOf(StartsWith(path + ": "), HasSubstr(GetParam().message), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(All, HostileGguf, testing::ValuesIn(badFiles),
                         [](const auto &info) { return std::string(info.param.name); });

std::string goodFile() {
  GgufBytes bytes;
  bytes.key("general.architecture", "llama").key("n", 3u);
  bytes.key("tokens", std::vector<std::string>{"a", "b", "c"});
  bytes.tensor("a", {32, 2}, 2, std::string(36, 'q')).tensor("b", {3}, 0, "abcdefghijkl");
  return bytes.build();
}

TEST(HostileGgufBytes, AFileIsRefusedWhereverItIsCut) {
  TemporaryFolder folder;
  const std::string good = goodFile();
  for (size_t length = 0; length != good.size(); ++length)
    EXPECT_NE(errorOf(GgufFile::open(folder.write("cut.gguf", good.substr(0, length)))),
              "(no error)")
        << length;
}

TEST(HostileGgufBytes, NeverCrashTheReader) {
  TemporaryFolder folder;
  const std::string original = goodFile();
  std::mt19937 random(1);
  for (int attempt = 0; attempt < 500; ++attempt) {
    std::string content = original;
    for (int change = 0; change <= attempt % 4; ++change)
      content[random() % content.size()] = static_cast<char>(random());
    if (auto file = GgufFile::open(folder.write("changed.gguf", content)); !file)
      llvm::consumeError(file.takeError());
  }
}

} // namespace
