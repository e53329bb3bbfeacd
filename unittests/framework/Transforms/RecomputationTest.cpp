// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which nodes are computed again rather than their results handed on.

#include "optrun/Transforms/Recomputation.h"

#include "PartitionTestSupport.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::optional<uint64_t> staticBytes(const ir::Value &value) {
  return value.type().staticByteSize();
}

/// The first results of the nodes that are recomputed.
std::vector<std::string> recomputed(const ir::Component &component, Recompute when) {
  const Dataflow flow = valueOf(Dataflow::build(component.graph));
  std::vector<std::string> results;
  const llvm::BitVector nodes = recomputableNodes(flow, when, staticBytes);
  for (unsigned node : nodes.set_bits())
    results.push_back(flow.node(node).output(0)->name().str());
  return results;
}
std::vector<std::string> recomputed(llvm::StringRef graph, Recompute when) {
  return recomputed(*model(graph), when);
}

constexpr const char *Mask = R"(
    g (int64[1,8] attention_mask, float[1,4,8,8] scores) => (float[1,4,8,8] y)
    <int64[2] axes = {1, 2}, int64[4] extents = {1, 1, 8, 8}, float one = {1}, float lowest = {-9}> {
      row = Unsqueeze(attention_mask, axes)
      table = Expand(row, extents)
      shown = Cast<to = 1>(table)
      hidden = Sub(one, shown)
      bias = Mul(hidden, lowest)
      y = Add(scores, bias)
    })";

TEST(Recomputation, MasksAreSmallerThanTheirTables) {
  // 64 bytes become 512, and 256 as float. Those in a row cost what they are made of.
  EXPECT_THAT(recomputed(Mask, Recompute::WhenSmaller),
              ElementsAre("table", "shown", "hidden", "bias"));
  EXPECT_THAT(recomputed(Mask, Recompute::Never), IsEmpty());
  EXPECT_THAT(recomputed(Mask, Recompute::Always),
              ElementsAre("row", "table", "shown", "hidden", "bias", "y"));
}

TEST(Recomputation, RotaryTables) {
  // In a model with one sequence, as a product of a column with a row; the frequencies are a
  // vector.
  EXPECT_THAT(recomputed(R"(
    g (int64[1,8] position_ids) => (float[1,8,64] c, float[1,8,64] s)
    <int64[1] axis = {1}, float[1,32,1] inv_freq = {
       1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1}> {
      row = Unsqueeze(position_ids, axis)
      positions = Cast<to = 1>(row)
      angles = MatMul(inv_freq, positions)
      turned = Transpose<perm = [0, 2, 1]>(angles)
      both = Concat<axis = 2>(turned, turned)
      c = Cos(both)
      s = Sin(both)
    })",
                         Recompute::WhenSmaller),
              ElementsAre("angles", "turned", "both", "c", "s"));
}

TEST(Recomputation, ProductsOfColumnsWithRowsNeedNoConstants) {
  EXPECT_THAT(recomputed(R"(
    g (float[N,4,1] column, float[N,1,8] row, float[N,4,4] square, float[4] vector)
      => (float[N,4,8] a, float[N,4] b, float[N,4] c, float[N,4,4] d) {
      a = MatMul(column, row)
      b = MatMul(square, vector)
      c = MatMul(vector, square)
      d = MatMul(square, square)
    })",
                         Recompute::Always),
              ElementsAre("a", "b", "c"));
}

TEST(Recomputation, WeightsAndTablesAreNotCopied) {
  // Matrices, and tables that are looked into, of whatever type, dequantized or not, and beside
  // longer vectors.
  EXPECT_THAT(recomputed(R"(
    g (int64[1] id, float[2] x, bool flag)
      => (float[1,2] a, float[1,2] b, bool[1,2] c, float[2] d, int64[1] e, float[2,2,5] f)
    <float[3,2] table = {1, 2, 3, 4, 5, 6}, int8[3,2] quantized = {1, 2, 3, 4, 5, 6},
     float scale = {0.5}, bool[2,2] mask = {1, 0, 1, 1}, float[2,2] matrix = {1, 2, 3, 4},
     int64[4] vector = {1, 2, 3, 4}, float[2,2,1] small = {1, 2, 3, 4},
     float[5] longer = {1, 2, 3, 4, 5}> {
      a = Gather(table, id)
      dequantized = DequantizeLinear(quantized, scale)
      b = Gather(dequantized, id)
      c = Gather(mask, id)
      d = MatMul(x, matrix)
      e = Gather(vector, id)
      f = Where(flag, small, longer)
    })",
                         Recompute::Always),
              ElementsAre("e"));
}

TEST(Recomputation, RandomExpensiveAndUnknownNodesAreNot) {
  EXPECT_THAT(recomputed(R"(
    g (bool yes, float[1,2,4] x) => (float[1,2,4] y) {
      a = RandomUniformLike(x)
      b = Softmax(x)
      c = local.Double(x)
      d = com.microsoft.Gelu(x)
      e = If (yes) <
        then_branch = t () => (float[1,2,4] t1) { t1 = Neg(x) },
        else_branch = e () => (float[1,2,4] e1) { e1 = Abs(x) }>
      f = Conv(x, x)
      cheap = Neg(x)
      y = Add(cheap, a)
    }
    <domain: "local", opset_import: ["" : 21]>
    Double (v) => (w) { w = Add(v, v) }
    )",
                         Recompute::Always),
              ElementsAre("cheap"))
      << "nor what depends on them";
}

TEST(Recomputation, OnlyTheExtentsOfOtherValuesAreHandedOn) {
  // A causal mask, made by the extents of what comes out of a layer: 24 bytes for 64.
  EXPECT_THAT(recomputed(R"(
    g (float[1,4,2] x) => (float[4,4] mask)
    <int64 axis = {1}, int64[2] same = {4, 4}> {
      hidden = Softmax(x)
      extents = Shape(hidden)
      length = Gather(extents, axis)
      lengths = Expand(length, same)
      numbers = Cast<to = 1>(lengths)
      mask = Trilu(numbers)
    })",
                         Recompute::WhenSmaller),
              ElementsAre("lengths", "numbers", "mask"));
}

TEST(Recomputation, ConstantsAreCopiedAnyway) {
  EXPECT_THAT(recomputed(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      c = Neg(w)
      y = Add(x, c)
    })",
                         Recompute::Always),
              ElementsAre("y"));
}

TEST(Recomputation, OfUnknownSizeIsHandedOn) {
  constexpr const char *graph = R"(
    g (int64 length, float[N] x, float[4] y) => (int64[M] a, float[K] b, float[2, 4] c)
    <int64 zero = {0}, int64 one = {1}, int64[2] twice = {2, 4}, int64[1] once = {8}> {
      a = Range(zero, length, one)
      b = Expand(x, once)
      c = Expand(y, twice)
    })";
  EXPECT_THAT(recomputed(graph, Recompute::WhenSmaller), ElementsAre("c"))
      << "neither an unknown result nor what an unknown value is needed for";
  EXPECT_THAT(recomputed(graph, Recompute::Always), ElementsAre("a", "b", "c"));
}

TEST(Recomputation, ACheapNodeCanUseOneThatIsHandedOn) {
  // The sum is smaller than its operand; the table is larger than the sum.
  EXPECT_THAT(recomputed(R"(
    g (float[1,8] x) => (float[8,8] y)
    <int64[1] axis = {1}, int64[2] extents = {8, 8}> {
      s = ReduceSum(x, axis)
      y = Expand(s, extents)
    })",
                         Recompute::WhenSmaller),
              ElementsAre("y"));
}

TEST(Recomputation, EachPartComputesWhatItUses) {
  auto component = model(R"(
    g (float[2] x, float[2] mask) => (float[2] y) {
      m = Neg(mask)
      n = Abs(m)
      ["p0"] a = Add(x, n)
      ["p1"] b = Relu(a)
      ["p2"] c = Mul(b, n)
      ["p2"] y = Mul(c, m)
    })");
  Chain chain = cut(*component, 3, producersOf(*component, {"m", "n"}));
  EXPECT_THAT(namesOf(chain[0]->graph.inputs()), ElementsAre("x", "mask"));
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("a"));
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("a"));
  EXPECT_THAT(namesOf(chain[2]->graph.inputs()), ElementsAre("mask", "b"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(Recomputation, WhatItNeedsIsHandedOn) {
  auto component = model(R"(
    g (float[2] x, float[2] mask) => (float[2] y) {
      ["p0"] m = Neg(mask)
      n = Abs(m)
      ["p0"] a = Add(x, n)
      ["p1"] b = Mul(a, a)
      ["p2"] y = Mul(b, n)
    })");
  Chain chain = cut(*component, 3, producersOf(*component, {"n"}));
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("m", "a"));
  EXPECT_THAT(namesOf(chain[2]->graph.inputs()), ElementsAre("m", "b"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(Recomputation, AResultOfTheModelIsGivenOnce) {
  // m by the first part that computes it, n by the only one, o where it stands: nothing uses it.
  auto component = model(R"(
    g (float[2] x, float[2] mask) => (float[2] o, float[2] n, float[2] m, float[2] y) {
      m = Neg(mask)
      ["p0"] a = Relu(x)
      ["p1"] b = Mul(a, m)
      n = Abs(m)
      ["p2"] y = Mul(b, n)
      o = Cos(m)
    })");
  Chain chain = cut(*component, 3, producersOf(*component, {"m", "n", "o"}));
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("o", "m", "a"));
  EXPECT_THAT(namesOf(chain[1]->graph.outputs()), ElementsAre("b"));
  EXPECT_THAT(namesOf(chain[2]->graph.inputs()), ElementsAre("mask", "b"));
  EXPECT_THAT(namesOf(chain[2]->graph.outputs()), ElementsAre("n", "y"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(Recomputation, OfOneResultOfSeveral) {
  auto component = model(R"(
    g (float[2] x, float[4] both) => (float[2] y) {
      s, t = Split<num_outputs = 2>(both)
      ["p0"] a = Add(x, s)
      ["p1"] y = Mul(a, t)
    })");
  Chain chain = cut(*component, 2, producersOf(*component, {"s"}));
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("both", "a"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(Recomputation, ForGraphsInsideOfNodes) {
  auto component = model(R"(
    g (bool yes, float[2] x, float[2] mask) => (float[2] y)
    <int64 trips = {3}, bool go = {1}> {
      m = Neg(mask)
      n = Abs(m)
      ["p0"] a = Add(x, n)
      ["p1"] b = If (yes) <
        then_branch = t () => (float[2] t1) { t1 = Mul(a, n) },
        else_branch = e () => (float[2] e2) { e1 = Add(a, m)  e2 = Neg(e1) }>
      ["p2"] y = Loop (trips, go, b) <
        body = l (int64 i, bool goIn, float[2] state) => (bool goOut, float[2] next) {
          goOut = Identity(goIn)
          next = Add(state, n)
        }>
    })");
  Chain chain = cut(*component, 3, producersOf(*component, {"m", "n"}));
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("yes", "mask", "a"));
  EXPECT_THAT(namesOf(chain[2]->graph.inputs()), ElementsAre("mask", "b"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(Recomputation, WhatIsCopiedDividesNoModule) {
  auto component = model(R"(
    g (float[2] x, float[2] mask) => (float[2] y) {
      m = Neg(mask)
      ["p0"] a = Add(x, m)
      ["p1"] y = Mul(a, m)
    })");
  for (ir::Node &node : component->graph.nodes())
    node.modulePath = node.isOp("Add") ? "first" : "second";
  const Dataflow flow = valueOf(Dataflow::build(component->graph));
  Partition partition = valueOf(completePartition(flow, seedsByName(*component), 2));
  EXPECT_THAT(modulesOfParts(flow, partition), ElementsAre(ElementsAre("first"), IsEmpty()));
  partition.recomputed = producersOf(*component, {"m"});
  EXPECT_THAT(modulesOfParts(flow, partition),
              ElementsAre(ElementsAre("first"), ElementsAre("second")));
}

TEST(Recomputation, RefusesNodesOfAnotherGraph) {
  auto component = model("g (float[2] x) => (float[2] y) { y = Relu(x) }");
  Partition partition = valueOf(completePartition(component->graph, {0}, 1));
  partition.recomputed.resize(3);
  EXPECT_THAT(errorOf(cutComponent(*component, partition, partNames(1))),
              testing::HasSubstr("the recomputed nodes are of 3 nodes, but the graph has 1"));
}

} // namespace
