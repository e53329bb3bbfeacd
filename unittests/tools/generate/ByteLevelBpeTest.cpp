// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// SmolLM2's tokens are those that its own tokenizer gives.

#include "ByteLevelBpe.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Checkpoint/SafeTensors.h"

#include <cstring>
#include <filesystem>
#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::generate;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

class SmolLmTokens : public testing::Test {
protected:
  void SetUp() override {
    if (!std::filesystem::exists(languageModel()))
      GTEST_SKIP() << "set-up did not provide the language model";
    bpe = valueOf(ByteLevelBpe::read(valueOf(checkpoint::GgufFile::open(languageModel()))));
  }

  std::string textOf(llvm::ArrayRef<int64_t> ids) const {
    std::string text;
    for (int64_t id : ids)
      text += valueOf(bpe.decode(id));
    return text;
  }

  ByteLevelBpe bpe;
};

TEST_F(SmolLmTokens, OfASentence) {
  EXPECT_THAT(valueOf(bpe.encode("The capital of France is")),
              ElementsAre(504, 3575, 282, 4649, 314));
  EXPECT_EQ(textOf({1, 504, 3575, 282, 4649, 314, 7042, 30}), "The capital of France is Paris.")
      << "control tokens say nothing";
  EXPECT_TRUE(bpe.isEnd(2));
}

/// The tokens of a book as the model's own tokenizer gives them, in rows.
std::vector<int64_t> tokensOfBook() {
  auto file =
      valueOf(checkpoint::SafeTensorsFile::open(fixture("corpus/eval_handbook.safetensors")));
  const std::vector<uint8_t> bytes = valueOf(file.find("input_ids")->readAll());
  std::vector<int64_t> ids(bytes.size() / sizeof(int64_t));
  std::memcpy(ids.data(), bytes.data(), bytes.size());
  return ids;
}

TEST_F(SmolLmTokens, OfABook) {
  const std::vector<int64_t> ids = tokensOfBook();
  const std::vector<int64_t> again = valueOf(bpe.encode(textOf(ids)));
  // The first two are of a word that begins before, and are one token by themselves.
  EXPECT_TRUE(llvm::ArrayRef(again).drop_front(1) == llvm::ArrayRef(ids).drop_front(2));
}

TEST_F(SmolLmTokens, AreCheckedWhenTheyAreRead) {
  EXPECT_EQ(errorOf(bpe.decode(49152)), "there is no token 49152 among 49152");
  EXPECT_EQ(errorOf(bpe.decode(-1)), "there is no token -1 among 49152");
}

} // namespace
