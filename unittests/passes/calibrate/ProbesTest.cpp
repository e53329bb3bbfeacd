// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What becomes of a model whose products are measured.

#include "Probes.h"

#include "TestSupport/Errors.h"
#include "TestSupport/ModelDiff.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::calibrate;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::unique_ptr<ir::Component> model(const std::string &graph, int opset = 21) {
  return parseModel("<ir_version: 8, opset_import: [\"\" : " + std::to_string(opset) + "]> " +
                    graph);
}

std::vector<std::string> weightsOf(const Probes &probes) {
  std::vector<std::string> names;
  for (const Probes::ProbedWeight &weight : probes.weights) {
    names.push_back(weight.name + ":");
    for (size_t input : weight.inputs)
      names.back() += " " + probes.inputs[input].output;
  }
  return names;
}

const std::string Weights = "<float[2,3] w = {0,0,0,0,0,0}, float[2,2] v = {0,0,0,0}>";

/// q and k are products of the same inputs, which are summed up once. What only `y` needs is gone.
TEST(Probes, SumTheSquaresOfEachInput) {
  auto component = model("g (float[b,s,2] x) => (float[b,s,3] q, float[b,s,2] y) " + Weights +
                         R"({ h = Relu(x)
                              [queries] q = MatMul(h, w)
                              [keys] k = MatMul(h, v)
                              y = Softmax(k) })");
  const Probes probes = addProbes(*component);
  ASSERT_EQ(errorOf(optrun::onnx::checkModel(*component)), "");
  const std::string sum = "queries/ReduceSumSquare_output_0";
  EXPECT_THAT(weightsOf(probes), ElementsAre("w: " + sum, "v: " + sum));
  EXPECT_EQ(probes.inputs.front().columns, 2U);
  EXPECT_THAT(probes.left, IsEmpty());

  const auto expected = model(R"(g (float[b,s,2] x) => (float[2] "queries/ReduceSumSquare_output_0")
      <int64[2] "integers_-1_2" = {-1, 2}, int64[1] integers_0 = {0}> {
        h = Relu(x)
        ["queries/Reshape"] "queries/Reshape_output_0" = Reshape(h, "integers_-1_2")
        ["queries/ReduceSumSquare"] "queries/ReduceSumSquare_output_0" =
          ReduceSumSquare <keepdims = 0> ("queries/Reshape_output_0", integers_0) })");
  EXPECT_TRUE(modelsEqual(*expected, *component));
}

/// Half precision would overflow. Before opset 18 axes are attributes.
TEST(Probes, SumInFloat) {
  auto component = model("g (float16[s,2] x) => (float16[s,2] y) "
                         "<float16[2,2] w = {0,0,0,0}> { [p] y = Gemm <transB = 1> (x, w) }",
                         13);
  addProbes(*component);
  EXPECT_EQ(errorOf(optrun::onnx::checkModel(*component)), "");
  const auto expected = model(R"(g (float16[s,2] x) => (float[2] "p/ReduceSumSquare_output_0")
      <int64[2] "integers_-1_2" = {-1, 2}> {
        ["p/Cast"] "p/Cast_output_0" = Cast <to = 1> (x)
        ["p/Reshape"] "p/Reshape_output_0" = Reshape("p/Cast_output_0", "integers_-1_2")
        ["p/ReduceSumSquare"] "p/ReduceSumSquare_output_0" =
          ReduceSumSquare <keepdims = 0, axes = [0]> ("p/Reshape_output_0") })",
                              13);
  EXPECT_TRUE(modelsEqual(*expected, *component));
}

/// The table of embeddings is that of logits, too; a layer runs twice.
TEST(Probes, AreThoseOfAllProductsOfAWeight) {
  auto component = model("g (int64[s] ids, float[s,2] x) => (float[s,2] z) " + Weights +
                         R"({ e = Gather(v, ids)
                              t = Transpose <perm = [1, 0]> (v)
                              ["1"] a = MatMul(e, t)
                              ["2"] c = MatMul(x, t)
                              z = Add(a, c) })");
  EXPECT_THAT(weightsOf(addProbes(*component)),
              ElementsAre("v: 1/ReduceSumSquare_output_0 2/ReduceSumSquare_output_0"));
}

TEST(Probes, LeaveWhatTheyCannotMeasure) {
  auto component = model("g (float[3,2] x, bool yes) => (float[2,2] y, float[s,2] z) " + Weights +
                         R"({ y = MatMul(w, x)
                              z = If (yes) <then_branch = t () => (n) { n = MatMul(x, v) },
                                            else_branch = e () => (m) { m = Identity(x) }> })");
  const Probes probes = addProbes(*component);
  EXPECT_THAT(probes.left, ElementsAre("w", "v"));
  EXPECT_THAT(probes.inputs, IsEmpty());
}

/// What the first product and the last are given would be summed up for nobody.
TEST(Probes, AreNotAddedForSomeOfTheProductsOfAWeight) {
  auto component = model("g (float[s,2] x, bool yes) => (float[s,2] y, float[s,2] u) " + Weights +
                         R"({ y = MatMul(x, v)
                              z = If (yes) <then_branch = t () => (n) { n = MatMul(y, v) },
                                            else_branch = e () => (m) { m = Identity(y) }>
                              u = MatMul(z, v) })");
  const Probes probes = addProbes(*component);
  EXPECT_THAT(probes.left, ElementsAre("v"));
  EXPECT_THAT(probes.inputs, IsEmpty());
}

/// Frequencies times positions, as rotary embeddings have them.
TEST(Probes, LeaveSingleInputsWithoutAWord) {
  auto component = model("g (float[1,s] positions, float[s,1] x) => (float[2,s] y, float[s,2] z) "
                         "<float[2,1] f = {1,2}, float[1,2] w = {1,2}> "
                         "{ y = MatMul(f, positions) z = MatMul(x, w) }");
  const Probes probes = addProbes(*component);
  EXPECT_THAT(probes.left, IsEmpty());
  EXPECT_THAT(probes.inputs, IsEmpty());
}

/// What a nested graph returns of one around it is needed, though no node reads it.
TEST(Probes, KeepWhatNestedGraphsReturn) {
  auto component = model("g (float[s,2] x, bool yes) => (float[s,2] z) " + Weights +
                         R"({ r = Relu(x)
                              y = If (yes) <then_branch = t () => (n) { n = Neg(x) },
                                            else_branch = e () => (r) { k = Neg(x) }>
                              z = MatMul(y, v) })");
  EXPECT_EQ(addProbes(*component).inputs.size(), 1U);
  const auto isRelu = [](const ir::Node &node) { return node.isOp("Relu"); };
  EXPECT_TRUE(llvm::any_of(component->graph.nodes(), isRelu));
}

} // namespace
