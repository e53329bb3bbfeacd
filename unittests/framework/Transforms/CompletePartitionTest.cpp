// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which part nodes without a seed go to.

#include "PartitionTestSupport.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

Partition complete(llvm::StringRef graph, uint32_t parts) {
  auto component = model(graph);
  return valueOf(completePartition(component->graph, seedsByName(*component), parts));
}

TEST(CompletePartition, ForwardToTheLatestPredecessor) {
  Partition partition = complete(R"(
    g (float[2] x) => (float[2] y) {
      ["p0"] a = Relu(x)
      ["p2"] b = Relu(a)
      ["p1"] c = Relu(a)
      d = Add(b, c)
      y = Neg(d)
    })",
                                 3);
  EXPECT_THAT(partition.partOf, ElementsAre(0, 2, 1, 2, 2));
  EXPECT_THAT(partition.moved, IsEmpty());
}

TEST(CompletePartition, InReverseToTheEarliestSuccessor) {
  // The mask comes before everything; the table is only used late.
  Partition partition = complete(R"(
    g (float[2] x, float[2] mask, float[2] positions) => (float[2] y) {
      m1 = Neg(mask)
      m2 = Abs(m1)
      t = Cos(positions)
      ["p0"] a = Relu(x)
      ["p1"] b = Add(a, m2)
      ["p2"] c = Mul(b, m2)
      y = Add(c, t)
    })",
                                 3);
  EXPECT_THAT(partition.partOf, ElementsAre(1, 1, 2, 0, 1, 2, 2));
}

TEST(CompletePartition, NodesThatLeadNowhereStayInTheFirstPart) {
  Partition partition = complete(R"(
    g (float[2] x) => (float[2] y) {
      dead = Abs(x)
      ["p1"] y = Relu(x)
      deadToo = Neg(y)
    })",
                                 2);
  EXPECT_THAT(partition.partOf, ElementsAre(0, 1, 1));
}

TEST(CompletePartition, ConstantsFollowTheirFirstUser) {
  // Whatever their names say. The dequantized weight is used by both parts.
  Partition partition = complete(R"(
    g (float[2] x) => (float[2] y)
    <int8[2] w = {1, 2}, float s = {0.5}> {
      ["p1"] d = DequantizeLinear(w, s)
      ["p0"] two = Constant<value = float {2.0}>()
      doubled = Mul(d, two)
      ["p0"] a = Add(x, d)
      ["p1"] b = Add(a, doubled)
      ["p1"] y = Add(b, d)
    })",
                                 2);
  EXPECT_THAT(partition.partOf, ElementsAre(0, 1, 1, 0, 1, 1));
}

TEST(CompletePartition, RandomNumbersAreNoConstants) {
  Partition partition = complete(R"(
    g (float[2] x) => (float[2] y) {
      r = RandomNormal<shape = [2]>()
      ["p0"] a = Add(x, r)
      ["p1"] y = Add(a, r)
    })",
                                 2);
  EXPECT_THAT(partition.partOf, ElementsAre(0, 0, 1));
}

TEST(CompletePartition, CapturesAreEdges) {
  Partition partition = complete(R"(
    g (bool c, float[2] x) => (float[2] y) {
      ["p1"] a = Relu(x)
      b = If (c) <
        then_branch = t () => (float[2] t1) { t1 = Neg(a) },
        else_branch = e () => (float[2] e1) { e1 = Abs(a) }>
      ["p2"] y = Relu(b)
    })",
                                 3);
  EXPECT_THAT(partition.partOf, ElementsAre(1, 1, 2));
}

TEST(CompletePartition, NodesThatNeedLaterPartsMoveThere) {
  Partition partition = complete(R"(
    g (float[2] x) => (float[2] y) {
      ["p1"] a = Relu(x)
      ["p0"] b = Relu(a)
      ["p0"] c = Neg(b)
      ["p1"] y = Abs(c)
    })",
                                 2);
  EXPECT_THAT(partition.partOf, ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(partition.moved, ElementsAre(1, 2));
}

TEST(CompletePartition, RefusesWhatMakesNoSense) {
  auto component = model(R"(g (float[2] x) => (float[2] y) { ["first"] y = Relu(x) })");
  EXPECT_THAT(errorOf(completePartition(component->graph, {}, 1)), HasSubstr("covers 0 nodes"));
  EXPECT_THAT(errorOf(completePartition(component->graph, {2}, 2)),
              HasSubstr("node 'first' (Relu) is assigned to part 2, but there are 2 parts"));
  EXPECT_THAT(errorOf(completePartition(component->graph, {0}, 0)), HasSubstr("at least one part"));
}

TEST(CompletePartition, RefusesGraphsOutOfOrder) {
  ir::Graph graph;
  ir::Value *x = valueOf(graph.addValue("x")), *a = valueOf(graph.addValue("a")),
            *b = valueOf(graph.addValue("b"));
  graph.markInput(*x);
  valueOf(graph.addNode({"", "Relu", "", "late", {a}, {b}}));
  valueOf(graph.addNode({"", "Relu", "", "early", {x}, {a}}));
  EXPECT_THAT(errorOf(completePartition(graph, {Unassigned, Unassigned}, 1)),
              HasSubstr("node 'late' (Relu) uses 'a' before node 'early' (Relu) has produced it"));
}

} // namespace
