// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How names become edges when a file does not define before it uses.

#include "TestSupport/ModelDiff.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"

#include <gmock/gmock.h>

namespace optrun::onnx {
namespace {

std::vector<std::string> operators(const ir::Graph &graph) {
  std::vector<std::string> names;
  for (const ir::Node &node : graph.nodes())
    names.push_back(node.opType().str());
  return names;
}

std::string readError(llvm::StringRef text) {
  auto component = parseModelText(text);
  return component ? "no error" : llvm::toString(component.takeError());
}

TEST(GraphReading, NodesInAnyOrderAreSorted) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) {
      y = Neg(b)
      b = Abs(a)
      a = Exp(x)
    }
  )");
  EXPECT_THAT(operators(component->graph), testing::ElementsAre("Exp", "Abs", "Neg"));
  EXPECT_EQ(component->graph.values().begin()->get()->name(), "x");
}

TEST(GraphReading, ANestedGraphMayUseWhatTheOuterGraphDefinesLater) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (bool c, float[2] x) => (float[2] y) {
      y = If <then_branch = t () => (float[2] a) { a = Neg(late) },
              else_branch = e () => (float[2] b) { b = Exp(late) }> (c)
      late = Abs(x)
    }
  )");
  EXPECT_THAT(operators(component->graph), testing::ElementsAre("Abs", "If"));
  const ir::Value *late = component->graph.findValue("late");
  EXPECT_EQ(std::distance(late->uses().begin(), late->uses().end()), 2);
  llvm::Error error = verifyGraph(component->graph);
  EXPECT_FALSE(error) << llvm::toString(std::move(error));
}

TEST(GraphReading, ANameMeansTheInnermostValue) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (bool c, float[2] x) => (float[2] y, float[2] a) {
      a = Abs(x)
      y = If <then_branch = t () => (float[2] r) <float[2] a = {1.0, 2.0}> { r = Neg(a) },
              else_branch = e () => (float[2] s) { s = Neg(a) }> (c)
    }
  )");
  const ir::Value *outer = component->graph.findValue("a");
  EXPECT_EQ(std::distance(outer->uses().begin(), outer->uses().end()), 1);
}

TEST(GraphReading, ANestedGraphMayReturnAnOuterValue) {
  auto component = test::parseModel(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (bool c, float[2] x) => (float[2] y) {
      y = If <then_branch = t () => (float[2] x) {},
              else_branch = e () => (float[2] b) { b = Exp(x) }> (c)
    }
  )");
  EXPECT_TRUE(component->graph.findValue("x")->isNestedOutput());
}

TEST(GraphReading, WhatNothingDefinesIsAnErrorThatNamesTheNode) {
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) { [the_node] y = Add(x, missing) }
  )"),
              testing::HasSubstr("node 'the_node' (Add) uses 'missing', which nothing defines"));
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (bool c, float[2] x) => (float[2] y) {
      y = If <then_branch = t () => (float[2] a) { [inner] a = Neg(missing) },
              else_branch = e () => (float[2] b) { b = Exp(x) }> (c)
    }
  )"),
              testing::HasSubstr("node 'inner' (Neg) uses 'missing', which nothing defines"));
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) { z = Neg(x) }
  )"),
              testing::HasSubstr("output 'y' is defined by no node, input or initializer"));
}

TEST(GraphReading, FunctionBodiesDoNotSeeTheGraph) {
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21, "local" : 1]>
    model (float[N] x) => (float[N] y) { y = local.F(x) }
    <domain: "local", opset_import: ["" : 21]>
    F (a) => (b) { b = Add(a, x) }
  )"),
              testing::AllOf(testing::HasSubstr("uses 'x', which nothing defines"),
                             testing::HasSubstr("(in the function 'local:F')")));
}

TEST(GraphReading, ACycleIsAnError) {
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) {
      a = Add(x, b)
      b = Neg(a)
      y = Neg(b)
    }
  )"),
              testing::HasSubstr("cycle"));
}

TEST(GraphReading, ASecondDefinitionIsAnError) {
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) { y = Neg(x) [again] y = Abs(x) }
  )"),
              testing::HasSubstr("node 'again' (Abs) defines 'y', which has a definition already"));
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x) => (float[2] y) { y, y = Split(x) }
  )"),
              testing::HasSubstr("has the output 'y' twice"));
  EXPECT_THAT(readError(R"(
    <ir_version: 10, opset_import: ["" : 21]>
    model (float[2] x, float[2] x) => (float[2] y) { y = Neg(x) }
  )"),
              testing::HasSubstr("input 'x' is declared twice"));
}

TEST(GraphReading, OldModelsWithNewInitializersAreRead) {
  const std::string model = R"(opset_import: ["" : 8]>
    model (bool c, float[2] x) => (float[2] y) <float[2] a = {1, 2}> {
      y = If <then_branch = t () => (float[2] p) { p = Neg(x) },
              else_branch = e () => (float[2] q) { q = Add(x, a) }> (c)
    })";
  test::TemporaryFolder folder;
  for (int version : {2, 3, 4, 10}) {
    auto original = test::parseModel("<ir_version: 10, " + model);
    original->irVersion = version;
    const std::string path = folder.path(std::to_string(version) + ".onnx");
    test::writeModel(*original, path);
    auto read = readModel(path);
    ASSERT_TRUE(!!read) << llvm::toString(read.takeError());
    EXPECT_EQ(read->component->irVersion, std::max(version, 4));
    EXPECT_THAT(read->warnings, testing::SizeIs(version < 4 ? 1 : 0));
    llvm::Error error = checkModel(*read->component);
    EXPECT_FALSE(error) << llvm::toString(std::move(error));
  }
}

TEST(GraphReading, OldModelsThatKeepToTheRuleStayAsTheyAre) {
  auto component = test::parseModel(R"(
    <ir_version: 3, opset_import: ["" : 8]>
    model (float[2] x, float[2] a = {1, 2}) => (float[2] y) { y = Add(x, a) }
  )");
  EXPECT_EQ(component->irVersion, 3);
}

TEST(GraphReading, TextThatIsNoModelIsAnError) {
  EXPECT_THAT(readError("model (float x"), testing::HasSubstr("cannot parse the model text"));
}

} // namespace
} // namespace optrun::onnx
