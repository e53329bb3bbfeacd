// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Topological sorting and the structural checks.

#include "GraphBuilder.h"
#include "gmock/gmock.h"

using namespace optrun::ir;
using namespace optrun::test;
using testing::AnyOf;
using testing::HasSubstr;

namespace {

TEST(SortTopologically, KeepsFileOrderAmongReadyNodes) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("x");
  build.node("Add", {"b", "x"}, {"d"});
  build.node("Relu", {"x"}, {"c"});
  build.node("Relu", {"a"}, {"b"});
  build.node("Relu", {"x"}, {"a"});
  build.node("Relu", {"c"}, {"e"});
  ASSERT_NE(errorOf(verifyGraph(graph)), "");

  ASSERT_EQ(errorOf(graph.sortTopologically()), "");
  EXPECT_EQ(nodeOrder(graph), "c a b d e");
  EXPECT_EQ(errorOf(verifyGraph(graph)), "");
  ASSERT_EQ(errorOf(graph.sortTopologically()), "");
  EXPECT_EQ(nodeOrder(graph), "c a b d e") << "a sorted graph stays as it is";
}

TEST(SortTopologically, CapturesAreInputsOfTheNodeAroundThem) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("condition");
  Value *late = build.local("late");
  Node *outer = build.node("If", {"condition"}, {"result"});
  GraphBuilder then(GraphBuilder::nested(*outer, "then_branch"));
  Node *inner = then.node("If", {"condition"}, {"innerResult"});
  GraphBuilder deep(GraphBuilder::nested(*inner, "then_branch"));
  deep.node("Relu", {"late"}, {"deepResult"});
  build.node("Relu", {"condition"}, {"late"});
  ASSERT_EQ(late->producer()->opType(), "Relu");

  ASSERT_EQ(errorOf(graph.sortTopologically()), "");
  EXPECT_EQ(nodeOrder(graph), "late result");
}

TEST(SortTopologically, OutputsOfNestedGraphsCountToo) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("condition");
  build.local("late");
  Node *branch = build.node("If", {"condition"}, {"result"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  then.output("late");
  build.node("Relu", {"condition"}, {"late"});
  ASSERT_EQ(errorOf(graph.sortTopologically()), "");
  EXPECT_EQ(nodeOrder(graph), "late result");
}

TEST(SortTopologically, SortsNestedGraphs) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("condition");
  Node *branch = build.node("If", {"condition"}, {"result"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  then.node("Relu", {"a"}, {"b"});
  then.node("Relu", {"condition"}, {"a"});
  ASSERT_EQ(errorOf(graph.sortTopologically()), "");
  EXPECT_EQ(nodeOrder(then.graph), "a b");
}

TEST(SortTopologically, NamesANodeOnTheCycleAndChangesNothing) {
  Graph graph;
  graph.name = "main";
  GraphBuilder build(graph);
  build.input("x");
  build.node("Relu", {"b"}, {"behind"}, "behind");
  build.node("Add", {"x", "b"}, {"a"}, "first");
  build.node("Relu", {"a"}, {"b"}, "second");
  EXPECT_THAT(errorOf(graph.sortTopologically()),
              AnyOf("graph 'main' has a cycle through node 'first' (Add)",
                    "graph 'main' has a cycle through node 'second' (Relu)"));
  EXPECT_EQ(nodeOrder(graph), "behind a b");
}

TEST(SortTopologically, ANodeThatUsesItselfIsACycle) {
  Graph graph;
  GraphBuilder build(graph);
  build.node("Relu", {"a"}, {"a"}, "self");
  EXPECT_THAT(errorOf(graph.sortTopologically()), HasSubstr("node 'self' (Relu)"));
}

TEST(SortTopologically, HandlesALongReversedChain) {
  constexpr int Count = 200000;
  Graph graph;
  std::vector<Value *> values;
  for (int i = 0; i <= Count; ++i)
    values.push_back(valueOf(graph.addValue("v" + std::to_string(i))));
  graph.markInput(*values[0]);
  for (int i = Count; i > 0; --i)
    valueOf(graph.addNode({.opType = "Relu", .inputs = {values[i - 1]}, .outputs = {values[i]}}));
  ASSERT_EQ(errorOf(graph.sortTopologically()), "");
  EXPECT_EQ(graph.nodes().front().output(0), values[1]);
  EXPECT_EQ(graph.nodes().back().output(0), values[Count]);
}

/// x → Relu → y, which is valid; each test breaks one thing.
struct VerifyGraph : testing::Test {
  VerifyGraph() {
    graph.name = "main";
    build.input("x");
    relu = build.node("Relu", {"x"}, {"y"}, "relu");
    build.output("y");
  }
  Graph graph;
  GraphBuilder build{graph};
  Node *relu;
};

TEST_F(VerifyGraph, AcceptsAValidGraph) { EXPECT_EQ(errorOf(verifyGraph(graph)), ""); }

TEST_F(VerifyGraph, AcceptsShadowingOfOuterNames) {
  Node *branch = build.node("If", {"y"}, {"z"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  Value *shadow = then.local("y");
  then.node("Neg", {"x"}, {"y"});
  then.output("y");
  EXPECT_EQ(shadow->producer()->opType(), "Neg");
  EXPECT_EQ(errorOf(verifyGraph(graph)), "");
}

TEST_F(VerifyGraph, FindsValuesThatNothingProvides) {
  build.node("Add", {"y", "nowhere"}, {"z"}, "add");
  EXPECT_EQ(errorOf(verifyGraph(graph)),
            "'nowhere' is an input of node 'add' (Add), but no node, input or initializer provides "
            "it");
}

TEST_F(VerifyGraph, FindsOutputsThatNothingProvides) {
  build.output("nothing");
  EXPECT_THAT(errorOf(verifyGraph(graph)), HasSubstr("'nothing' is an output of graph 'main'"));
}

TEST_F(VerifyGraph, FindsUsesBeforeTheProducer) {
  build.node("Neg", {"later"}, {"z"});
  build.node("Relu", {"x"}, {"later"}, "late");
  EXPECT_EQ(errorOf(verifyGraph(graph)),
            "'later' is an input of the Neg node that produces 'z', but node 'late' (Relu), which "
            "produces it, does not come before");
}

TEST_F(VerifyGraph, FindsUsesInNestedGraphsBeforeTheProducer) {
  Value *later = build.local("later");
  Node *branch = build.node("If", {"x"}, {"z"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  Node *neg = then.node("Neg", {"later"}, {"inner"}, "neg");
  build.node("Relu", {"x"}, {"later"}, "late");
  ASSERT_EQ(neg->input(0), later);
  EXPECT_THAT(errorOf(verifyGraph(graph)),
              HasSubstr("'later' is an input of node 'neg' (Neg), but node 'late' (Relu)"));
}

TEST_F(VerifyGraph, FindsValuesOfGraphsThatCannotBeSeen) {
  Node *first = build.node("If", {"x"}, {"a"}), *second = build.node("If", {"x"}, {"b"});
  GraphBuilder one(GraphBuilder::nested(*first, "then_branch"));
  GraphBuilder two(GraphBuilder::nested(*second, "then_branch"));
  one.node("Neg", {"x"}, {"hidden"});
  Value *copy = two.local("copy");
  valueOf(two.graph.addNode({.opType = "Relu",
                             .name = "peek",
                             .inputs = {one.graph.findValue("hidden")},
                             .outputs = {copy}}));
  EXPECT_EQ(errorOf(verifyGraph(graph)), "'hidden' is an input of node 'peek' (Relu), but belongs "
                                         "to a graph that cannot be seen from there");
}

TEST_F(VerifyGraph, FindsInitializersThatANodeProducesToo) {
  graph.setInitializer(*build.local("w"), GraphBuilder::floats("w", {1}));
  Value *w = graph.findValue("w");
  graph.clearInitializer(*w);
  build.node("Neg", {"x"}, {"w"}, "neg");
  EXPECT_EQ(errorOf(verifyGraph(graph)), "");
#ifdef NDEBUG // with assertions, the setter refuses already
  graph.setInitializer(*w, GraphBuilder::floats("w", {1}));
  EXPECT_THAT(errorOf(verifyGraph(graph)), HasSubstr("both an initializer and the result of"));
#endif
}

TEST_F(VerifyGraph, FindsNestedGraphsOfAnotherNode) {
  Node *branch = build.node("If", {"x"}, {"a"}, "owner");
  branch->attributes().emplace_back("then_branch", std::make_unique<Graph>(relu));
  EXPECT_THAT(errorOf(verifyGraph(graph)), HasSubstr("node 'owner' (If) has another node as its"));
}

TEST_F(VerifyGraph, ChecksANestedGraphByItself) {
  Node *branch = build.node("If", {"x"}, {"a"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  then.node("Neg", {"y"}, {"b"});
  then.output("b");
  EXPECT_EQ(errorOf(verifyGraph(then.graph)), "");
  then.output("c");
  EXPECT_THAT(errorOf(verifyGraph(then.graph)), HasSubstr("'c' is an output"));
}

TEST_F(VerifyGraph, RefusesHostileNesting) {
  Graph *innermost = &graph;
  auto nest = [&] {
    GraphBuilder inner(*innermost);
    innermost = &GraphBuilder::nested(*inner.node("If", {"x"}, {"r"}), "then_branch");
  };
  for (unsigned depth = 0; depth != Graph::MaxDepth; ++depth)
    nest();
  EXPECT_EQ(errorOf(verifyGraph(graph)), "");
  EXPECT_EQ(errorOf(graph.sortTopologically()), "");
  nest();
  EXPECT_THAT(errorOf(verifyGraph(graph)), HasSubstr("nested more than 64 graphs deep"));
  EXPECT_THAT(errorOf(graph.sortTopologically()), HasSubstr("nested more than 64"));
  Graph copy;
  EXPECT_THAT(errorOf(cloneGraph(graph, copy)), HasSubstr("nested more than 64"));
}

} // namespace
