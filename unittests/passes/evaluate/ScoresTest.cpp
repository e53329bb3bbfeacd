// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Windows of logits, scored and added up.

#include "Scores.h"

#include "FigureTable.h"
#include "TestSupport/PassBody.h"

#include "optrun/IR/ElementWriter.h"

#include <cmath>
#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::evaluate;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

using Rows = std::vector<std::vector<double>>;

runtime::RuntimeValue valueOfRows(const Rows &rows, ir::DataType type = ir::DataType::Float32) {
  ir::ElementWriter elements(type, rows.size() * rows[0].size());
  for (const std::vector<double> &row : rows)
    for (double logit : row)
      elements.append(logit);
  return valueOf(runtime::RuntimeValue::tensor(
      type, {1, static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size())},
      elements.take()));
}

class ScoresTest : public testing::Test {
protected:
  std::string add(const std::vector<int64_t> &ids, const Rows &model,
                  const std::optional<Rows> &reference = std::nullopt,
                  ir::DataType type = ir::DataType::Float32) {
    runtime::RuntimeValue modelValue = valueOfRows(model, type), referenceValue;
    WindowLogits logits{valueOf(LogitsView::of(modelValue, ids.size())), std::nullopt};
    if (reference) {
      referenceValue = valueOfRows(*reference);
      logits.reference = valueOf(LogitsView::of(referenceValue, ids.size()));
    }
    return runBody([&](PassContext &context) { return scores.add(ids, logits, context); });
  }

  Scores scores;
};

const double Ln2 = std::log(2.0), Ln3 = std::log(3.0);

TEST_F(ScoresTest, PerplexityIsThatOfTheNextToken) {
  // ½ ½, then ¼ ¾; what follows the last token is not known.
  ASSERT_EQ(add({1, 0, 1}, {{0, 0}, {0, Ln3}, {100, 0}}), "");
  EXPECT_NEAR(scores.perplexity(), std::exp((std::log(2.0) + std::log(4.0 / 3)) / 2), 1e-7);
}

TEST_F(ScoresTest, WindowsAddUp) {
  ASSERT_EQ(add({0, 0}, {{0, 0}, {0, 0}}), "");              // ln 2
  ASSERT_EQ(add({0, 0, 0}, {{0, 0}, {Ln3, 0}, {0, 0}}), ""); // ln 2, ln 4/3
  EXPECT_NEAR(scores.perplexity(), std::exp((2 * Ln2 + std::log(4.0 / 3)) / 3), 1e-7);
}

TEST_F(ScoresTest, ComparesEveryPosition) {
  ASSERT_EQ(add({0, 0}, {{0, 3}, {5, 1}}, Rows{{0, 2}, {1, 4}}), "");
  EXPECT_EQ(scores.agreement(), 0.5) << "the last position counts";
  EXPECT_EQ(scores.maxAbsoluteError(), 4);
  EXPECT_EQ(scores.maxRelativeError(), 1) << "4 is the reference's largest logit too";
  EXPECT_GT(scores.divergence(), 0);
  EXPECT_NEAR(scores.referencePerplexity(), 1 + std::exp(2.0), 1e-9);
}

TEST_F(ScoresTest, EqualModelsDifferInNothing) {
  const Rows rows = {{0.3, -1.7, 2.2}, {9, 9, -5}};
  ASSERT_EQ(add({2, 1}, rows, rows), "");
  EXPECT_EQ(scores.agreement(), 1);
  EXPECT_EQ(scores.divergence(), 0);
  EXPECT_EQ(scores.maxRelativeError(), 0);
  EXPECT_EQ(scores.perplexity(), scores.referencePerplexity());
}

TEST_F(ScoresTest, ReadsHalfPrecision) {
  ASSERT_EQ(add({1, 0}, {{0.5, 2}, {1, 1}}, Rows{{0.5, 2}, {1, 1}}, ir::DataType::Float16), "");
  EXPECT_EQ(scores.maxAbsoluteError(), 0);
}

TEST_F(ScoresTest, RefusesLogitsThatSayNothing) {
  EXPECT_THAT(add({0, 0}, {{0, 0}, {0, NAN}}),
              AllOf(HasSubstr("the model's logits at position 1"), HasSubstr("NaN")));
  EXPECT_THAT(add({0, 0}, {{0, 0}, {0, 0}}, Rows{{0, INFINITY}, {0, 0}}),
              HasSubstr("the reference's logits at position 0"));
  EXPECT_THAT(add({0, 2}, {{0, 0}, {0, 0}}), HasSubstr("token id 2 has none of the 2 logits"));
  EXPECT_THAT(add({0, 0}, {{0, 0}, {0, 0}}, Rows{{0}, {0}}),
              HasSubstr("gives 2 logits for each position, the reference 1"));
}

TEST(LogitsView, RefusesOtherShapesAndTypes) {
  EXPECT_THAT(errorOf(LogitsView::of(valueOfRows({{0, 0}}), 3)),
              AllOf(HasSubstr("[1, 1, 2] for 3 tokens"), HasSubstr("[1, 3, vocabulary]")));
  EXPECT_THAT(errorOf(LogitsView::of(valueOfRows({{0}}, ir::DataType::Int64), 1)),
              HasSubstr("no floating-point numbers"));
}

std::string printed(const EvaluationFigures &figures) {
  std::string text;
  llvm::raw_string_ostream os(text);
  makeTable(figures).print(os);
  return text;
}

TEST(FigureTable, ShowsWhatWasMeasured) {
  EvaluationFigures figures;
  figures.windows = 2;
  figures.windowTokens = 512;
  figures.model = {"out", 21.63119, std::nullopt};
  EXPECT_THAT(printed(figures), AllOf(HasSubstr("2 × 512 tokens"), HasSubstr("21.6312"),
                                      Not(HasSubstr("KL")), Not(HasSubstr("memory"))));
  figures.reference = ModelFigures{"model.onnx", 20, std::nullopt};
  figures.divergence = 0.00012345;
  EXPECT_THAT(printed(figures),
              AllOf(HasSubstr("model.onnx"), HasSubstr("20.0000"), HasSubstr("1.234e-04")));
}

} // namespace
