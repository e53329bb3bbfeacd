// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Functions that expand without end, or nearly so, are refused before anything expands them.

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"

#include "optrun/Onnx/Checks.h"

#include <gmock/gmock.h>

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

/// A model that calls the function F of the last of \p bodies; F0 is the first.
std::string withFunctions(llvm::ArrayRef<std::string> bodies) {
  std::string text = R"(<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    model (float[N] x, bool c) => (float[N] y) { y = my.F)" +
                     std::to_string(bodies.size() - 1) + "(x) }\n";
  for (size_t i = 0; i != bodies.size(); ++i)
    text += "<domain: \"my\", opset_import: [\"\" : 21, \"my\" : 1]> F" + std::to_string(i) +
            " (a) => (b) { " + bodies[i] + " }\n";
  return text;
}

/// Function n calls function n - 1 \p times.
std::string chain(int length, int times) {
  std::vector<std::string> bodies = {"b = Tanh(a)"};
  for (int i = 1; i < length; ++i) {
    const std::string callee = "my.F" + std::to_string(i - 1);
    std::string body;
    for (int call = 1; call < times; ++call)
      body += "a" + std::to_string(call) + " = " + callee + "(a) ";
    bodies.push_back(body + "b = " + callee + "(a)");
  }
  return withFunctions(bodies);
}

std::string problemOf(const std::string &text) {
  auto component = onnx::parseModelText(text);
  return component ? "" : llvm::toString(component.takeError());
}

TEST(FunctionCalls, OrdinaryNestingIsFine) {
  EXPECT_EQ(problemOf(chain(60, 1)), "");
  auto component = parseModel(chain(10, 2));
  ASSERT_EQ(errorOf(onnx::inferShapes(*component)), "");
}

TEST(FunctionCalls, ManyCallsOfManyCallsAreRefused) {
  EXPECT_EQ(problemOf(chain(19, 2)), "");
  EXPECT_THAT(problemOf(chain(40, 2)),
              HasSubstr("the calls of the function 'my:F18' expand to more than 1000000 nodes"));
  EXPECT_THAT(problemOf(chain(40, 1000)), HasSubstr("the calls of the function 'my:F"));
}

TEST(FunctionCalls, CallsInNestedGraphsCount) {
  std::vector<std::string> bodies = {"b = Tanh(a)"};
  for (int i = 1; i < 30; ++i) {
    const std::string call = " = my.F" + std::to_string(i - 1) + "(a) }";
    bodies.push_back("c = Constant<value = bool {1}>() b = If<then_branch = t () => (p) { p" +
                     call + ", else_branch = e () => (q) { q" + call + ">(c)");
  }
  EXPECT_THAT(problemOf(withFunctions(bodies)), HasSubstr("expand to more than 1000000 nodes"));
}

TEST(FunctionCalls, GraphsAsArgumentsAndDefaultsCount) {
  // Each level stands twice in the one before.
  std::string inner = "p = Tanh(x)";
  for (int level = 0; level < 30; ++level)
    inner = "p = my.Twice<g = g () => (p) { " + inner + " }>(c)";
  const std::string head = R"(<ir_version: 10, opset_import: ["" : 21, "my" : 1]>
    model (float[N] x, bool c) => (float[N] p) { )",
                    twice = R"( }
    <domain: "my", opset_import: ["" : 21]> Twice <g> (c) => (b) {
      b = If<then_branch : graph = @g, else_branch : graph = @g>(c)
    })";
  EXPECT_THAT(problemOf(head + inner + twice),
              HasSubstr("the calls of the function 'my:Twice' expand to more than 1000000 nodes"));
}

TEST(FunctionCalls, DeepCallsAreRefused) {
  EXPECT_THAT(problemOf(chain(1000, 1)), HasSubstr("nested more than 64 levels deep, at 'my:F"));
}

TEST(FunctionCalls, RecursionIsRefusedByName) {
  EXPECT_THAT(problemOf(withFunctions({"b = my.F0(a)"})),
              HasSubstr("the function 'my:F0' calls itself"));
  EXPECT_THAT(problemOf(withFunctions({"b = my.F1(a)", "b = my.F0(a)"})),
              HasSubstr("the function 'my:F0' calls itself through 'my:F1'"));
}

} // namespace
