// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Where text is divided.

#include "PreTokenizer.h"

#include <gmock/gmock.h>

using namespace optrun::generate;
using testing::ElementsAre;

namespace {

std::vector<std::string> divide(llvm::StringRef text, Digits digits = Digits::Together) {
  std::vector<std::string> pieces;
  for (llvm::StringRef piece : divideText(text, digits))
    pieces.push_back(piece.str());
  return pieces;
}

TEST(PreTokenizer, KeepsOneSpaceWithAWord) {
  EXPECT_THAT(divide("The capital of France"), ElementsAre("The", " capital", " of", " France"));
  EXPECT_THAT(divide("a   b"), ElementsAre("a", "  ", " b"));
  EXPECT_THAT(divide("end.\n\nNext \n"), ElementsAre("end", ".", "\n", "\n", "Next", " \n"));
  EXPECT_THAT(divide(""), ElementsAre());
}

TEST(PreTokenizer, DividesContractions) {
  EXPECT_THAT(divide("it's we'll 'tis"), ElementsAre("it", "'s", " we", "'ll", " '", "tis"));
}

TEST(PreTokenizer, DividesNumbersAsTheModelWants) {
  EXPECT_THAT(divide("in 2024!"), ElementsAre("in", " 2024", "!"));
  EXPECT_THAT(divide("in 2024!", Digits::Single), ElementsAre("in", " ", "2", "0", "2", "4", "!"));
}

TEST(PreTokenizer, KnowsLettersAndSymbolsBeyondAscii) {
  EXPECT_THAT(divide("caf\u00e9 \u2013 d\u2019or"),
              ElementsAre("caf\u00e9", " \u2013", " d", "\u2019", "or"));
  EXPECT_THAT(divide("\xff\xfe"), ElementsAre("\xff\xfe")) << "no UTF-8, but nothing is lost";
}

} // namespace
