// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Token ids in files, and the windows that they are divided into.

#include "optrun/Tokens/TokenData.h"

#include "TestSupport/Errors.h"
#include "TestSupport/NpyBytes.h"
#include "TestSupport/TemporaryFolder.h"
#include "framework/Checkpoint/CheckpointBytes.h"

#include <gmock/gmock.h>
#include <numeric>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

class TokenDataTest : public testing::Test {
protected:
  /// Ids 0, 1, 2 … as int64.
  std::string npy(const std::vector<int64_t> &dims) const {
    std::vector<int64_t> ids(
        std::accumulate(dims.begin(), dims.end(), size_t{1}, std::multiplies()));
    std::iota(ids.begin(), ids.end(), 0);
    return folder.write("ids.npy", npyOfIds(dims, ids));
  }
  std::string tensors(const std::string &header, const std::string &data) const {
    return folder.write("ids.safetensors", safeTensors(header, data));
  }
  static std::string errorFor(const std::string &path, const WindowSelection &selection = {}) {
    return errorOf(TokenData::open(path, selection));
  }
  static std::string idError(const TokenData &data, std::optional<int64_t> vocabulary) {
    return errorOf(data.checkIds(vocabulary, [] { return llvm::Error::success(); }));
  }

  TemporaryFolder folder;
};

TEST_F(TokenDataTest, ARowIsAWindow) {
  TokenData data = valueOf(TokenData::open(npy({2, 3}), {}));
  EXPECT_EQ(data.windowCount(), 2u);
  EXPECT_EQ(data.windowTokens(), 3u);
  EXPECT_THAT(valueOf(data.read(0)), ElementsAre(0, 1, 2));
  EXPECT_THAT(valueOf(data.read(1)), ElementsAre(3, 4, 5));
  EXPECT_EQ(data.describePlace(1, 2), "row 1, position 2");
}

TEST_F(TokenDataTest, DrawsTheSameIdsEachTime) {
  const TokenData data = TokenData::draw(/*vocabulary=*/10, /*windows=*/2, /*tokens=*/5);
  EXPECT_EQ(data.windowCount(), 2u);
  EXPECT_EQ(data.windowTokens(), 5u);
  EXPECT_EQ(data.leftOver(), 0u);
  // The generator with seed 0 begins with 2947667278772165694, with seed 1 2469588189546311528.
  EXPECT_THAT(valueOf(data.read(0)), ElementsAre(4, 7, 3, 8, 6));
  EXPECT_THAT(valueOf(data.read(1)), ElementsAre(8, 2, 0, 6, 4));
  EXPECT_EQ(idError(data, 10), "");
  EXPECT_THAT(valueOf(TokenData::draw(1, 1, 3).read(0)), ElementsAre(0, 0, 0));
}

TEST_F(TokenDataTest, AVectorIsOneRow) {
  TokenData data = valueOf(TokenData::open(npy({4}), {}));
  EXPECT_EQ(data.windowCount(), 1u);
  EXPECT_THAT(valueOf(data.read(0)), ElementsAre(0, 1, 2, 3));
}

TEST_F(TokenDataTest, OnlyWhatIsUsedCanBeLeftOver) {
  const std::string path = npy({3, 7});
  EXPECT_EQ(valueOf(TokenData::open(path, {.window = 3})).leftOver(), 3u);
  EXPECT_EQ(valueOf(TokenData::open(path, {.window = 3, .rows = 4})).leftOver(), 2u);
  EXPECT_EQ(valueOf(TokenData::open(path, {.window = 3, .rows = 1})).leftOver(), 0u)
      << "it ends within the first row";
}

TEST_F(TokenDataTest, RowsAreCutIntoWindows) {
  TokenData data = valueOf(TokenData::open(npy({2, 7}), {.window = 3}));
  EXPECT_EQ(data.windowCount(), 4u);
  EXPECT_EQ(data.leftOver(), 2u);
  EXPECT_THAT(valueOf(data.read(1)), ElementsAre(3, 4, 5));
  EXPECT_THAT(valueOf(data.read(2)), ElementsAre(7, 8, 9)) << "no window crosses rows";
  EXPECT_EQ(data.describePlace(3, 1), "row 1, position 4");
}

TEST_F(TokenDataTest, OnlyTheFirstRowsAreTaken) {
  EXPECT_EQ(valueOf(TokenData::open(npy({5, 2}), {.rows = 3})).windowCount(), 3u);
  EXPECT_EQ(valueOf(TokenData::open(npy({5, 2}), {.rows = 9})).windowCount(), 5u);
  EXPECT_EQ(valueOf(TokenData::open(npy({100}), {.window = 10, .rows = 4})).windowCount(), 4u);
}

TEST_F(TokenDataTest, ReadsSafeTensorsOf32Bits) {
  const std::string path = tensors(R"({"ids":{"dtype":"I32","shape":[1,2],"data_offsets":[0,8]}})",
                                   std::string("\1\0\0\0\xff\xff\xff\xff", 8));
  EXPECT_THAT(valueOf(valueOf(TokenData::open(path, {})).read(0)), ElementsAre(1, -1));
}

TEST_F(TokenDataTest, OfSeveralTensorsOneIsNamed) {
  const std::string path = tensors(R"({"mask":{"dtype":"I32","shape":[2],"data_offsets":[0,8]},)"
                                   R"("ids":{"dtype":"I32","shape":[2],"data_offsets":[8,16]}})",
                                   std::string(8, '\0') + std::string("\5\0\0\0\6\0\0\0", 8));
  EXPECT_THAT(valueOf(valueOf(TokenData::open(path, {.tensor = "ids"})).read(0)),
              ElementsAre(5, 6));
  EXPECT_THAT(errorFor(path), AllOf(HasSubstr("several tensors"), HasSubstr("'mask', 'ids'")));
  EXPECT_THAT(errorFor(path, {.tensor = "id"}), HasSubstr("no tensor 'id', but 'mask', 'ids'"));
  EXPECT_THAT(errorFor(npy({2, 2}), {.tensor = "ids"}), HasSubstr("has no names"));
}

TEST_F(TokenDataTest, RefusesWhatHoldsNoIds) {
  EXPECT_THAT(errorFor(folder.write("ids.txt", "1 2 3")),
              HasSubstr("neither a .safetensors nor an .npy file"));
  EXPECT_THAT(errorFor(folder.path("none.npy")), HasSubstr("none.npy"));
  EXPECT_THAT(errorFor(tensors("{}", "")), HasSubstr("holds no tensor"));
  EXPECT_THAT(errorFor(tensors(R"({"x":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
                               std::string(8, '\0'))),
              HasSubstr("holds float numbers; token ids are int32 or int64"));
  EXPECT_THAT(errorFor(npy({2, 2, 2})), HasSubstr("3 dimensions"));
  EXPECT_THAT(errorFor(npy({})), HasSubstr("0 dimensions"));
}

TEST_F(TokenDataTest, RefusesRowsInWhichNothingIsPredicted) {
  EXPECT_THAT(errorFor(npy({0, 8})), HasSubstr("holds no token ids"));
  EXPECT_THAT(errorFor(npy({8, 0})), HasSubstr("holds no token ids"));
  EXPECT_THAT(errorFor(npy({8, 1})), HasSubstr("one token each"));
  EXPECT_THAT(errorFor(npy({2, 5}), {.window = 6}),
              HasSubstr("have 5 tokens, too few for a window of 6"));
}

TEST_F(TokenDataTest, NamesTheFirstIdThatIsWrong) {
  TokenData data = valueOf(TokenData::open(npy({3, 4}), {}));
  EXPECT_EQ(idError(data, 12), "");
  EXPECT_EQ(idError(data, std::nullopt), "");
  EXPECT_THAT(idError(data, 6), AllOf(HasSubstr("token id 6 "), HasSubstr("(row 1, position 2)"),
                                      HasSubstr("vocabulary, 0 to 5")));
  const std::string path = tensors(R"({"ids":{"dtype":"I32","shape":[2],"data_offsets":[0,8]}})",
                                   std::string("\1\0\0\0\xff\xff\xff\xff", 8));
  EXPECT_THAT(idError(valueOf(TokenData::open(path, {})), std::nullopt),
              AllOf(HasSubstr("-1"), HasSubstr("(row 0, position 1) is negative")));
}

} // namespace
