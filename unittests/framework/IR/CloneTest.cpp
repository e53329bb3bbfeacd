// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Copies of graphs, nodes and components.

#include "GraphBuilder.h"
#include "gmock/gmock.h"

#include "optrun/IR/Printer.h"

using namespace optrun::ir;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

std::string textOf(const Graph &graph) {
  std::string text;
  llvm::raw_string_ostream os(text);
  print(graph, os);
  return text;
}

/// One of everything that a graph can hold.
void fill(Graph &graph) {
  graph.name = "main";
  graph.docString = "about the graph";
  graph.metadata = {{"key", "value"}};
  GraphBuilder build(graph);
  Value *x = build.input("x", Type::tensor(DataType::Float32, Shape{{.symbol = "batch"}, {8}}));
  x->docString = "the input";
  x->metadata = {{"unit", "none"}};
  x->hasValueInfo = true;
  x->quantizationAnnotation = {{"SCALE_TENSOR", "w"}};
  build.initializer("w", {1, 2, 3});
  graph.markInput(*build.value("w"));
  graph.setSparseInitializer(*build.local("s"), {GraphBuilder::floats("s", {4}), nullptr, {9}});
  Node *branch = build.node("If", {"x", "", "w"}, {"y", ""}, "branch");
  branch->docString = "about the node";
  branch->metadata = {{"namespace", "a/b"}};
  branch->modulePath = "model.layers.0";
  branch->deviceConfigurations = {"bytes"};
  branch->attributes().emplace_back("alpha", 0.25f);
  branch->attributes().back().docString = "about the attribute";
  branch->attributes().emplace_back("list", std::vector<int64_t>{1, 2});
  branch->attributes().emplace_back("reference", AttributeReference{"beta", 1});
  branch->attributes().emplace_back("tensor", GraphBuilder::floats("t", {5}));
  GraphBuilder then(GraphBuilder::nested(*branch, "then_branch"));
  Node *loop = then.node("Loop", {"w"}, {"inner"});
  then.output("inner");
  std::vector<std::unique_ptr<Graph>> graphs;
  graphs.push_back(std::make_unique<Graph>(loop));
  GraphBuilder body(*graphs.back());
  body.node("Add", {"x", "w"}, {"sum"});
  body.output("sum");
  body.output("x");
  loop->attributes().emplace_back("bodies", std::move(graphs));
  build.output("y");
}

TEST(CloneGraph, CopiesEverything) {
  Graph source, copy;
  fill(source);
  ASSERT_EQ(errorOf(cloneGraph(source, copy)), "");
  EXPECT_EQ(textOf(copy), textOf(source));
  EXPECT_EQ(errorOf(verifyGraph(copy)), "");

  EXPECT_EQ(copy.docString, "about the graph");
  EXPECT_THAT(copy.metadata, ElementsAre(std::pair("key", "value")));
  const Value &x = *copy.findValue("x");
  EXPECT_EQ(x.docString, "the input");
  EXPECT_THAT(x.metadata, ElementsAre(std::pair("unit", "none")));
  EXPECT_THAT(x.quantizationAnnotation, ElementsAre(std::pair("SCALE_TENSOR", "w")));
  EXPECT_TRUE(x.hasValueInfo);
  EXPECT_FALSE(copy.findValue("w")->hasValueInfo);
  EXPECT_TRUE(copy.findValue("w")->isInput() && copy.findValue("w")->isInitializer());
  EXPECT_EQ(copy.findValue("w")->tensor(), source.findValue("w")->tensor()) << "tensors are shared";
  EXPECT_THAT(copy.findValue("s")->sparseTensor()->dims, ElementsAre(9));
  const Node &branch = copy.nodes().front();
  EXPECT_EQ(branch.docString, "about the node");
  EXPECT_THAT(branch.metadata, ElementsAre(std::pair("namespace", "a/b")));
  EXPECT_EQ(branch.modulePath, "model.layers.0");
  EXPECT_THAT(branch.deviceConfigurations, ElementsAre("bytes"));
  EXPECT_EQ(branch.attribute("alpha")->docString, "about the attribute");
}

TEST(CloneGraph, LinksNestedGraphsToTheCopyOnly) {
  Graph source, copy;
  fill(source);
  auto usesOfX = [&] {
    auto uses = source.findValue("x")->uses();
    return std::distance(uses.begin(), uses.end());
  };
  auto before = usesOfX();
  ASSERT_EQ(errorOf(cloneGraph(source, copy)), "");
  EXPECT_EQ(usesOfX(), before) << "a node of the copy uses a value of the original";
  EXPECT_THAT(capturedValues(copy.nodes().front()),
              ElementsAre(copy.findValue("w"), copy.findValue("x")));
  EXPECT_TRUE(copy.findValue("x")->isNestedOutput());
  Graph *nested = nullptr;
  copy.nodes().front().forEachSubgraph([&](Graph &graph) { nested = &graph; });
  EXPECT_EQ(nested->parentNode(), &copy.nodes().front());
  EXPECT_EQ(nested->depth(), 1u);
}

TEST(CloneGraph, MapsCapturesOfANestedGraph) {
  Graph source, target;
  fill(source);
  Graph *nested = nullptr;
  source.nodes().front().forEachSubgraph([&](Graph &graph) { nested = &graph; });
  GraphBuilder build(target);
  Value *mine = build.input("mine");
  Node *holder = build.node("If", {"mine"}, {"z"});
  Graph &copy = GraphBuilder::nested(*holder, "then_branch");

  ASSERT_EQ(errorOf(cloneGraph(*nested, copy, [&](Value *) { return mine; })), "");
  EXPECT_THAT(capturedValues(*holder), ElementsAre(mine));
  EXPECT_EQ(errorOf(verifyGraph(target)), "");

  Graph &refused = GraphBuilder::nested(*holder, "else_branch");
  auto none = [](Value *) -> Value * { return nullptr; };
  EXPECT_THAT(errorOf(cloneGraph(*nested, refused, none)),
              HasSubstr("'w' is used by what is copied, but has no counterpart"));
}

TEST(CloneGraph, RefusesATargetThatIsNotEmpty) {
  Graph source, target;
  fill(source);
  GraphBuilder(target).input("x");
  EXPECT_THAT(errorOf(cloneGraph(source, target)), HasSubstr("not empty"));
}

TEST(CloneNode, AsksOnceForEachOuterValue) {
  Graph source, target;
  fill(source);
  std::vector<std::string> asked;
  auto mapInput = [&](Value &value) -> llvm::Expected<Value *> {
    asked.push_back(value.name().str());
    return GraphBuilder(target).input("in." + value.name().str());
  };
  auto mapOutput = [&](Value &value) { return target.addValue("out." + value.name().str()); };
  Node *copy = valueOf(cloneNode(source.nodes().front(), target, mapInput, mapOutput));

  EXPECT_THAT(asked, ElementsAre("x", "w"));
  EXPECT_EQ(copy->input(0)->name(), "in.x");
  EXPECT_EQ(copy->input(1), nullptr);
  EXPECT_EQ(copy->output(0)->name(), "out.y");
  EXPECT_EQ(copy->output(1), nullptr);
  EXPECT_EQ(copy->modulePath, "model.layers.0");
  target.markOutput(*copy->output(0));
  EXPECT_EQ(errorOf(verifyGraph(target)), "");
}

TEST(CloneNode, LeavesNoNodeBehindWhenAValueCannotBeMapped) {
  Graph source, target;
  fill(source);
  GraphBuilder build(target);
  Value *x = build.input("x");
  auto mapOutput = [&](Value &value) { return target.addValue(value.name().str()); };
  auto onlyX = [&](Value &value) -> llvm::Expected<Value *> {
    if (value.name() == "x")
      return x;
    return llvm::createStringError("no place for " + value.name());
  };
  EXPECT_EQ(errorOf(cloneNode(source.nodes().front(), target, onlyX, mapOutput)), "no place for w");
  EXPECT_TRUE(target.nodes().empty());
  EXPECT_FALSE(x->hasUses());
}

TEST(CloneComponent, CopiesFunctionsAndModelFields) {
  Package package;
  auto component = std::make_unique<Component>();
  component->name = "split_0";
  component->irVersion = 10;
  component->opsets = {{"", 21}, {"com.microsoft", 1}};
  component->producerName = "exporter";
  component->modelVersion = 7;
  component->metadata = {{"a", "b"}};
  component->trainingInfo = {"training"};
  component->deviceConfigurations = {"devices"};
  fill(component->graph);
  auto function = std::make_unique<Function>();
  function->domain = "local";
  function->name = "Block";
  function->overload = "wide";
  function->attributes = {"required"};
  function->attributesWithDefaults.emplace_back("beta", 1.0f);
  function->opsets = {{"", 21}};
  fill(function->body);
  component->functions.push_back(std::move(function));
  package.components.push_back(std::move(component));

  std::unique_ptr<Component> copy = valueOf(package.cloneComponent(0));
  std::string before, after;
  llvm::raw_string_ostream beforeStream(before), afterStream(after);
  print(*package.components[0], beforeStream);
  print(*copy, afterStream);
  EXPECT_EQ(after, before);
  EXPECT_THAT(copy->trainingInfo, ElementsAre("training"));
  EXPECT_THAT(copy->deviceConfigurations, ElementsAre("devices"));
  EXPECT_NE(copy->findFunction("local", "Block", "wide"), nullptr);
  EXPECT_EQ(copy->findFunction("local", "Block"), nullptr) << "another overload";
  EXPECT_THAT(errorOf(package.cloneComponent(1)), HasSubstr("no component 1 among 1"));
}

} // namespace
