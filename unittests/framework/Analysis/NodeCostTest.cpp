// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What the nodes of graphs cost: bytes, control flow, calls, and what is not known.

#include "CostOfText.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/CostNotes.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

TEST(NodeCost, MovementIsNoArithmetic) {
  EXPECT_EQ(last("g (int64[B,S] a) => (int64[B,S] y) { y = Add(a, a) }").flops, 0u);
  const NodeCost view = last("g (float[B,S] x) => (float[B,S,1] y) <int64[1] a = {2}> "
                             "{ y = Unsqueeze(x, a) }");
  EXPECT_EQ(view.movedBytes, 0u);
  EXPECT_EQ(view.outputBytes, 0u);
  const NodeCost rows = last("g (int64[B,S] i) => (float[B,S,4] y) <" +
                             zeros("float", "t", {100, 4}) + "> { y = Gather(t, i) }");
  EXPECT_EQ(rows.flops, 0u);
  EXPECT_EQ(rows.movedBytes, 8 * B * S + 2 * (4 * B * S * 4))
      << "the rows looked up, not the table";
}

TEST(NodeCost, FoldedConstantsAreFreeAndReadAsStored) {
  const GraphCost cost =
      estimate("g (float[B,S,8] x) => (float[B,S,3] y) <" + zeros("int8", "q", {8, 3}) +
               ", float s = {1}> "
               "{ w = DequantizeLinear(q, s) y = MatMul(x, w) }");
  EXPECT_EQ(cost.nodes[0].flops, 0u);
  EXPECT_EQ(cost.nodes[0].movedBytes, 0u);
  EXPECT_EQ(cost.nodes[1].attentionFlops, 0u);
  EXPECT_EQ(cost.nodes[1].movedBytes, 4 * B * S * 8 + (8 * 3 + 4) + 4 * B * S * 3);
}

const char *const Branches = R"(
    <then_branch = a () => (float[B,S,8] p) { p = Gelu(x) },
     else_branch = b () => (float[B,S,8] q) { r = Relu(x) q = Relu(r) }>)";

TEST(NodeCost, IfCostsItsDearerBranch) {
  EXPECT_EQ(last(std::string("g (bool c, float[B,S,8] x) => (float[B,S,8] y) { y = If (c)") +
                 Branches + "}")
                .flops,
            8 * B * S * 8);
  EXPECT_EQ(last(std::string("g (float[B,S,8] x) => (float[B,S,8] y) <int64[1] d = {7}> {"
                             "n = Size(x) c = Equal(n, d) y = If (c)") +
                 Branches + "}")
                .flops,
            2 * B * S * 8)
      << "known not to be taken";
}

TEST(NodeCost, LoopCostsItsBodyTimesTheIterations) {
  const char *const loop = R"(
      y = Loop (n, "", x) <body = l (int64 i, bool c, float[B,S,8] v) => (bool d, float[B,S,8] w) {
        d = Identity(c) w = Relu(v) }>)";
  EXPECT_EQ(
      last(std::string("g (float[B,S,8] x) => (float[B,S,8] y) <int64 n = {3}> {") + loop + "}")
          .flops,
      3 * B * S * 8);
  const GraphCost unknown =
      estimate(std::string("g (int64 n, float[B,S,8] x) => (float[B,S,8] y) {") + loop + "}");
  EXPECT_EQ(unknown.nodes.back().flops, B * S * 8);
  EXPECT_EQ(unknown.incompleteNodes, 1u);
}

TEST(NodeCost, OfAWhileLoopIsThatOfOneRound) {
  const std::string body = R"(
      y = Loop (most, yes, x) <body = l (int64 i, bool c, float[B,S,8] v)
        => (bool d, float[B,S,8] w) { w = Relu(v) s = ReduceSum <keepdims = 0> (v) b = Cast <to = 9> (s)
                                      d = And(c, b) }>)";
  const GraphCost unknown = estimate("g (float[B,S,8] x) => (float[B,S,8] y) "
                                     "<int64 most = {9223372036854775807}, bool yes = {1}> {" +
                                     body + "}");
  EXPECT_EQ(unknown.nodes.back().flops, 2 * B * S * 8) << "a rectification and a sum";
  EXPECT_EQ(unknown.incompleteNodes, 1u);
  EXPECT_EQ(last("g (float[B,S,8] x) => (float[B,S,8] y) "
                 "<int64 most = {9223372036854775807}, bool yes = {0}> {" +
                 body + "}")
                .flops,
            0u)
      << "it does not begin";
}

TEST(NodeCost, CallsCostTheirBodies) {
  const GraphCost cost =
      estimate("g (float[B,S,8] x) => (float[B,S,8] y) <" + zeros("float", "w", {8, 8}) + R"(>
    { h = local.Twice <alpha = 2> (x, w) y = Relu(h) }
    <opset_import: ["" : 21, "local" : 1], domain: "local">
    Twice <alpha> (a, b) => (c) { d = local.Once(a, b) c = local.Once(d, b) }
    <opset_import: ["" : 21], domain: "local">
    Once (a, b) => (c) { e = MatMul(a, b) c = Sigmoid(e) })");
  ASSERT_EQ(cost.nodes.size(), 2u);
  EXPECT_EQ(cost.nodes[0].flops, 2 * (2 * B * S * 8 * 8 + 5 * B * S * 8));
  EXPECT_EQ(cost.nodes[0].attentionFlops, 0u);
  EXPECT_EQ(cost.nodes[1].flops, B * S * 8);
  EXPECT_EQ(cost.incompleteNodes, 0u);
}

TEST(CostNotes, NameTheFirstFew) {
  EXPECT_THAT(notesOn(estimate("g (float[B,S,8] x) => (float[B,S,8] y) { y = Relu(x) }")).remarks,
              IsEmpty());
  const CostNotes notes = notesOn(
      estimate("g (float[B,k,l,m,p] x) => (float[B,?] y) { a = local.Foo(x) y = Relu(a) }"));
  EXPECT_THAT(notes.remarks,
              ElementsAre("taken to be 1, as nothing tells what they mean: axis 1 of 'x' (k), "
                          "axis 2 of 'x' (l), axis 3 of 'x' (m) and 1 more"));
  EXPECT_THAT(notes.warnings,
              ElementsAre("the FLOPs of operators that are not known do not count: local.Foo",
                          "2 of 2 nodes count too little, as shapes or numbers of iterations are "
                          "unknown"));
}

TEST(NodeCost, SaysWhatItDoesNotKnow) {
  const GraphCost cost =
      estimate("g (float[B,channels,8] x) => (float[B,3,8] y) { a = local.Foo(x) y = Relu(a) }");
  EXPECT_THAT(cost.unknownOperators, ElementsAre("local.Foo"));
  EXPECT_THAT(cost.unexplainedDimensions, ElementsAre("axis 1 of 'x' (channels)"));
  EXPECT_EQ(cost.incompleteNodes, 2u) << "Foo's result has no shape, and Relu reads it";
  EXPECT_EQ(cost.nodes[1].flops, B * 3 * 8);
  EXPECT_THAT(estimate("g (float[B,S,8] x) => (float[B,S,8] y) { y = com.microsoft.Inverse(x) }")
                  .unknownOperators,
              ElementsAre("com.microsoft.Inverse"))
      << "no arithmetic that we know, which is not none";
  EXPECT_THAT(estimate("g (float[B,S,8] x) => (float[B,S,8] y) { y = com.microsoft.Trilu(x) }")
                  .unknownOperators,
              IsEmpty());
}

/// Attention of the fixtures, four layers of four heads (two for keys in llama) of 16, over all
/// tokens.
TEST(NodeCost, OfRealModelsIsComplete) {
  for (const char *name : {"gpt2-dynamo", "llama-dynamo", "opt-dynamo", "opt-torchscript",
                           "llama-kv-optimum", "opt-kv-optimum"}) {
    auto component = readModel(fixture(std::string("onnx/") + name + ".onnx"));
    const GraphCost cost =
        valueOf(estimateGraphCost(*component, valueOf(Dataflow::build(component->graph)), Small));
    EXPECT_EQ(cost.incompleteNodes, 0u) << name;
    EXPECT_THAT(cost.unknownOperators, IsEmpty());
    NodeCost total;
    for (const NodeCost &node : cost.nodes)
      total += node;
    const bool hasCache = llvm::StringRef(name).contains("-kv-");
    const uint64_t tokens = hasCache ? T : S,
                   heads = llvm::StringRef(name).contains("llama") ? 2 : 4;
    EXPECT_EQ(total.attentionFlops, 4 * 4 * B * 4 * S * tokens * 16) << name;
    EXPECT_EQ(total.cacheBytes, hasCache ? 4 * 2 * B * heads * T * 16 * 4 : 0) << name;
  }
}

} // namespace
