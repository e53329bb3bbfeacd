// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which constants are weights, and in which direction they are read.

#include "optrun/Compression/Weights.h"

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

/// With the components that own the nodes.
struct Found {
  std::vector<std::unique_ptr<ir::Component>> components;
  Weights weights;

  void find() {
    std::vector<ir::Component *> all;
    for (const std::unique_ptr<ir::Component> &component : components)
      all.push_back(component.get());
    weights = findWeights(all);
  }
};

Found weightsIn(const std::vector<std::string> &graphs) {
  Found found;
  for (const std::string &graph : graphs)
    found.components.push_back(
        parseModel(R"(<ir_version: 10, opset_import: ["" : 21, "local" : 1]> )" + graph));
  found.find();
  return found;
}

MatrixLayout layout(uint64_t matrices, uint64_t rows, uint64_t columns, bool rowsContiguous) {
  return {matrices, rows, columns, rowsContiguous};
}

TEST(Weights, AreReadAlongTheContraction) {
  const Found found = weightsIn(
      {"g (float[B,4] x, float[1,4,8,8] image, int64[N] ids) => (float[B,3] a, float[B,3] b, "
       "float[B,3] c, float[1,6,8,8] d, float[N,4] e) <" +
       zeros("float", "product", {4, 3}) + ", " + zeros("float", "gemm", {4, 3}) + ", " +
       zeros("float", "linear", {3, 4}) + ", " + zeros("float", "conv", {6, 4, 1, 1}) + ", " +
       zeros("float", "table", {5, 4}) + R"(> {
        a = MatMul(x, product)
        b = Gemm(x, gemm)
        c = Gemm<transB = 1>(x, linear)
        d = Conv(image, conv)
        e = Gather(table, ids) })"});
  ASSERT_THAT(found.weights.found, SizeIs(5));
  EXPECT_EQ(found.weights.found[0].layout, layout(1, 3, 4, false));
  EXPECT_EQ(found.weights.found[1].layout, layout(1, 3, 4, false));
  EXPECT_EQ(found.weights.found[2].layout, layout(1, 3, 4, true));
  EXPECT_EQ(found.weights.found[3].layout, layout(1, 6, 4, true));
  EXPECT_EQ(found.weights.found[4].layout, layout(1, 5, 4, true));
  EXPECT_EQ(found.weights.found[4].uses[0].kind, WeightUse::Kind::Gather);
  EXPECT_THAT(found.weights.left, IsEmpty());
}

TEST(Weights, OfTheLeftSideAndOfSeveralMatrices) {
  const Found found = weightsIn(
      {"g (float[4,B] x, float[2,B,4] z) => (float[3,B] a, float[2,B,3] b) "
       "<" +
       zeros("float", "left", {3, 4}) + ", " + zeros("float", "experts", {2, 4, 3}) + R"(> {
                                  a = MatMul(left, x)
                                  b = MatMul(z, experts) })"});
  ASSERT_THAT(found.weights.found, SizeIs(2));
  EXPECT_EQ(found.weights.found[0].layout, layout(1, 3, 4, true));
  EXPECT_EQ(found.weights.found[0].uses[0].kind, WeightUse::Kind::MatMulLeft);
  EXPECT_EQ(found.weights.found[1].layout, layout(2, 3, 4, false));
}

TEST(Weights, AreOneWhenTied) {
  // By Gemm or by Transpose and MatMul, through Cast and Identity.
  const Found found = weightsIn({"g (int64[N] ids) => (float[N,5] a, float[N,5] b) <" +
                                 zeros("float16", "table", {5, 4}) +
                                 R"(> {
        rows = Gather(table, ids)
        x = Cast<to = 1>(rows)
        wide = Cast<to = 1>(table)
        same = Identity(wide)
        a = Gemm<transB = 1>(x, same)
        turned = Transpose<perm = [1, 0]>(wide)
        b = MatMul(x, turned) })"});
  ASSERT_THAT(found.weights.found, SizeIs(1));
  const Weight &weight = found.weights.found[0];
  EXPECT_EQ(weight.layout, layout(1, 5, 4, true));
  ASSERT_THAT(weight.uses, SizeIs(3));
  EXPECT_EQ(weight.uses[0].type, ir::DataType::Float16);
  EXPECT_EQ(weight.uses[1].type, ir::DataType::Float32);
  EXPECT_TRUE(weight.uses[1].rowsFirst);
  EXPECT_EQ(weight.uses[2].kind, WeightUse::Kind::MatMulRight);
  EXPECT_FALSE(weight.uses[2].rowsFirst);
}

TEST(Weights, OfOnePayloadAreOneInAllComponents) {
  Found found = weightsIn({"g (int64[N] ids) => (float[N,4] x) <" +
                               zeros("float", "table", {5, 4}) + "> { x = Gather(table, ids) }",
                           "g (float[N,4] x) => (float[N,5] y) <" + zeros("float", "head", {5, 4}) +
                               "> { y = Gemm<transB = 1>(x, head) }"});
  auto &components = found.components;
  components[0]->graph.nodes().front().modulePath = "model.embed";
  components[1]->graph.nodes().front().modulePath = "lm_head";
  components[1]->graph.findValue("head")->setTensor(
      components[0]->graph.findValue("table")->tensor()->renamed("head"));
  found.find();
  ASSERT_THAT(found.weights.found, SizeIs(1));
  EXPECT_THAT(found.weights.found[0].names, ElementsAre("table", "head"));
  EXPECT_THAT(found.weights.found[0].modules, ElementsAre("model.embed", "lm_head"));
  EXPECT_EQ(found.weights.found[0].uses[1].component, components[1].get());
}

TEST(Weights, OfNestedGraphsAndConstantNodes) {
  const Found found = weightsIn(
      {"g (bool c, float[B,2] x) => (float[B,2] y) <" + zeros("float", "outer", {2, 2}) + R"(> {
        y = If (c) <
          then_branch = t () => (float[B,2] a) { a = MatMul(x, outer) },
          else_branch = e () => (float[B,2] b) {
            w = Constant<value = float[2,2] {1.0, 2.0, 3.0, 4.0}>()
            b = MatMul(x, w) }> })"});
  ASSERT_THAT(found.weights.found, SizeIs(2));
  EXPECT_EQ(found.weights.found[0].names[0], "outer");
  EXPECT_EQ(found.weights.found[1].names[0], "w");
}

TEST(Weights, StayWhenSomethingElseReadsThem) {
  const Found found = weightsIn(
      {"g (float[2,2] x) => (float[2,2] a, float[2,2] b, float[2,2] c, float[2,2] shown) <" +
       zeros("float", "added", {2, 2}) + ", " + zeros("float", "both", {2, 2}) + ", " +
       zeros("float", "shown", {2, 2}) + ", " + zeros("float", "mask", {2, 2}) + R"(> {
        p = MatMul(x, added)
        a = Add(p, added)
        q = MatMul(x, both)
        b = Gemm<transB = 1>(q, both)
        r = MatMul(x, shown)
        c = Add(r, mask) })"});
  EXPECT_THAT(found.weights.found, IsEmpty());
  ASSERT_THAT(found.weights.left, SizeIs(3)); // the mask is no weight at all
  EXPECT_EQ(found.weights.left[0].name, "added");
  EXPECT_THAT(found.weights.left[0].reason, HasSubstr("used by"));
  EXPECT_EQ(found.weights.left[1].reason, "is used in two directions");
  EXPECT_EQ(found.weights.left[2].reason, "is an output of a graph");
}

TEST(Weights, StayWhenCallersMaySetThem) {
  const std::string graph = "g (float[B,2] x, float[2,2] w) => (float[B,2] y) <" +
                            zeros("float", "w", {2, 2}) + "> { y = MatMul(x, w) }";
  EXPECT_EQ(weightsIn({graph}).weights.left[0].reason, "is an input that callers may set");
  // Old models list every initializer among the inputs.
  Found old = weightsIn({graph});
  old.components[0]->irVersion = 3;
  old.find();
  EXPECT_THAT(old.weights.found, SizeIs(1));
}

TEST(Weights, StayWhenTheyBelongToAQuantizedMatrix) {
  Found found = weightsIn({"g (float[B,2] x) => (float[B,2] y) <" +
                           zeros("float", "minimums", {2, 2}) + "> { y = MatMul(x, minimums) }"});
  ASSERT_THAT(found.weights.found, SizeIs(1));
  ir::Graph &graph = found.components[0]->graph;
  ir::Value &minimums = *graph.findValue("minimums");
  graph.setInitializer(minimums,
                       minimums.tensor()->annotated("", {{QuantizedMatrixKey.str(), "matrix"}}));
  found.find();
  EXPECT_THAT(found.weights.found, IsEmpty());
  EXPECT_EQ(found.weights.left[0].reason, "is part of a matrix that is quantized already");
}

TEST(Weights, OfFunctionsStay) {
  Found found = weightsIn({R"(
    g (float[B,2] x) => (float[B,2] y) { y = local.twice(x) }
    <domain: "local", opset_import: ["" : 21]>
    twice (x) => (y) {
      w = Constant<value = float[2,2] {1.0, 2.0, 3.0, 4.0}>()
      y = MatMul(x, w)
    })"});
  EXPECT_THAT(found.weights.found, IsEmpty());
  ASSERT_THAT(found.weights.left, SizeIs(1));
  EXPECT_EQ(found.weights.left[0].name, "w");
  EXPECT_EQ(found.weights.left[0].reason, "is inside of the function 'twice'");

  // A copy of the model has the same ones.
  found.components.push_back(valueOf(ir::cloneComponent(*found.components.front())));
  found.find();
  EXPECT_THAT(found.weights.left, SizeIs(1));
}

TEST(Weights, AreNoIntegersVectorsOrProductsOfConstants) {
  const Found found =
      weightsIn({"g (float[B,2] x, int64[N] ids) => (float[B,2] a, float[2,2] b, int64[N,2] c) <" +
                 zeros("float", "vector", {2}) + ", " + zeros("float", "left", {2, 2}) + ", " +
                 zeros("float", "right", {2, 2}) + ", " + zeros("int64", "numbers", {2, 2}) + R"(> {
        a = Mul(x, vector)
        b = MatMul(left, right)
        c = Gather(numbers, ids) })"});
  EXPECT_THAT(found.weights.found, IsEmpty());
}

} // namespace
