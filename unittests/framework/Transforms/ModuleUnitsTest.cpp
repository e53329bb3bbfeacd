// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The units of small models. Nodes are named by their modules; a vector is a weight.

#include "optrun/Transforms/ModuleUnits.h"

#include "PartitionTestSupport.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;

namespace {

std::unique_ptr<ir::Component> modelOfModules(llvm::StringRef graph) {
  auto component = model(graph);
  component->name = "model";
  for (ir::Node &node : component->graph.nodes()) {
    node.modulePath = node.name;
    node.name = node.output(0)->name();
  }
  return component;
}

/// "unit: its results, without copied ones", after a bar where a layer starts. Cuts between all
/// units.
std::vector<std::string> unitsOf(const ir::Component &component,
                                 const llvm::BitVector &recomputed = {}) {
  const Dataflow flow = valueOf(Dataflow::build(component.graph));
  const ModuleUnits units = valueOf(divideIntoUnits(component, flow, recomputed));
  EXPECT_EQ(units.units.size(), units.partition.parts);
  std::vector<std::string> lines;
  for (const ModuleUnits::Unit &unit : units.units)
    lines.push_back((unit.startsLayer ? "| " : "") + unit.name + ":");
  for (uint32_t node = 0; node < flow.size(); ++node)
    if (!units.partition.isCopied(flow, node))
      lines[units.partition.partOf[node]] += " " + flow.node(node).output(0)->name().str();
  EXPECT_TRUE(chainComputesTheSame(component, cut(component, units.partition)));
  return lines;
}

std::vector<std::string> unitsOf(llvm::StringRef graph) { return unitsOf(*modelOfModules(graph)); }

TEST(ModuleUnits, AreLeafModulesWithWhatDependsOnThem) {
  // Residual additions are in a layer, not in a module of it; the mask is in no module.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x, float[2] mask) => (float[2] y)
    <float[2] w = {1, 2}> {
      bias = Neg(mask)
      ["embed"] h = Mul(x, w)
      ["layers.0.up"] a = Mul(h, w)
      ["layers.0"] masked = Add(a, bias)
      ["layers.0.down"] b = Mul(masked, w)
      ["layers.0"] c = Add(h, b)
      ["layers.1.up"] d = Mul(c, w)
      ["layers.1.act"] e = Relu(d)
      ["layers.1.down"] f = Mul(e, w)
      ["layers.1"] i = Add(c, f)
      ["norm"] j = Mul(i, w)
      ["head"] y = Mul(j, w)
    })"),
              ElementsAre("embed: h", "| layers.0.up: bias a masked", "layers.0.down: b c",
                          "| layers.1.up: d", "layers.1.act: e", "layers.1.down: f i", "| norm: j",
                          "head: y"));
}

TEST(ModuleUnits, WhatALayerMakesForItselfStaysInIt) {
  // Both layers cut their masks from what the embeddings tell; neither is needed before them. A
  // node that earlier layers need goes to these, wherever it is said to belong.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x, float[2] mask) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["embed"] h = Mul(x, w)
      ["layers.0.attn"] m0 = Mul(mask, h)
      ["layers.1.attn"] m1 = Mul(mask, h)
      ["layers.1.attn"] shared = Abs(h)
      ["layers.0.attn.qkv"] a = Mul(h, w)
      ["layers.0.attn"] b = Add(a, m0)
      ["layers.0.attn"] c = Add(b, shared)
      ["layers.0.attn.out"] d = Mul(c, w)
      ["layers.1.attn.qkv"] e = Mul(d, w)
      ["layers.1.attn"] f = Add(e, m1)
      ["layers.1.attn"] i = Add(f, shared)
      ["layers.1.attn.out"] y = Mul(i, w)
    })"),
              ElementsAre("embed: h", "| layers.0.attn.qkv: m0 shared a b c",
                          "layers.0.attn.out: d", "| layers.1.attn.qkv: m1 e f i",
                          "layers.1.attn.out: y"));
}

TEST(ModuleUnits, WeightsOutsideOfLeafModulesAreUnits) {
  // As experts with their tables are, and layers of which nothing is known.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["layers.0.experts"] a = Mul(x, w)
      ["layers.0.experts.act"] b = Relu(a)
      ["layers.0.experts"] c = Mul(b, w)
      ["layers.1"] d = Mul(c, w)
      ["layers.1"] e = Relu(d)
      ["layers.1"] f = Mul(e, w)
      y = Mul(f, w)
    })"),
              ElementsAre("layers.0.experts: node 'a' (Mul): a", "layers.0.experts.act: b",
                          "layers.0.experts: node 'c' (Mul): c", "| layers.1: node 'd' (Mul): d e",
                          "layers.1: node 'f' (Mul): f", "| node 'y' (Mul): y"));
}

TEST(ModuleUnits, WhereLayersHaveNoPartsWeightsAreUnits) {
  // What capture finds in the structure: a convolutional stem before the blocks is `embeddings`.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] u = {1, 2}, float[2] v = {3, 4}, float[2] w = {5, 6}> {
      ["embeddings"] a = Mul(x, u)
      ["embeddings"] b = Relu(a)
      ["embeddings"] c = Mul(b, v)
      ["block.0"] d = Mul(c, u)
      ["block.1"] e = Mul(d, v)
      ["head"] f = Relu(e)
      ["head"] y = Mul(f, w)
    })"),
              ElementsAre("embeddings: node 'a' (Mul): a b", "embeddings: node 'c' (Mul): c",
                          "| block.0: node 'd' (Mul): d", "| block.1: node 'e' (Mul): e",
                          "| head: f y"));
}

TEST(ModuleUnits, AreInTheOrderOfTheirFirstWeights) {
  // `attention` begins before `query`, but its weight is used after.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["attention"] a = Abs(x)
      ["query"] b = Mul(x, w)
      ["attention"] c = Mul(b, w)
      ["attention"] y = Add(a, c)
    })"),
              ElementsAre("query: b", "attention: a c y"));
}

TEST(ModuleUnits, ModulesThatAreCalledAgainFollowTheDataflow) {
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["act"] a = Relu(x)
      ["up"] b = Mul(a, w)
      ["act"] c = Relu(b)
      ["down"] d = Mul(c, w)
      ["act"] y = Relu(d)
    })"),
              ElementsAre("act: a", "up: b c", "down: d y"));
}

TEST(ModuleUnits, AModuleAllOfWhichMovedIsNoUnit) {
  // All of `first` needs the Abs of `second`, whose weight comes later.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["second"] a = Abs(x)
      ["first"] b = Mul(a, w)
      ["second"] c = Mul(b, w)
      ["third"] y = Mul(c, w)
    })"),
              ElementsAre("second: a b c", "third: y"));
}

TEST(ModuleUnits, DeadEndsJoinTheUnitBeforeThem) {
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["front"] dead1 = Mul(x, w)
      ["embed"] a = Mul(x, w)
      ["side"] dead2 = Mul(a, w)
      ["side.end"] dead3 = Mul(dead2, w)
      ["head"] y = Mul(a, w)
      ["back"] dead4 = Mul(y, w)
    })"),
              ElementsAre("embed: dead1 a dead2 dead3", "head: y dead4"));
}

TEST(ModuleUnits, AnOutputThatNothingUsesIsNoDeadEnd) {
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y, float[2] early)
    <float[2] w = {1, 2}> {
      ["score"] early = Mul(x, w)
      ["head"] y = Mul(x, w)
    })"),
              ElementsAre("score: early", "head: y"));
}

TEST(ModuleUnits, NoCutInsideOfALayerIsBetweenLayers) {
  // `rotary` belongs to no layer, but is needed in the middle of the first.
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["layers.0.norm"] a = Mul(x, w)
      ["rotary"] r = Mul(x, w)
      ["layers.0.query"] b = Mul(a, r)
      ["layers.0.out"] c = Mul(b, w)
      ["layers.1.norm"] d = Mul(c, w)
      ["layers.1.query"] e = Mul(d, r)
      ["layers.1.out"] y = Mul(e, w)
    })"),
              ElementsAre("layers.0.norm: a", "rotary: r", "layers.0.query: b", "layers.0.out: c",
                          "| layers.1.norm: d", "layers.1.query: e", "layers.1.out: y"));
}

TEST(ModuleUnits, WithoutModulePathsAreNodesWithWeights) {
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] y)
    <float[2] w = {1, 2}> {
      a = Mul(x, w)
      b = Relu(a)
      y = Mul(b, w)
    })"),
              ElementsAre("node 'a' (Mul): a b", "node 'y' (Mul): y"));
}

TEST(ModuleUnits, AModelWithoutModulesAndWeightsIsOne) {
  EXPECT_THAT(unitsOf("g (float[2] x) => (float[2] y) { a = Relu(x) y = Neg(a) }"),
              ElementsAre("model: a y"));
}

TEST(ModuleUnits, AModelWhoseResultsAreConstantsIsOne) {
  EXPECT_THAT(unitsOf(R"(
    g (float[2] x) => (float[2] w, float[2] c)
    <float[2] w = {1, 2}> {
      c = Constant<value = float[2] {5, 6}>()
      ["up"] a = Mul(x, w)
      ["down"] b = Mul(a, c)
    })"),
              ElementsAre("up: a b"));
  EXPECT_THAT(unitsOf("g (float[2] x) => (float[2] w) <float[2] w = {1, 2}> {}"),
              ElementsAre("model:"))
      << "no nodes at all";
}

TEST(ModuleUnits, DequantizationGoesAlongWithItsModules) {
  auto component = modelOfModules(R"(
    g (float[2] x) => (float[2] y)
    <int8[2] q1 = {1, 2}, int8[2] q2 = {3, 4}, float s = {0.5}> {
      ["dequantize"] w1 = DequantizeLinear(q1, s)
      ["dequantize"] w2 = DequantizeLinear(q2, s)
      ["up"] a = Mul(x, w1)
      ["down"] b = Mul(a, w2)
      ["head"] y = Mul(b, w1)
    })");
  EXPECT_THAT(unitsOf(*component), ElementsAre("up: a", "down: b", "head: y"));
  const Dataflow flow = valueOf(Dataflow::build(component->graph));
  const ModuleUnits units = valueOf(divideIntoUnits(*component, flow));
  const PartContents payloads = valueOf(contentsOfParts(*component, flow, units.partition));
  EXPECT_THAT(payloads.payloadsOf,
              ElementsAre(ElementsAre(0, 1), ElementsAre(1, 2), ElementsAre(0, 1)))
      << "q1, s and q2";
}

TEST(ModuleUnits, RecomputedNodesBelongToNone) {
  auto component = modelOfModules(R"(
    g (float[2] x, float[2] mask) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["masking"] m = Neg(mask)
      ["up"] a = Mul(x, w)
      ["down"] b = Mul(a, m)
      ["head"] y = Mul(b, m)
    })");
  EXPECT_THAT(unitsOf(*component), ElementsAre("masking: m", "up: a", "down: b", "head: y"));
  EXPECT_THAT(unitsOf(*component, producersOf(*component, {"m"})),
              ElementsAre("up: a", "down: b", "head: y"));
}

TEST(ModuleUnits, WhatIsNeededForRecomputingIsNoDeadEnd) {
  // `masking` gives m, from which r and s are computed again in the last unit.
  auto component = modelOfModules(R"(
    g (float[2] x, float[2] mask) => (float[2] y)
    <float[2] w = {1, 2}> {
      ["masking"] m = Neg(mask)
      r = Add(m, m)
      s = Add(r, m)
      ["up"] a = Mul(x, w)
      ["head"] y = Mul(a, s)
    })");
  EXPECT_THAT(unitsOf(*component, producersOf(*component, {"r", "s"})),
              ElementsAre("masking: m", "up: a", "head: y"));
}

TEST(ModuleUnits, AreJoinedToParts) {
  auto component = modelOfModules(R"(
    g (float[2] x, float[2] mask) => (float[2] y)
    <float[2] w = {1, 2}> {
      m = Neg(mask)
      ["a"] a = Mul(x, w)
      ["b"] b = Mul(a, m)
      ["c"] c = Mul(b, w)
      ["d"] y = Mul(c, m)
    })");
  const llvm::BitVector recomputed = producersOf(*component, {"m"});
  const Dataflow flow = valueOf(Dataflow::build(component->graph));
  const ModuleUnits units = valueOf(divideIntoUnits(*component, flow, recomputed));
  EXPECT_THAT(units.partition.partOf, ElementsAre(1, 0, 1, 2, 3));

  const Partition joined = joinUnits(units, {0, 1, 3});
  EXPECT_EQ(joined.parts, 3u);
  EXPECT_THAT(joined.partOf, ElementsAre(1, 0, 1, 1, 2));
  EXPECT_EQ(joined.recomputed, recomputed);
  EXPECT_TRUE(chainComputesTheSame(*component, cut(*component, joined)));

  EXPECT_THAT(joinUnits(units, {0}).partOf, ElementsAre(0, 0, 0, 0, 0));
  EXPECT_EQ(joinUnits(units, {0, 1, 2, 3}).partOf, units.partition.partOf);
}

} // namespace
