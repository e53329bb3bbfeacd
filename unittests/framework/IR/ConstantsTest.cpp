// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The constant behind a value.

#include "optrun/IR/Constants.h"

#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::ir;
using namespace optrun::test;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

namespace {

TEST(Constants, AreInitializersAndTensorsOfConstantNodes) {
  auto component = parseModel(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (float[2] x, float[2] default) => (float[2] y)
      <float[2] initializer = {1, 2}, float[2] default = {3, 4}> {
        node = Constant <value: tensor = float[2] {5, 6}> ()
        numbers = Constant <value_floats = [7.0, 8.0]> ()
        computed = Add(initializer, node)
        y = Sum(x, default, numbers, computed)
      })");
  std::vector<std::string> constants;
  for (const std::unique_ptr<Value> &value : component->graph.values())
    if (constantOf(*value))
      constants.push_back(value->name().str());
  EXPECT_THAT(constants, UnorderedElementsAre("initializer", "default", "node"));

  const Node &node = *component->graph.findValue("node")->producer();
  EXPECT_EQ(constantOf(node), constantOf(*component->graph.findValue("node")));
  EXPECT_FALSE(constantOf(*component->graph.findValue("y")->producer()));
}

TEST(Constants, AreFoundInNestedGraphs) {
  auto component = parseModel(R"(<ir_version: 8, opset_import: ["" : 17]>
    g (bool c, float[2] x) => (float[2] y) <float[2] first = {1, 2}> {
      second = Constant <value: tensor = float[2] {3, 4}> ()
      y = If (c) <
        then_branch = yes () => (float[2] t) <float[2] third = {5, 6}> { t = Add(x, third) },
        else_branch = no () => (float[2] e) { e = Add(first, second) }>
    })");
  std::vector<std::string> names;
  forEachConstant(component->graph, [&](Value &value, const TensorRef &tensor) {
    EXPECT_EQ(constantOf(value), tensor);
    names.push_back(value.name().str());
  });
  EXPECT_THAT(names, ElementsAre("first", "second", "third"));
}

} // namespace
