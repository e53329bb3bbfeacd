// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Models that are unusual or not quite right, through the whole recipe.

#include "RecipeRunTest.h"
#include "TestSupport/TestModels.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

namespace {

/// Four layers of a weight and an activation. \p middle computes `c` from `b`, in the second layer.
std::string layers(const std::string &middle, const std::string &infos = "") {
  return R"(<ir_version: 10, opset_import: ["" : 17, "my" : 1]>
    g (float[n, 2] x) => (float[n, 2] y)
    <float[2, 2] w0 = {1, 2, 3, 4}, float[2, 2] w1 = {1, 0, 3, 1}, float[2, 2] w2 = {1, 2, 0, 1},
     float[2, 2] w3 = {0, 2, 1, 4}, int64 trip = {3}, bool on = {1})" +
         infos + R"(> {
      ["/m/layers.0/MatMul"] a = MatMul(x, w0)
      ["/m/layers.1/MatMul"] b = MatMul(a, w1)
      )" +
         middle +
         R"(
      ["/m/layers.2/MatMul"] d = MatMul(c, w2)
      ["/m/layers.3/MatMul"] y = MatMul(d, w3)
    })";
}

class OddModelsTest : public RecipeRunTest {
protected:
  ProcessResult splitText(const std::string &text) const {
    writeModel(*parseModel(text), folder.path("model.onnx"));
    return split({{"model", folder.path("model.onnx")}, {"output", folder.path("out")}});
  }
};

TEST_F(OddModelsTest, aCutBehindALoopIsFine) {
  ProcessResult run = splitText(layers(R"(["/m/layers.1/Loop"] c = Loop (trip, on, b) <body = body
        (int64 i, bool go, float[n, 2] p) => (bool go2, float[n, 2] p2) {
        go2 = Identity(go)
        p2 = Tanh(p)
      }>)"));
  EXPECT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.err, Not(HasSubstr("rank")));
  EXPECT_THAT(run.out, HasSubstr("bit-equal"));
}

TEST_F(OddModelsTest, anUnknownRankIsOneErrorThatNamesTheValue) {
  ProcessResult run = splitText(layers(R"(["/m/layers.1/Loop"] c = Loop (trip, on, b) <body = body
        (int64 i, bool go, p) => (bool go2, p2) {
        go2 = Identity(go)
        p2 = Tanh(p)
      }>)"));
  EXPECT_EQ(run.exitCode, 1);
  EXPECT_THAT(run.err, HasSubstr("error: export: component 'split_0' is not valid ONNX: the rank "
                                 "of its output 'c' is unknown"));
}

TEST_F(OddModelsTest, staleShapesAreReportedAndCorrected) {
  ProcessResult run = splitText(layers("[\"/m/layers.1/Tanh\"] c = Tanh(b)", ", float[n, 3] c"));
  EXPECT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("warning: capture: the model says that 'c' is float[n,3], but it "
                                 "is float[n,2]; the latter is used"));
  EXPECT_THAT(run.err, Not(HasSubstr("xpected shape"))) << "ONNX Runtime would say so";
}

} // namespace
