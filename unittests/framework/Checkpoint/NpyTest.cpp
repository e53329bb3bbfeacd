// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Reading .npy files: what NumPy writes, and files that are damaged or were made to do harm.

#include "optrun/Checkpoint/Npy.h"

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/NpyBytes.h"
#include "TestSupport/TemporaryFolder.h"

#include <gmock/gmock.h>
#include <random>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

const std::string Magic = "\x93NUMPY";

class NpyTest : public testing::Test {
protected:
  llvm::Expected<ir::TensorRef> read(const std::string &content) const {
    return readNpy(folder.write("ids.npy", content));
  }
  std::string errorFor(const std::string &content) const { return errorOf(read(content)); }

  TemporaryFolder folder;
};

TEST_F(NpyTest, SaysWhereTheElementsAre) {
  ir::TensorRef array =
      valueOf(read(npyOf("<i4", "(2, 1)", number<int32_t>(7) + number<int32_t>(-1))));
  EXPECT_EQ(array->name(), "ids");
  EXPECT_EQ(array->dataType(), ir::DataType::Int32);
  EXPECT_THAT(array->dims(), ElementsAre(2, 1));
  EXPECT_THAT(valueOf(array->readAll()), ElementsAre(7, 0, 0, 0, 255, 255, 255, 255));
  EXPECT_TRUE(array->source()->fileRange()) << "nothing is loaded";
}

TEST_F(NpyTest, ReadsVectorsScalarsAndEmptyArrays) {
  EXPECT_THAT(valueOf(read(npyOf("<i8", "(1,)", number<int64_t>(1))))->dims(), ElementsAre(1));
  EXPECT_THAT(valueOf(read(npyOf("<f8", "()", number<double>(1))))->dims(), ElementsAre());
  EXPECT_EQ(valueOf(read(npyOf("|u1", "(0, 9)", "")))->elementCount(), 0u);
  EXPECT_EQ(valueOf(read(npyOf("<i4", "(1,)", number(1), "True")))->elementCount(), 1u)
      << "a vector has no order";
}

TEST_F(NpyTest, ReadsTheLongerVersions) {
  const std::string header = R"({"shape": (2,), "fortran_order": False, "descr": "|b1"})";
  for (char version : {'\2', '\3'})
    EXPECT_EQ(
        valueOf(read(Magic + version + '\0' + number<uint32_t>(header.size()) + header + "\1\1"))
            ->dataType(),
        ir::DataType::Bool);
}

TEST_F(NpyTest, RefusesArraysThatAreNoTensorsToUs) {
  EXPECT_THAT(errorFor(npyOf(">i8", "(1,)", "12345678")),
              AllOf(HasSubstr("big-endian"), HasSubstr("'<i8'"), HasSubstr("ids.npy")));
  EXPECT_THAT(errorFor(npyOf("|O", "(1,)", "12345678")), HasSubstr("of the type '|O'"));
  EXPECT_THAT(errorFor(npyOf("<U4", "(1,)", "12345678")), HasSubstr("of the type '<U4'"));
  EXPECT_THAT(errorFor(npyOf("<i4", "(2, 1)", "12345678", "True")), HasSubstr("Fortran order"));
  EXPECT_THAT(
      errorFor(npy("{'descr': [('a', '<i4')], 'fortran_order': False, 'shape': ()}", "1234")),
      HasSubstr("structures"));
}

TEST_F(NpyTest, RefusesFilesOfAnotherLength) {
  EXPECT_THAT(errorFor(npyOf("<i4", "(2,)", "1234567")),
              AllOf(HasSubstr("has 8 bytes, but 7 follow"), HasSubstr("incomplete")));
  EXPECT_THAT(errorFor(npyOf("<i4", "(2,)", "123456789")), HasSubstr("but 9 follow"));
}

TEST_F(NpyTest, RefusesOtherFiles) {
  EXPECT_THAT(errorFor(""), HasSubstr("0 bytes, too few"));
  EXPECT_THAT(errorFor("PK\3\4 this is an .npz"), HasSubstr("magic number"));
  EXPECT_THAT(errorFor(Magic + std::string("\4\0\1\0\0\0{", 7)), HasSubstr("version 4"));
  EXPECT_THAT(errorFor(Magic + std::string("\1\0\xff\xff{}", 6)), HasSubstr("claims 65535 bytes"));
  EXPECT_THAT(errorFor(Magic + std::string("\2\0\xff\xff\xff\xff{}", 8)),
              HasSubstr("claims 4294967295 bytes"));
  EXPECT_THAT(errorOf(readNpy(folder.path("none.npy"))), HasSubstr("none.npy"));
}

TEST_F(NpyTest, RefusesShapesThatCannotBe) {
  EXPECT_THAT(errorFor(npyOf("<i8", "(4294967296, 4294967296)", "")),
              HasSubstr("more elements than can be counted"));
  EXPECT_THAT(errorFor(npyOf("<i8", "(2305843009213693952,)", "")),
              HasSubstr("more elements than can be counted"))
      << "the bytes overflow, the elements do not";
  std::string deep = "(";
  for (int i = 0; i < 65; ++i)
    deep += "1, ";
  EXPECT_THAT(errorFor(npyOf("|i1", deep + ")", "x")), HasSubstr("more than 64 dimensions"));
  for (const char *shape : {"(-1,)", "(1)", "(1 2)", "(,)", "(9223372036854775808,)", "(1.0,)", "1",
                            "(1,", "((1,),)", "(0x1,)", "(,1)", "(1,,)"})
    EXPECT_THAT(errorFor(npyOf("|i1", shape, "x")), HasSubstr("damaged")) << shape;
}

TEST_F(NpyTest, RefusesHeadersThatAreNone) {
  for (const char *header : {"", "{", "}", "{'descr'", "{'descr':", "{'descr': '<i8",
                             "{'descr': <i8}", "[]", "{'descr': '<i8' 'fortran_order': False}",
                             "{'fortran_order': 0}", "{} {}", "{,}", R"({'descr': '\x3ci8'})"})
    EXPECT_THAT(errorFor(npy(header, "12345678")), HasSubstr("damaged")) << header;
  EXPECT_THAT(errorFor(npy("{'descr': '|i1', 'descr': '|i1'}", "12345678")),
              HasSubstr("'descr', which is unknown or given twice"));
  EXPECT_THAT(errorFor(npy("{'descr': '|i1', 'shape': (8,)}", "12345678")), HasSubstr("lacks"));
  EXPECT_THAT(errorFor(npy("{'\x1b[2J': 1}", "12345678")), HasSubstr("'?[2J'"))
      << "no control characters to the terminal";
}

TEST_F(NpyTest, SurvivesAnyDamage) {
  const std::string good = npyOf("<i4", "(2, 1)", "12345678");
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::string bad = good.substr(0, random() % 8 == 0 ? random() % good.size() : good.size());
    for (unsigned changes = random() % 4; changes > 0 && !bad.empty(); --changes)
      bad[random() % bad.size()] = static_cast<char>(random());
    if (llvm::Expected<ir::TensorRef> array = read(bad))
      EXPECT_EQ((*array)->byteSize(), valueOf((*array)->readAll()).size());
    else
      llvm::consumeError(array.takeError());
  }
}

} // namespace
