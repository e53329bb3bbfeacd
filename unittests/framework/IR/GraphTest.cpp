// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Nodes, values and the edges between them.

#include "GraphBuilder.h"
#include "gmock/gmock.h"

using namespace optrun::ir;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::vector<std::string> userNames(const Value &value) {
  std::vector<std::string> names;
  for (const Use &use : value.uses())
    names.push_back(use.user()->name + ":" + std::to_string(use.operandIndex()));
  return names;
}

std::vector<std::string> namesOf(llvm::ArrayRef<Value *> values) {
  std::vector<std::string> names;
  for (const Value *value : values)
    names.push_back(value->name().str());
  return names;
}

TEST(Graph, LinksNodesWithTheirValues) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x");
  Node *square = build.node("Mul", {"x", "x"}, {"y"}, "square");
  Node *sum = build.node("Add", {"y", "x"}, {"z"}, "sum");
  Value *z = build.output("z");

  EXPECT_THAT(userNames(*x), ElementsAre("square:0", "square:1", "sum:1"));
  EXPECT_EQ(z->producer(), sum);
  EXPECT_EQ(square->output(0), sum->input(0));
  EXPECT_TRUE(x->isInput());
  EXPECT_TRUE(z->isOutput());
  EXPECT_FALSE(z->hasUses());
  EXPECT_EQ(sum->input(7), nullptr) << "inputs past the end are absent ones";
}

TEST(Graph, InputsAndOutputsOfANodeCanBeAbsent) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("x");
  Node *clip = build.node("Clip", {"x", "", "x"}, {"", "y"}, "clip");
  EXPECT_EQ(clip->numInputs(), 3u);
  EXPECT_EQ(clip->input(1), nullptr);
  EXPECT_EQ(clip->output(0), nullptr);
  EXPECT_EQ(clip->output(1)->outputIndex(), 1u);
}

TEST(Graph, SetInputMovesTheUseToTheEndOfTheNewList) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x"), *y = build.input("y");
  Node *first = build.node("Relu", {"x"}, {"a"}, "first");
  build.node("Relu", {"x"}, {"b"}, "second");
  build.node("Relu", {"y"}, {"c"}, "third");

  first->setInput(0, y);
  EXPECT_THAT(userNames(*x), ElementsAre("second:0"));
  EXPECT_THAT(userNames(*y), ElementsAre("third:0", "first:0"));
  first->setInput(0, nullptr);
  EXPECT_THAT(userNames(*y), ElementsAre("third:0"));
}

TEST(Graph, ReplaceAllUsesAppendsInOrderAndKeepsOutputs) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x"), *y = build.input("y");
  build.node("Relu", {"y"}, {"a"}, "first");
  build.node("Add", {"x", "x"}, {"b"}, "second");
  build.node("Relu", {"x"}, {"c"}, "third");
  graph.markOutput(*x);

  x->replaceAllUsesWith(*y);
  EXPECT_FALSE(x->hasUses());
  EXPECT_THAT(userNames(*y), ElementsAre("first:0", "second:0", "second:1", "third:0"));
  EXPECT_THAT(namesOf(graph.outputs()), ElementsAre("x"));
  x->replaceAllUsesWith(*y); // nothing left to move
  y->replaceAllUsesWith(*y);
  EXPECT_THAT(userNames(*y), ElementsAre("first:0", "second:0", "second:1", "third:0"));
  y->replaceAllUsesWith(*x);
  EXPECT_THAT(userNames(*x), ElementsAre("first:0", "second:0", "second:1", "third:0"));
}

TEST(Graph, ErasingANodeTakesItsUsesAndOutputsAway) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x");
  build.node("Relu", {"x"}, {"a"}, "first");
  Node *middle = build.node("Add", {"x", "x"}, {"b"}, "middle");
  build.node("Relu", {"x"}, {"c"}, "last");

  graph.eraseNode(*middle);
  EXPECT_THAT(userNames(*x), ElementsAre("first:0", "last:0"));
  EXPECT_EQ(graph.findValue("b"), nullptr);
  EXPECT_EQ(nodeOrder(graph), "a c");
  EXPECT_EQ(errorOf(verifyGraph(graph)), "");
  build.node("Neg", {"x"}, {"b"}, "again"); // the name is free again
  EXPECT_EQ(nodeOrder(graph), "a c b");
}

TEST(Graph, ErasingANodeReleasesWhatItsNestedGraphsCapture) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x");
  Node *branch = build.node("If", {"x"}, {"y"}, "if");
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  then.node("Neg", {"x"}, {"inner"}, "neg");
  then.output("inner");
  EXPECT_THAT(userNames(*x), ElementsAre("if:0", "neg:0"));

  graph.eraseNode(*branch);
  EXPECT_FALSE(x->hasUses());
}

TEST(Graph, ReleasedOutputsCanBeProducedByAnotherNode) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x");
  Node *old = build.node("Gelu", {"x"}, {"y"}, "old");
  Value *y = build.output("y");

  graph.releaseOutputs(*old);
  Node *replacement = build.node("FastGelu", {"x"}, {"y"}, "new");
  graph.eraseNode(*old);
  EXPECT_EQ(y->producer(), replacement);
  EXPECT_THAT(userNames(*x), ElementsAre("new:0"));
  EXPECT_EQ(errorOf(verifyGraph(graph)), "");
}

TEST(Graph, InsertsNodesBeforeAnother) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x");
  Node *relu = build.node("Relu", {"x"}, {"b"});
  Value *a = build.local("a");
  valueOf(graph.addNode({.opType = "Neg", .inputs = {x}, .outputs = {a}}, relu));
  EXPECT_EQ(nodeOrder(graph), "a b");
}

TEST(Graph, ValuesKeepTheOrderOfCreationThroughManyErasures) {
  Graph graph;
  for (int i = 0; i != 1000; ++i)
    valueOf(graph.addValue("v" + std::to_string(i)));
  for (const std::unique_ptr<Value> &value : graph.values()) // erasing while iterating is allowed
    if (value->name() != "v17" && value->name() != "v900")
      graph.eraseValue(*value);
  valueOf(graph.addValue("late"));
  auto names = [&] {
    std::vector<std::string> result;
    for (const auto &value : graph.values())
      result.push_back(value->name().str());
    return result;
  };
  EXPECT_THAT(names(), ElementsAre("v17", "v900", "late"));
  graph.eraseValue(*graph.findValue("v900"));
  EXPECT_THAT(names(), ElementsAre("v17", "late"));
}

TEST(Graph, RenamesValues) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x");
  build.input("y");
  EXPECT_EQ(errorOf(graph.renameValue(*x, "z")), "");
  EXPECT_EQ(graph.findValue("z"), x);
  EXPECT_EQ(graph.findValue("x"), nullptr);
  EXPECT_THAT(errorOf(graph.renameValue(*x, "y")), HasSubstr("'y' is taken"));
  EXPECT_THAT(errorOf(graph.renameValue(*x, "")), HasSubstr("empty name"));
  EXPECT_EQ(errorOf(graph.renameValue(*x, "z")), "");
}

TEST(Graph, RefusesNamesThatAreTakenOrEmpty) {
  Graph graph;
  graph.name = "main";
  valueOf(graph.addValue("x"));
  EXPECT_EQ(errorOf(graph.addValue("x")), "graph 'main' has two values with the name 'x'");
  EXPECT_THAT(errorOf(graph.addValue("")), HasSubstr("has no name"));
}

TEST(Graph, RefusesASecondProducer) {
  Graph graph, other;
  GraphBuilder build(graph);
  Value *x = build.input("x"), *w = build.initializer("w");
  build.node("Relu", {"x"}, {"y"}, "first");
  Value *y = graph.findValue("y"), *fresh = build.local("fresh");
  Value *foreign = valueOf(other.addValue("foreign"));
  auto produce = [&](std::vector<Value *> outputs) {
    return errorOf(graph.addNode({.opType = "Neg", .name = "bad", .outputs = outputs}));
  };
  EXPECT_THAT(produce({y}), HasSubstr("node 'first' (Relu) produces it already"));
  EXPECT_THAT(produce({x}), HasSubstr("is an input"));
  EXPECT_THAT(produce({w}), HasSubstr("is an initializer"));
  EXPECT_THAT(produce({fresh, fresh}), HasSubstr("twice"));
  EXPECT_THAT(produce({foreign}), HasSubstr("another graph"));
  EXPECT_EQ(fresh->producer(), nullptr) << "a refused node must leave no trace";
  EXPECT_EQ(nodeOrder(graph), "y");
}

TEST(Graph, InputsInitializersAndOutputsCanBeTakenBack) {
  Graph graph;
  GraphBuilder build(graph);
  Value *x = build.input("x"), *w = build.initializer("w");
  graph.markInput(*w); // both, as old models have it
  graph.markInput(*w);
  graph.markOutput(*x);
  graph.markOutput(*w);
  graph.markOutput(*x); // listed twice: legal
  EXPECT_THAT(namesOf(graph.inputs()), ElementsAre("x", "w"));
  EXPECT_THAT(namesOf(graph.outputs()), ElementsAre("x", "w", "x"));

  graph.unmarkInput(*w);
  graph.unmarkOutput(*x);
  EXPECT_THAT(namesOf(graph.inputs()), ElementsAre("x"));
  EXPECT_THAT(namesOf(graph.outputs()), ElementsAre("w"));
  EXPECT_FALSE(x->isOutput());
  graph.clearInitializer(*w);
  EXPECT_FALSE(w->isInitializer());
  EXPECT_TRUE(graph.initializers().empty());
}

TEST(Graph, ErasesUnusedInitializersOnly) {
  Graph graph;
  GraphBuilder build(graph);
  for (const char *name : {"used", "unused", "exposed", "given", "unused2"})
    build.initializer(name);
  build.node("Relu", {"used"}, {"y"});
  build.output("exposed");
  build.input("given");
  graph.eraseUnusedInitializers();
  EXPECT_THAT(namesOf(graph.initializers()), ElementsAre("used", "exposed", "given"));
  EXPECT_EQ(graph.findValue("unused2"), nullptr);
}

TEST(Graph, SparseAndDenseInitializersReplaceEachOther) {
  Graph graph;
  GraphBuilder build(graph);
  Value *w = build.initializer("w");
  graph.setSparseInitializer(*w, {GraphBuilder::floats("v", {1}), nullptr, {8}});
  EXPECT_EQ(w->tensor(), nullptr);
  EXPECT_TRUE(w->isInitializer());
  graph.setInitializer(*w, GraphBuilder::floats("w", {2}));
  EXPECT_EQ(w->sparseTensor(), nullptr);
  EXPECT_THAT(namesOf(graph.initializers()), ElementsAre("w"));
}

TEST(Graph, FindsOperatorsOfTheDefaultDomainUnderBothNames) {
  Graph graph;
  Node *bare = valueOf(graph.addNode({.domain = "", .opType = "Add"}));
  Node *named = valueOf(graph.addNode({.domain = "ai.onnx", .opType = "Add"}));
  Node *custom = valueOf(graph.addNode({.domain = "com.microsoft", .opType = "Add"}));
  EXPECT_TRUE(bare->isOp("Add") && named->isOp("Add") && !custom->isOp("Add"));
  EXPECT_TRUE(named->isOp("", "Add") && bare->isOp("ai.onnx", "Add"));
  EXPECT_TRUE(custom->isOp("com.microsoft", "Add") && !bare->isOp("com.microsoft", "Add"));
  EXPECT_FALSE(bare->isOp("Sub"));
}

TEST(Graph, GivesAttributesByName) {
  Graph graph;
  Node *node = valueOf(graph.addNode({.opType = "Gemm"}));
  node->attributes().emplace_back("transB", int64_t(1));
  node->attributes().emplace_back("alpha", 0.5f);
  EXPECT_EQ(node->intAttribute("transB"), 1);
  EXPECT_EQ(node->intAttribute("alpha"), std::nullopt) << "of another kind";
  EXPECT_EQ(node->intAttribute("beta"), std::nullopt);
  EXPECT_EQ(std::get<float>(node->attribute("alpha")->value), 0.5f);
}

TEST(CapturedValues, AreListedOnceInOrderOfFirstUse) {
  Graph graph;
  GraphBuilder build(graph);
  build.input("x");
  build.input("y");
  build.initializer("w");
  Node *loop = build.node("Loop", {"x"}, {"z"});
  GraphBuilder body(GraphBuilder::nested(*loop, "body"));
  body.input("i");
  Node *branch = body.node("If", {"i"}, {"r"});
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  then.node("Add", {"w", "i"}, {"s"}); // w from two graphs up, i from one
  then.output("s");
  body.node("Add", {"r", "w"}, {"t"});
  body.output("t");
  body.output("y"); // returns a value of the enclosing graph as it is

  EXPECT_THAT(namesOf(capturedValues(*loop)), ElementsAre("w", "y"));
  EXPECT_THAT(namesOf(capturedValues(*branch)), ElementsAre("w", "i"));
  EXPECT_TRUE(graph.findValue("y")->isNestedOutput());
  EXPECT_FALSE(graph.findValue("y")->isOutput());
  graph.eraseNode(*loop);
  EXPECT_FALSE(graph.findValue("y")->isNestedOutput());
}

TEST(Graph, AMillionNodesInAChainAreTornDownWithoutRecursion) {
  auto graph = std::make_unique<Graph>();
  Value *previous = valueOf(graph->addValue("v"));
  graph->markInput(*previous);
  for (int i = 0; i != 1000000; ++i) {
    Value *next = valueOf(graph->addValue("v" + std::to_string(i)));
    valueOf(graph->addNode({.opType = "Relu", .inputs = {previous}, .outputs = {next}}));
    previous = next;
  }
  graph->markOutput(*previous);
  EXPECT_EQ(errorOf(verifyGraph(*graph)), "");
  EXPECT_EQ(errorOf(graph->sortTopologically()), "");
  Graph copy;
  EXPECT_EQ(errorOf(cloneGraph(*graph, copy)), "");
  EXPECT_EQ(copy.outputs()[0]->name(), "v999999");
}

} // namespace
