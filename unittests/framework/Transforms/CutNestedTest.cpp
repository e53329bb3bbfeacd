// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Cutting models with nested graphs, functions, and values that are no tensors.

#include "PartitionTestSupport.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::IsEmpty;

namespace {

std::vector<std::string> functionNames(const ir::Component &component) {
  std::vector<std::string> names;
  for (const auto &function : component.functions)
    names.push_back(function->name + (function->overload.empty() ? "" : ":" + function->overload));
  return names;
}

TEST(CutNested, CapturesOfIfCrossTheCut) {
  // h comes from the first part, w is an initializer, k a constant, x an input of the model.
  auto component = model(R"(
    g (bool c, float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      k = Constant<value = float[2] {5, 6}>()
      ["p0"] h = Relu(x)
      ["p0"] a = Neg(h)
      ["p1"] b = If (c) <
        then_branch = t () => (float[2] t2) { t1 = Add(h, w)  t2 = Mul(t1, x) },
        else_branch = e () => (float[2] e1) { e1 = Sub(h, k) }>
      ["p1"] y = Add(a, b)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("c", "x", "h", "a"));
  EXPECT_THAT(namesOf(chain[1]->graph.initializers()), ElementsAre("w"));
  EXPECT_THAT(namesOf(chain[0]->graph.initializers()), IsEmpty());
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutNested, CapturesOfGraphsInsideOfNestedGraphs) {
  auto component = model(R"(
    g (bool c, bool d, float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["p0"] h = Relu(x)
      ["p1"] y = If (c) <
        then_branch = t () => (float[2] t1) {
          t1 = If (d) <
            then_branch = tt () => (float[2] tt1) { tt1 = Add(h, w) },
            else_branch = te () => (float[2] te1) { te1 = Neg(h) }> },
        else_branch = e () => (float[2] e1) { e1 = Abs(h) }>
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("c", "d", "h"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutNested, LoopsKeepTheirBodies) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <int64 trips = {3}, bool go = {1}, float[2] step = {0.5, 0.25}> {
      ["p0"] scale = Relu(x)
      ["p0"] start = Neg(x)
      ["p1"] y = Loop (trips, go, start) <
        body = b (int64 i, bool goIn, float[2] state) => (bool goOut, float[2] next) {
          goOut = Identity(goIn)
          scaled = Mul(scale, step)
          next = Add(state, scaled)
        }>
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("scale", "start"));
  EXPECT_THAT(namesOf(chain[1]->graph.initializers()), ElementsAre("trips", "go", "step"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutNested, ACaptureOfALoopIsAUserOfItsProducer) {
  // The loop in the first part uses `late` through its body: it has to move.
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <int64 trips = {3}, bool go = {1}> {
      ["p1"] late = Relu(x)
      ["p0"] y = Loop (trips, go, x) <
        body = b (int64 i, bool goIn, float[2] state) => (bool goOut, float[2] next) {
          goOut = Identity(goIn)
          next = Add(state, late)
        }>
      ["p0"] other = Abs(x)
    })");
  Partition partition = valueOf(completePartition(component->graph, seedsByName(*component), 2));
  EXPECT_THAT(partition.partOf, ElementsAre(1, 1, 0));
  EXPECT_THAT(partition.moved, ElementsAre(1));
}

TEST(CutNested, ANestedGraphCanReturnAnOuterValue) {
  auto component = model(R"(
    g (bool c, float[2] x) => (float[2] y) {
      ["p0"] h = Relu(x)
      ["p1"] y = If (c) <
        then_branch = t () => (float[2] t1) { t1 = Neg(h) },
        else_branch = e () => (float[2] h) { unused = Abs(x) }>
    })");
  // ONNX's checker refuses such models.
  Partition partition = valueOf(completePartition(component->graph, seedsByName(*component), 2));
  Chain chain = valueOf(cutComponent(*component, partition, partNames(2)));
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("c", "x", "h"));
  EXPECT_EQ(errorOf(ir::verifyGraph(chain[1]->graph)), "");
}

constexpr const char *WithFunctions = R"(
    g (float[2] x) => (float[2] y) {
      ["p0"] a = local.Outer(x)
      ["p1"] b = local.Twice:precise(a)
      ["p2"] y = Relu(b)
    }
    <domain: "local", opset_import: ["" : 21, "local" : 1]>
    Outer (v) => (w) { u = local.Inner(v)  w = Neg(u) }
    <domain: "local", opset_import: ["" : 21]>
    Inner (v) => (w) { w = Abs(v) }
    <domain: "local", opset_import: ["" : 21]>
    Twice (v) => (w) { w = Add(v, v) }
    <domain: "local", overload: "precise", opset_import: ["" : 21]>
    Twice (v) => (w) { k = Constant<value = float[1] {2.0}>()  w = Mul(v, k) }
    <domain: "local", opset_import: ["" : 21]>
    Uncalled (v) => (w) { w = Neg(v) }
)";

TEST(CutNested, FunctionsGoWhereTheyAreCalled) {
  auto component = model(WithFunctions);
  ASSERT_EQ(component->functions.size(), 5u);
  component->graph.findValue("a")->setType(component->graph.findValue("x")->type());
  component->graph.findValue("b")->setType(component->graph.findValue("x")->type());
  Chain chain = cut(*component, 3);
  EXPECT_THAT(functionNames(*chain[0]), ElementsAre("Outer", "Inner", "Twice", "Uncalled"))
      << "what nothing calls stays in the first";
  EXPECT_THAT(functionNames(*chain[1]), ElementsAre("Twice:precise"));
  EXPECT_THAT(functionNames(*chain[2]), IsEmpty());
  EXPECT_EQ(ir::weightBytes(*chain[1]), 4u) << "a constant inside of the function";
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutNested, FunctionsCalledInNestedGraphsGoAlong) {
  auto component = model(R"(
    g (bool c, float[2] x) => (float[2] y) {
      ["p0"] h = Relu(x)
      ["p1"] y = If (c) <
        then_branch = t () => (float[2] t1) { t1 = local.F(h) },
        else_branch = e () => (float[2] e1) { e1 = Neg(h) }>
    }
    <domain: "local", opset_import: ["" : 21]>
    F (v) => (w) { w = Abs(v) }
  )");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(functionNames(*chain[0]), IsEmpty());
  EXPECT_THAT(functionNames(*chain[1]), ElementsAre("F"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutNested, SequencesCross) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <int64 second = {1}> {
      ["p0"] a = Relu(x)
      ["p0"] s = SequenceConstruct(a, x)
      ["p1"] y = SequenceAt(s, second)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("s"));
  EXPECT_EQ(chain[1]->graph.inputs()[0]->type().kind(), ir::Type::Kind::Sequence);
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutNested, OptionalsCross) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y) {
      ["p0"] a = Relu(x)
      ["p0"] o = Optional(a)
      ["p1"] y = OptionalGetElement(o)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_EQ(chain[1]->graph.inputs()[0]->type().kind(), ir::Type::Kind::Optional);
}

} // namespace
