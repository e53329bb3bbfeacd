// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Symbolic dimensions as exporters write them.

#include "optrun/Analysis/DimensionExpression.h"

#include "gtest/gtest.h"

using namespace optrun;

namespace {

std::optional<int64_t> evaluate(llvm::StringRef text) {
  SymbolTable symbols;
  symbols["batch_size"] = 2;
  symbols["past_sequence_length"] = 3;
  symbols["sequence_length"] = 5;
  symbols["batch-size"] = 7;
  symbols["s70"] = 200;
  symbols["p2o.DynamicDimension.0"] = 11;
  return evaluateDimension(text, symbols);
}

TEST(DimensionExpression, KnowsSymbols) {
  EXPECT_EQ(evaluate("batch_size"), 2);
  EXPECT_EQ(evaluate("batch-size"), 7) << "a name, not a difference";
  EXPECT_EQ(evaluate("p2o.DynamicDimension.0"), 11);
  EXPECT_EQ(evaluate("unknown"), std::nullopt);
}

TEST(DimensionExpression, Computes) {
  EXPECT_EQ(evaluate("past_sequence_length + sequence_length"), 8);
  EXPECT_EQ(evaluate("2*(sequence_length+1)-3"), 9);
  EXPECT_EQ(evaluate("((batch_size*Min(128, s70))//s70)"), 1);
  EXPECT_EQ(evaluate("Max(1, 2, s70)"), 200);
  EXPECT_EQ(evaluate("sequence_length / 2"), 2);
  EXPECT_EQ(evaluate("(1 - sequence_length) // 3"), -2) << "rounds down";
  EXPECT_EQ(evaluate("s70 % 7"), 4);
  EXPECT_EQ(evaluate("(1 - sequence_length) % 3"), 2);
  EXPECT_EQ(evaluate("(0 - 9223372036854775807 - 1) % 3"), 1) << "the least number";
  EXPECT_EQ(evaluate(" 12 "), 12);
}

TEST(DimensionExpression, GivesUpOnEverythingElse) {
  for (const char *text :
       {"", "()", "1 +", "unknown + 1", "Min(1", "sqrt(4)", "1 2", "3 // 0", "5 % 0",
        "9223372036854775807 + 1", "9223372036854775807 * 2", "99999999999999999999"})
    EXPECT_EQ(evaluate(text), std::nullopt) << text;
  EXPECT_EQ(evaluate(std::string(100000, '(')), std::nullopt) << "no stack overflow";
}

TEST(DimensionExpression, IsToldFromASymbol) {
  EXPECT_TRUE(isExpression("past + sequence"));
  EXPECT_TRUE(isExpression("2*s0"));
  EXPECT_FALSE(isExpression("batch-size"));
  EXPECT_FALSE(isExpression("past_sequence_length"));
}

} // namespace
