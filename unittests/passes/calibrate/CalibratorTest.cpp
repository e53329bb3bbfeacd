// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Mean squares that are measured in ONNX Runtime, against the sums written out.

#include "Calibrator.h"

#include "TestSupport/NpyBytes.h"
#include "TestSupport/PassBody.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include "optrun/Runtime/OnnxRuntime.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::calibrate;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

namespace {

class CalibratorTest : public testing::Test {
protected:
  void SetUp() override {
    if (auto found = runtime::version(); !found)
      GTEST_SKIP() << llvm::toString(found.takeError());
  }

  struct Result {
    std::map<std::string, std::vector<float>, std::less<>> importance;
    std::string error;
    std::vector<std::string> warnings;
  };

  /// What \p graph makes of rows of two token ids each.
  Result measure(const std::string &graph, const std::vector<int64_t> &ids,
                 unsigned threads = 1) const {
    const auto rows = static_cast<int64_t>(ids.size() / 2);
    const TokenData data =
        valueOf(TokenData::open(folder.write("ids.npy", npyOfIds({rows, 2}, ids)), {}));
    Result result;
    Diagnostics diagnostics(nullptr);
    result.error = runBody(
        [&](PassContext &context) -> llvm::Error {
          auto model = parseModel("<ir_version: 8, opset_import: [\"\" : 21]> " + graph);
          llvm::Expected<TokenModel> tokens = describeTokenModel(model);
          if (!tokens)
            return tokens.takeError();
          auto measured = measureImportance(std::move(model), *tokens, data, context);
          if (measured)
            result.importance = (*measured)->byWeight;
          return measured.takeError();
        },
        {.threads = threads}, diagnostics);
    for (const Diagnostic &diagnostic : diagnostics.all())
      result.warnings.push_back(diagnostic.message);
    return result;
  }

  TemporaryFolder folder;
};

/// Token i has the embedding (table[2 i], table[2 i + 1]).
std::string decoder(const std::string &table, const std::string &weights, const std::string &body) {
  return "g (int64[b,s] input_ids) => (float[b,s,2] y) <float[3,2] table = {" + table + "}" +
         weights + "> { x = Gather(table, input_ids) " + body + "}";
}
const std::string W = ", float[2,2] w = {1, 2, 3, 4}";
const std::string Product = "y = MatMul(x, w)";

TEST_F(CalibratorTest, MeasuresTheMeanSquareOfEachInput) {
  // Inputs (1, 10), (2, 20), (2, 20), (3, 30).
  const Result result = measure(decoder("1, 10, 2, 20, 3, 30", W, Product), {0, 1, 1, 2});
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.importance,
              UnorderedElementsAre(Pair("w", ElementsAre(FloatEq((1 + 4 + 4 + 9) / 4.F),
                                                         FloatEq((100 + 400 + 400 + 900) / 4.F)))));
  EXPECT_THAT(result.warnings, IsEmpty());
}

TEST_F(CalibratorTest, AddsUpTheProductsOfAWeight) {
  const Result result = measure(decoder("1, 10, 2, 20, 3, 30", W,
                                        "m = Neg(x) h = Add(m, m) a = MatMul(x, w) "
                                        "c = MatMul(h, w) y = Add(a, c)"),
                                {0, 0});
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.importance, UnorderedElementsAre(Pair("w", ElementsAre(1 + 4, 100 + 400))));
}

/// More windows than run at once.
TEST_F(CalibratorTest, IsTheSameWithAnyNumberOfThreads) {
  std::vector<int64_t> ids(400);
  for (size_t i = 0; i != ids.size(); ++i)
    ids[i] = static_cast<int64_t>(i * i % 3);
  const std::string graph =
      decoder("0.1, 10, 0.7, 1e-4, 3.3, 1e4", W, "h = Softmax(x) y = MatMul(h, w)");
  const Result one = measure(graph, ids, 1), four = measure(graph, ids, 4);
  EXPECT_EQ(one.error, "");
  EXPECT_FALSE(one.importance.empty());
  EXPECT_EQ(one.importance, four.importance);
}

/// All their errors would count nothing: such weights are better compressed as if none of this
/// were.
TEST_F(CalibratorTest, LeavesOutWeightsThatGetZeros) {
  const Result result = measure(decoder("1, 1, 1, 1, 1, 1", W + ", float[2,2] v = {1, 2, 3, 4}",
                                        "zero = Sub(x, x) h = MatMul(zero, w) y = MatMul(x, v)"),
                                {0, 1});
  // h is used by nobody, but it is a product.
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.importance, UnorderedElementsAre(Pair("v", ElementsAre(1, 1))));
}

TEST_F(CalibratorTest, SaysWhatItDoesNotMeasure) {
  const Result result = measure(decoder("1, 1, 1, 1, 1, 1", W + ", float[1,2,2] v = {1, 2, 3, 4}",
                                        "h = MatMul(x, w) y = MatMul(v, h)"),
                                {0, 1});
  EXPECT_EQ(result.error, "");
  EXPECT_THAT(result.warnings, ElementsAre(HasSubstr("of 1 weights ('v' is the first)")));
}

TEST_F(CalibratorTest, RefusesWhatSaysNothing) {
  EXPECT_THAT(measure(decoder("1, 1, 1, 1, 1, 1", "", "y = Neg(x)"), {0, 1}).error,
              HasSubstr("there is nothing to measure"));
  EXPECT_THAT(measure(decoder("1, 1, 1, 1, 1, 1", W, Product), {0, 3}).error,
              HasSubstr("the token id 3"));
  EXPECT_THAT(measure(decoder("1, 1, 1, 1e30, 1, 1", W, Product), {0, 0, 2, 1}).error,
              AllOf(HasSubstr("in the window from row 1, position 0 on is infinite or NaN"),
                    HasSubstr("ReduceSumSquare")));
  EXPECT_THAT(measure("g (float[b,s] x) => (float[b,s] y) { y = Neg(x) }", {0, 1}).error,
              HasSubstr("none of its inputs takes token ids"));
}

} // namespace
