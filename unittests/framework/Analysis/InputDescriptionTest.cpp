// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What inputs mean: by name, and by the tables that they reach.

#include "optrun/Analysis/InputDescription.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

std::vector<InputDescription> describe(llvm::StringRef text) {
  return describeInputs(*parseModel(text));
}

/// The rows found for the only input of a graph with the given nodes, which compute y.
std::optional<int64_t> rowsIn(const std::string &initializers, const std::string &nodes) {
  return describe(R"(<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
                     g (int64[N,S] ids) => (float[N,S,4] y) <)" +
                  initializers + "> {" + nodes + "}")
      .front()
      .rows;
}

TEST(IndexTables, AreFoundThroughWhatKeepsTheElements) {
  EXPECT_EQ(rowsIn(zeros("float", "t", {6, 4}), "y = Gather(t, ids)"), 6);
  EXPECT_EQ(rowsIn(zeros("float", "t", {4, 6}), "y = Gather <axis = -1> (t, ids)"), 6);
  EXPECT_EQ(rowsIn(zeros("float", "t", {6, 4}) + ", " + "int64[2] s = {1,-1}",
                   "a = Cast <to = 6> (ids) b = Reshape(a, s) c = Identity(b) y = Gather(t, c)"),
            6);
  EXPECT_EQ(rowsIn(zeros("float", "t", {6, 4}) + ", " + zeros("float", "u", {3, 4}),
                   "a = Gather(t, ids) b = Gather(u, ids) y = Add(a, b)"),
            3)
      << "the smallest table counts";
}

TEST(IndexTables, CountAddedOffsets) {
  EXPECT_EQ(rowsIn(zeros("float", "t", {6, 4}) + ", " + "int64 two = {2}",
                   "a = Add(ids, two) y = Gather(t, a)"),
            4);
  EXPECT_EQ(rowsIn(zeros("float", "t", {6, 4}) + ", " + "int64 two = {2}",
                   "a = Add(two, ids) y = Gather(t, a)"),
            4);
}

TEST(IndexTables, MayBeComputedFromConstants) {
  EXPECT_EQ(rowsIn(zeros("float", "t", {4, 6}), "u = Transpose(t) y = Gather(u, ids)"), 6);
  EXPECT_EQ(
      rowsIn(zeros("float", "t", {4, 6}), "u = Transpose <perm = [1,0]> (t) y = Gather(u, ids)"),
      6);
  EXPECT_EQ(rowsIn(zeros("int8", "t", {6, 4}) + ", " + "float s = {1}",
                   "u = DequantizeLinear(t, s) y = Gather(u, ids)"),
            6);
  EXPECT_EQ(rowsIn("", "u = Constant <value = float[2,4] {1,2,3,4,5,6,7,8}> () y = Gather(u, ids)"),
            2);
}

TEST(IndexTables, MustBeConstant) {
  EXPECT_EQ(
      rowsIn(zeros("float", "t", {6, 4}), "s = Shape(ids) u = Expand(t, s) y = Gather(u, ids)"),
      std::nullopt);
  EXPECT_EQ(rowsIn("", "y = Cast <to = 1> (ids)"), std::nullopt);
}

TEST(IndexTables, OtherLookUps) {
  EXPECT_EQ(rowsIn("int64 depth = {9}, float[2] v = {0,1}", "y = OneHot(ids, depth, v)"), 9);
  EXPECT_EQ(rowsIn(zeros("uint8", "t", {6, 4}) + ", " + zeros("float", "s", {6, 1}),
                   "y = com.microsoft.GatherBlockQuantized <gather_axis = 0> (t, ids, s)"),
            6);
}

TEST(IndexTables, AreFoundInNestedGraphsAndFunctions) {
  auto nested = describe(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (bool c, int64[N] ids) => (float[N,4] y) <)" +
                         zeros("float", "t", {6, 4}) + ", " + zeros("float", "u", {5, 4}) + R"(> {
      y = If (c) <then_branch = a () => (float[N,4] p) { p = Gather(t, ids) },
                  else_branch = b () => (float[N,4] q) { q = Gather(u, ids) }>
    })");
  EXPECT_EQ(nested[1].rows, 5);
  EXPECT_EQ(nested[1].role, InputRole::Indices);
  auto function = describe(R"(
    <ir_version: 8, opset_import: ["" : 17, "local" : 1]>
    g (int64[N] ids) => (float[N,4] y) <)" +
                           zeros("float", "t", {6, 4}) + R"(> { y = local.Embed(t, ids) }
    <opset_import: ["" : 17], domain: "local">
    Embed (table, indices) => (rows) { rows = Gather(table, indices) })");
  EXPECT_EQ(function[0].rows, 6);
}

TEST(InputRoles, AreToldByNames) {
  auto inputs = describe(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (int64[N,S] input_ids, int64[N,T] attention_mask, int64[N,S] position_ids,
       float[N,2,P,4] past_key_values_0_key, bool[1] use_cache_branch, float[N,S] pixel,
       float[N,1,S,T] additive_mask, int64 plain) => (float[N,S,4] y) <)" +
                         zeros("float", "t", {6, 4}) + R"(>
    { y = Gather(t, input_ids) })");
  const InputRole expected[] = {InputRole::Indices, InputRole::Mask,    InputRole::Positions,
                                InputRole::Past,    InputRole::UsePast, InputRole::Values,
                                InputRole::Mask,    InputRole::Values};
  ASSERT_EQ(inputs.size(), std::size(expected));
  for (size_t i = 0; i != inputs.size(); ++i)
    EXPECT_EQ(inputs[i].role, expected[i]) << inputs[i].name;
}

TEST(InputRoles, LeaveOutInitializers) {
  auto inputs = describe(R"(
    <ir_version: 3, opset_import: ["" : 17]>
    g (float[2] a, float[2] w) => (float[2] y) <float[2] w = {1, 2}> { y = Add(a, w) })");
  ASSERT_EQ(inputs.size(), 1u);
  EXPECT_EQ(inputs[0].name, "a");
}

TEST(InputRoles, NeedAType) {
  EXPECT_THAT(describe(R"(
    <ir_version: 8, opset_import: ["" : 17]>
    g (seq(float[N]) s) => (float[N] y) { y = ConcatFromSequence <axis = 0> (s) })"),
              testing::IsEmpty());
}

std::optional<int64_t> ownPositions(const std::string &graph) {
  return countOwnPositions(*parseModel("<ir_version: 8, opset_import: [\"\" : 17]> " + graph));
}

TEST(OwnPositions, AreRowsOfTheTableThatARangeSelectsFrom) {
  EXPECT_EQ(ownPositions("g (int64[N,S] ids) => (float[1,K,4] y) <" + zeros("float", "t", {6, 4}) +
                         R"(, int64 zero = {0}, int64 one = {1},
       int64[1] axis = {0}> {
         extents = Shape(ids)
         length = Gather(extents, one)
         positions = Range(zero, length, one)
         row = Unsqueeze(positions, axis)
         y = Gather(t, row)
       })"),
            6);
}

/// As OPT counts: 1, 2 … over the mask, less 1, and 2 on top.
TEST(OwnPositions, AreCountedFromMasks) {
  EXPECT_EQ(ownPositions("g (int64[N,S] mask) => (float[N,S,4] y) <" +
                         zeros("float", "t", {10, 4}) + R"(, int64 one = {1}, int64 two = {2}> {
         counted = CumSum(mask, one)
         shown = Mul(counted, mask)
         positions = Sub(shown, one)
         rows = Add(positions, two)
         y = Gather(t, rows)
       })"),
            8);
}

TEST(OwnPositions, OfNumbersThatSelectNothingAreUnknown) {
  EXPECT_EQ(ownPositions("g (int64 n) => (int64[K] y) <int64 zero = {0}, int64 one = {1}> "
                         "{ y = Range(zero, n, one) }"),
            std::nullopt);
}

TEST(OwnPositions, OfRealModels) {
  EXPECT_EQ(countOwnPositions(*readModel(fixture("onnx/gpt2-dynamo.onnx"))), 128);
  EXPECT_EQ(countOwnPositions(*readModel(fixture("onnx/opt-torchscript.onnx"))), 128);
  EXPECT_EQ(countOwnPositions(*readModel(fixture("onnx/llama-dynamo.onnx"))), std::nullopt);
}

TEST(InputRoles, OfRealModels) {
  struct Expectation {
    const char *file;
    std::vector<std::pair<const char *, InputRole>> roles;
  };
  const Expectation expectations[] = {
      {"gpt2-dynamo", {{"input_ids", InputRole::Indices}, {"attention_mask", InputRole::Mask}}},
      {"llama-kv-optimum",
       {{"input_ids", InputRole::Indices},
        {"attention_mask", InputRole::Mask},
        {"position_ids", InputRole::Positions},
        {"past_key_values.0.key", InputRole::Past}}},
      {"opt-torchscript",
       {{"input_ids", InputRole::Indices}, {"attention_mask", InputRole::Mask}}}};
  for (const Expectation &expectation : expectations) {
    auto inputs =
        describeInputs(*readModel(fixture(std::string("onnx/") + expectation.file + ".onnx")));
    ASSERT_GE(inputs.size(), expectation.roles.size());
    for (size_t i = 0; i != expectation.roles.size(); ++i) {
      EXPECT_EQ(inputs[i].name, expectation.roles[i].first);
      EXPECT_EQ(inputs[i].role, expectation.roles[i].second) << inputs[i].name;
    }
    EXPECT_EQ(inputs[0].rows, 256) << expectation.file;
  }
}

} // namespace
