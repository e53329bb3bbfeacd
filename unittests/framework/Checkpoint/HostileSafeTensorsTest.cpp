// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Files that are no safetensors file, are damaged, or were made to do harm.

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include "optrun/Checkpoint/SafeTensors.h"

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

const std::string Good = R"("dtype":"U8","shape":[2],"data_offsets":[0,2])";

/// Two tensors of bytes with these offsets.
std::string twoTensors(int begin1, int end1, int begin2, int end2, size_t dataBytes) {
  auto entry = [](const char *name, int begin, int end) {
    return std::string("\"") + name + R"(":{"dtype":"U8","shape":[)" + std::to_string(end - begin) +
           R"(],"data_offsets":[)" + std::to_string(begin) + "," + std::to_string(end) + "]}";
  };
  return safeTensors("{" + entry("a", begin1, end1) + "," + entry("b", begin2, end2) + "}",
                     std::string(dataBytes, 'x'));
}

std::string withShape(const std::string &shape, const std::string &type = "U8") {
  return safeTensor(R"("dtype":")" + type + R"(","shape":[)" + shape + R"(],"data_offsets":[0,2])",
                    "12");
}

std::string dimensions(size_t count) {
  std::string shape = "2";
  for (size_t i = 1; i < count; ++i)
    shape += ",1";
  return shape;
}

const BadFile badFiles[] = {
    // The file as a whole.
    {"Empty", "", "the file has 0 bytes, too few"},
    {"SevenBytes", "1234567", "the file has 7 bytes, too few"},
    {"GitLfsPointer", "version https://git-lfs.github.com/spec/v1\n", "run git lfs pull"},
    {"Pickle", std::string("PK\x03\x04\x14\0\0\0\x08\0", 10), "this is no safetensors file"},
    {"HeaderOfAllBits", number(UINT64_MAX) + "{}", "claims 18446744073709551615 bytes"},
    {"HeaderOverLimit", number<uint64_t>(100'000'001) + "{}", "the limit is 100000000"},
    {"HeaderBeyondFile", number<uint64_t>(3) + "{}", "claims 3 bytes, the file has 10"},
    {"HeaderEmpty", safeTensors("", "12"), "does not begin with '{'"},
    {"LeadingSpace", safeTensors(" {}", ""), "does not begin with '{'"},
    {"ByteOrderMark", safeTensors("\xef\xbb\xbf{}", ""), "does not begin with '{'"},
    {"Array", safeTensors("[]", ""), "does not begin with '{'"},

    // The header as JSON.
    {"CutOff", safeTensors(R"({"a":)", ""), "no valid JSON at byte"},
    {"TrailingComma", safeTensors("{" + ("\"a\":{" + Good) + "},}", "12"), "no valid JSON"},
    {"TwoValues", safeTensors("{}{}", ""), "no valid JSON at byte 3"},
    {"PaddedWithZeros", safeTensors(std::string("{}\0\0", 4), ""), "no valid JSON"},
    {"Comment", safeTensors("{/**/}", ""), "no valid JSON"},
    {"NotUtf8", safeTensors("{\"\xff\":{" + Good + "}}", "12"), "ill-formed UTF-8"},
    {"LoneSurrogate", safeTensors("{\"\\ud800\":{" + Good + "}}", "12"), "no valid JSON"},
    {"NumberTooLargeForADouble", withShape("1e999"), "a number that is too large"},
    {"DeepArrays", safeTensors("{\"a\":" + std::string(1000000, '['), ""),
     "tensor 'a': an array does not belong there"},
    {"DeepObjects", withShape(std::string(1000000, '{')), "an object does not belong there"},

    // Keys.
    {"SameNameTwice", safeTensors("{\"a\":{" + Good + "},\"a\":{" + Good + "}}", "12"),
     "'a' is there twice"},
    {"SameNameEscaped", safeTensors("{\"a\":{" + Good + "},\"\\u0061\":{" + Good + "}}", "12"),
     "'a' is there twice"},
    {"EmptyName", safeTensors("{\"\":{" + Good + "}}", "12"), "name is empty"},
    {"ZeroByteInName", safeTensors("{\"a\\u0000b\":{" + Good + "}}", "12"), "holds a zero byte"},
    {"FieldTwice", safeTensor(Good + R"(,"dtype":"I8")", "12"), "the key 'dtype' is there twice"},
    {"UnknownField", safeTensor(Good + R"(,"order":"F")", "12"), "the key 'order' is unknown"},
    {"NoType", safeTensor(R"("shape":[2],"data_offsets":[0,2])", "12"), "it has no dtype"},
    {"NoShape", safeTensor(R"("dtype":"U8","data_offsets":[0,2])", "12"), "it has no shape"},
    {"NoOffsets", safeTensor(R"("dtype":"U8","shape":[2])", "12"), "it has no data_offsets"},
    {"TensorIsANumber", safeTensors(R"({"a":5})", ""), "tensor 'a': a number does not belong"},
    {"TensorIsNull", safeTensors(R"({"a":null})", ""), "tensor 'a': null does not belong"},

    // Metadata.
    {"MetadataIsAString", safeTensors(R"({"__metadata__":"pt"})", ""), "__metadata__: a string"},
    {"MetadataHoldsANumber", safeTensors(R"({"__metadata__":{"a":1}})", ""),
     "__metadata__: a number does not belong there"},
    {"MetadataNests", safeTensors(R"({"__metadata__":{"a":{}}})", ""), "__metadata__: an object"},
    {"MetadataKeyTwice", safeTensors(R"({"__metadata__":{"a":"1","a":"2"}})", ""),
     "__metadata__: the key 'a' is there twice"},
    {"MetadataTwice", safeTensors(R"({"__metadata__":{},"__metadata__":{}})", ""),
     "'__metadata__' is there twice"},

    // Types and shapes.
    {"UnknownType", withShape("2", "F17"), "tensor 'a': the type 'F17' is unknown"},
    {"LowerCaseType", withShape("2", "u8"), "the type 'u8' is unknown"},
    {"TypeWithoutPlace", withShape("2", "F6_E2M3"), "type F6_E2M3 are not supported"},
    {"TypeIsANumber", safeTensor(R"("dtype":1,"shape":[2],"data_offsets":[0,2])", "12"),
     "tensor 'a': a number does not belong"},
    {"ShapeIsANumber", safeTensor(R"("dtype":"U8","shape":2,"data_offsets":[0,2])", "12"),
     "tensor 'a': a number does not belong"},
    {"NegativeDimension", withShape("-2"), "a negative number does not belong"},
    {"FractionalDimension", withShape("2.0"), "no integer of 64 bits"},
    {"DimensionAsString", withShape(R"("2")"), "a string does not belong"},
    {"DimensionOver63Bits", withShape("9223372036854775808"), "dimension 9223372036854775808"},
    {"DimensionOver64Bits", withShape("18446744073709551618"), "no integer of 64 bits"},
    {"ShapeWrapsToZero", withShape("4294967296,4294967296"), "too many elements"},
    {"ShapeWrapsToItsSize", withShape("9223372036854775807,2,1"), "too many elements"},
    {"ShapeInBitsWraps", withShape("2305843009213693952", "F64"), "too many elements"},
    {"ShapeOverflowsBeforeAZero", withShape("4294967296,4294967296,0"), "too many elements"},
    {"ShapeOverflowsBehindAZero", withShape("0,4294967296,4294967296"), "too many elements"},
    {"RankTooLarge", withShape(dimensions(65)), "more than 64 dimensions"},
    {"NameTooLong", safeTensors("{\"" + std::string(4097, 'a') + "\":{" + Good + "}}", "12"),
     "the name of a tensor has 4097 bytes, the limit is 4096: 'aaaa"},
    {"RankVeryLarge", withShape(dimensions(1000000)), "more than 64 dimensions"},
    {"HalfAByte", withShape("3", "F4"), "do not fill whole bytes"},
    {"ShapeNeedsMore", withShape("3"), "need 3 bytes, its data has 2"},
    {"ShapeNeedsLess", withShape("1"), "need 1 bytes, its data has 2"},

    // Offsets.
    {"OneOffset", safeTensor(R"("dtype":"U8","shape":[2],"data_offsets":[2])", "12"),
     "data_offsets must be two numbers"},
    {"ThreeOffsets", safeTensor(R"("dtype":"U8","shape":[2],"data_offsets":[0,2,4])", "12"),
     "more than two numbers"},
    {"OffsetsBackwards", safeTensor(R"("dtype":"U8","shape":[2],"data_offsets":[2,0])", "12"),
     "two numbers, begin and end"},
    {"OffsetsWrap",
     safeTensor(R"("dtype":"U8","shape":[2],"data_offsets":[18446744073709551615,1])", "12"),
     "two numbers, begin and end"},
    {"StartsLate", twoTensors(1, 2, 2, 3, 3), "the bytes 0 to 1 of the data"},
    {"Gap", twoTensors(0, 2, 3, 4, 4), "the bytes 2 to 3 of the data, before tensor 'b'"},
    {"Overlap", twoTensors(0, 2, 1, 3, 3), "tensor 'b' overlaps the one before it"},
    {"SameBytesTwice", twoTensors(0, 2, 0, 2, 2), "tensor 'b' overlaps the one before it"},
    {"DataCutOff", twoTensors(0, 2, 2, 4, 3), "its tensors need 4 bytes, the file holds 3"},
    {"NoData", twoTensors(0, 2, 2, 4, 0), "its tensors need 4 bytes, the file holds 0"},
    {"BytesLeft", twoTensors(0, 2, 2, 4, 5), "the last 1 bytes of the file belong to no tensor"},
    {"Terabytes",
     safeTensor(R"("dtype":"U8","shape":[1099511627776],"data_offsets":[0,1099511627776])", "12"),
     "its tensors need 1099511627776 bytes, the file holds 2"},
};

class HostileSafeTensors : public testing::TestWithParam<BadFile> {};

TEST_P(HostileSafeTensors, GivesOneClearError) {
  TemporaryFolder folder;
  std::string path = folder.write("bad.safetensors", GetParam().content);
  EXPECT_THAT(errorOf(SafeTensorsFile::open(path)),
              AllOf(StartsWith(path + ": "), HasSubstr(GetParam().message), Not(HasSubstr("\n"))));
}

INSTANTIATE_TEST_SUITE_P(All, HostileSafeTensors, testing::ValuesIn(badFiles),
                         [](const auto &info) { return std::string(info.param.name); });

TEST(HostileSafeTensorsNames, AreShownWithoutTheirTricks) {
  TemporaryFolder folder;
  std::string name = R"(\u001b[2J\n)" + std::string(4000, 'x');
  std::string path =
      folder.write("bad.safetensors", safeTensors("{\"" + name + "\":{\"dtype\":\"F17\"}}", ""));
  std::string message = errorOf(SafeTensorsFile::open(path));
  EXPECT_THAT(message, HasSubstr("tensor '?[2J?xxx"));
  EXPECT_LT(message.size(), path.size() + 300);
}

TEST(HostileSafeTensorsBytes, NeverCrashTheReader) {
  TemporaryFolder folder;
  const std::string original = twoTensors(0, 2, 2, 4, 4);
  std::mt19937 random(1);
  for (int attempt = 0; attempt < 500; ++attempt) {
    std::string content = original;
    for (int change = 0; change <= attempt % 4; ++change)
      content[random() % content.size()] = static_cast<char>(random());
    content.resize(random() % 8 == 0 ? random() % content.size() : content.size());
    if (auto file = SafeTensorsFile::open(folder.write("changed.safetensors", content)); !file)
      llvm::consumeError(file.takeError());
  }
}

} // namespace
