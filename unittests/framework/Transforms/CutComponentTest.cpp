// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What each part holds after a cut, against reference models.

#include "PartitionTestSupport.h"
#include "TestSupport/ModelDiff.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

namespace {

/// Cuts, compares each part with its reference, and the numbers with the original.
void expectParts(const ir::Component &component, llvm::ArrayRef<const char *> references) {
  Chain chain = cut(component, static_cast<uint32_t>(references.size()));
  for (size_t part = 0; part < references.size(); ++part)
    EXPECT_TRUE(modelsEqual(*model(references[part]), *chain[part])) << "part " << part;
  EXPECT_TRUE(chainComputesTheSame(component, chain));
}

TEST(CutComponent, ValuesThatCrossHaveTypeAndShape) {
  auto component = model(R"(
    g (float[N, 2] x) => (float[N, 2] y) {
      ["p0"] a = Relu(x)
      ["p1"] y = Neg(a)
    })");
  expectParts(*component, {R"(g (float[N, 2] x) => (float[N, 2] a) { ["p0"] a = Relu(x) })",
                           R"(g (float[N, 2] a) => (float[N, 2] y) { ["p1"] y = Neg(a) })"});
}

TEST(CutComponent, ASkipConnectionCrossesSeveralPartsUnderItsName) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y) {
      ["p0"] skip = Relu(x)
      ["p0"] a = Neg(skip)
      ["p1"] b = Abs(a)
      ["p2"] c = Add(b, skip)
      ["p2"] y = Mul(c, skip)
    })");
  expectParts(*component, {R"(g (float[2] x) => (float[2] skip, float[2] a) {
                               ["p0"] skip = Relu(x)
                               ["p0"] a = Neg(skip) })",
                           R"(g (float[2] a) => (float[2] b) { ["p1"] b = Abs(a) })",
                           R"(g (float[2] skip, float[2] b) => (float[2] y) {
                               ["p2"] c = Add(b, skip)
                               ["p2"] y = Mul(c, skip) })"});
}

TEST(CutComponent, KeepsInputsOutputsAndTheirOrder) {
  // unused: no node uses it. early: an output that is used later. direct: an input that is an
  // output.
  auto component = model(R"(
    g (float[2] unused, float[2] direct, float[2] x) => (float[2] y, float[2] early, float[2] direct) {
      ["p0"] early = Relu(x)
      ["p1"] a = Neg(early)
      ["p1"] y = Add(a, x)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[0]->graph.inputs()), ElementsAre("unused", "direct", "x"));
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("early", "direct"));
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("x", "early"));
  EXPECT_THAT(namesOf(chain[1]->graph.outputs()), ElementsAre("y"));
}

TEST(CutComponent, OriginalOutputsComeBeforeValuesThatCross) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y, float[2] b, float[2] a) {
      ["p0"] h = Relu(x)
      ["p0"] a = Neg(h)
      ["p0"] b = Abs(h)
      ["p1"] y = Add(h, b)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("b", "a", "h"));
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("h", "b"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, AnInitializerCanBeAnOutput) {
  // `w` is only held by the second part, `alone` by none.
  auto component = model(R"(
    g (float[2] x) => (float[2] alone, float[2] w, float[2] y)
    <float[2] w = {1, 2}, float[2] alone = {3, 4}> {
      ["p0"] a = Relu(x)
      ["p1"] y = Add(a, w)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("alone", "a"));
  EXPECT_THAT(namesOf(chain[1]->graph.outputs()), ElementsAre("w", "y"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, AConstantCanBeAnOutput) {
  auto component = model(R"(
    g (float[2] x) => (float[2] w, float[2] y) {
      w = Constant<value = float[2] {1, 2}>()
      ["p0"] a = Relu(x)
      ["p1"] b = Add(a, w)
      ["p2"] y = Mul(b, w)
    })");
  Chain chain = cut(*component, 3);
  EXPECT_THAT(namesOf(chain[0]->graph.outputs()), ElementsAre("a"));
  EXPECT_THAT(namesOf(chain[1]->graph.outputs()), ElementsAre("w", "b"));
  EXPECT_THAT(namesOf(chain[2]->graph.inputs()), ElementsAre("b")) << "constants do not cross";
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, TiedWeightsAreInBothPartsAndOneTensor) {
  auto component = model(R"(
    g (int64[S] ids) => (float[S, 3] logits)
    <float[3, 2] table = {1, 2, 3, 4, 5, 6}> {
      ["p0"] h = Gather(table, ids)
      head = Transpose<perm = [1, 0]>(table)
      ["p1"] logits = MatMul(h, head)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_EQ(chain[0]->graph.findValue("table")->tensor(),
            chain[1]->graph.findValue("table")->tensor());
  EXPECT_EQ(ir::weightBytes(*chain[0]), 24u);
  EXPECT_EQ(ir::weightBytes(*chain[1]), 24u);
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("h"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, DequantizationIsCopiedToItsUsers) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <int8[2] q = {1, 2}, float s = {0.5}, int8 z = {1}> {
      ["dq"] w = DequantizeLinear(q, s, z)
      ["p0"] a = Add(x, w)
      ["p1"] y = Mul(a, w)
    })");
  expectParts(*component, {R"(g (float[2] x) => (float[2] a)
                               <int8[2] q = {1, 2}, float s = {0.5}, int8 z = {1}> {
                               ["dq"] w = DequantizeLinear(q, s, z)
                               ["p0"] a = Add(x, w) })",
                           R"(g (float[2] a) => (float[2] y)
                               <int8[2] q = {1, 2}, float s = {0.5}, int8 z = {1}> {
                               ["dq"] w = DequantizeLinear(q, s, z)
                               ["p1"] y = Mul(a, w) })"});
}

TEST(CutComponent, QuantizedActivationsAreComputedOnce) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <float s = {0.5}, int8 z = {0}> {
      ["p0"] a = Relu(x)
      q = QuantizeLinear(a, s, z)
      d = DequantizeLinear(q, s, z)
      ["p0"] b = Neg(d)
      ["p1"] y = Add(b, d)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_THAT(namesOf(chain[1]->graph.inputs()), ElementsAre("d", "b"));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, OverridableInitializersStayInputsOfEachUser) {
  auto component = model(R"(
    g (float[2] x, float[2] w = {1, 2}) => (float[2] y) {
      ["p0"] a = Add(x, w)
      ["p1"] y = Mul(a, w)
    })");
  Chain chain = cut(*component, 2);
  for (const auto &part : chain) {
    const ir::Value *w = part->graph.findValue("w");
    EXPECT_TRUE(w->isInput());
    EXPECT_TRUE(w->isInitializer());
  }
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, WhatNothingUsesStaysInTheFirstPart) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <float[2] unused = {1, 2}> {
      dead = Constant<value = float[3] {1, 2, 3}>()
      ["p0"] a = Relu(x)
      ["p1"] y = Neg(a)
    })");
  Chain chain = cut(*component, 2);
  EXPECT_EQ(ir::weightBytes(*chain[0]), 20u);
  EXPECT_EQ(ir::weightBytes(*chain[1]), 0u);
}

TEST(CutComponent, OmittedInputsAndOutputsStayOmitted) {
  auto component = model(R"(
    g (float[2, 4] x) => (float[2, 4] y, float[2, 1] deviation)
    <float high = {1.5}, float[4] scale = {1, 2, 3, 4}> {
      ["p0"] a = Clip(x, "", high)
      ["p0"] b, "", deviation = LayerNormalization(a, scale)
      ["p1"] y = Clip(b, "", high)
    })");
  Chain chain = cut(*component, 2);
  const ir::Node &clip = chain[1]->graph.nodes().front();
  EXPECT_EQ(clip.numInputs(), 3u);
  EXPECT_EQ(clip.input(1), nullptr);
  const ir::Node &norm = chain[0]->graph.nodes().back();
  ASSERT_EQ(norm.outputs().size(), 3u);
  EXPECT_EQ(norm.output(1), nullptr);
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST(CutComponent, NodesAndValuesKeepWhatIsSaidOfThem) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y)
    <float s = {0.5}, int8 z = {0}> {
      ["p0"] a = Relu(x)
      ["p1"] y = Neg(a)
    })");
  component->metadata = {{"author", "nobody"}};
  component->docString = "documented";
  component->producerName = "test";
  component->graph.metadata = {{"graph", "kept"}};
  ir::Node &relu = component->graph.nodes().front();
  relu.metadata = {{"namespace", "layers.0"}};
  relu.modulePath = "layers.0";
  relu.docString = "a relu";
  ir::Value &a = *component->graph.findValue("a");
  a.docString = "hidden";
  a.quantizationAnnotation = {{"SCALE_TENSOR", "s"}, {"ZERO_POINT_TENSOR", "z"}};
  Chain chain = cut(*component, 2);
  for (const auto &part : chain) {
    EXPECT_THAT(part->metadata, ElementsAre(Pair("author", "nobody")));
    EXPECT_EQ(part->docString, "documented");
    EXPECT_EQ(part->producerName, "test");
    EXPECT_EQ(part->irVersion, 10);
    EXPECT_EQ(part->opsetVersion(""), 21);
    EXPECT_EQ(part->graph.name, "g");
    EXPECT_THAT(part->graph.metadata, ElementsAre(Pair("graph", "kept")));
    const ir::Value *copy = part->graph.findValue("a");
    EXPECT_EQ(copy->docString, "hidden");
    EXPECT_EQ(copy->quantizationAnnotation, a.quantizationAnnotation);
    EXPECT_NE(part->graph.findValue("s"), nullptr) << "the annotation names it";
    EXPECT_NE(part->graph.findValue("z"), nullptr);
  }
  const ir::Node &copy = chain[0]->graph.nodes().front();
  EXPECT_EQ(copy.name, "p0.a");
  EXPECT_EQ(copy.metadata, relu.metadata);
  EXPECT_EQ(copy.modulePath, "layers.0");
  EXPECT_EQ(copy.docString, "a relu");
}

TEST(CutComponent, SparseInitializersAreCopied) {
  auto component = model(R"(
    g (float[4] x) => (float[4] y)
    <float[2] values = {1, 2}, int64[2] indices = {0, 3}> {
      ["p0"] a = Relu(x)
      ["p0"] b = Neg(a)
      ["p1"] y = Abs(b)
    })");
  ir::Graph &graph = component->graph;
  ir::SparseTensor sparse{
      graph.findValue("values")->tensor(), graph.findValue("indices")->tensor(), {4}};
  graph.eraseUnusedInitializers();
  ir::Value *w = valueOf(graph.addValue("w", ir::Type::tensor(ir::DataType::Float32)));
  graph.setSparseInitializer(*w, sparse);
  valueOf(graph.addNode({"",
                         "Add",
                         "",
                         "p1",
                         {graph.findValue("a"), w},
                         {valueOf(graph.addValue("z", graph.findValue("a")->type()))}}));
  graph.markOutput(*graph.findValue("z"));
  Chain chain = cut(*component, 2);
  EXPECT_EQ(chain[0]->graph.findValue("w"), nullptr);
  ASSERT_NE(chain[1]->graph.findValue("w"), nullptr);
  EXPECT_EQ(chain[1]->graph.findValue("w")->sparseTensor()->values, sparse.values);
  EXPECT_EQ(ir::weightBytes(*chain[1]), 24u);
}

TEST(CutComponent, OnePartIsTheModel) {
  auto component = model(R"(
    g (float[2] unused, float[2] x) => (float[2] y, float[2] h)
    <float[2] w = {1, 2}, float[2] unusedToo = {3, 4}> {
      dead = Abs(x)
      h = Relu(x)
      y = Add(h, w)
    })");
  Chain chain = cut(*component, 1);
  EXPECT_TRUE(modelsEqual(*component, *chain[0]));
}

TEST(CutComponent, AModelWithoutNodesIsOnePart) {
  auto component = model("g (float[2] x) => (float[2] x, float[2] w) <float[2] w = {1, 2}> {}");
  EXPECT_TRUE(modelsEqual(*component, *cut(*component, 1)[0]));
}

TEST(CutComponent, TrainingInfoDescribesTheWholeModel) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y) {
      ["p0"] a = Relu(x)
      ["p1"] y = Neg(a)
    })");
  component->trainingInfo = {"opaque"};
  component->deviceConfigurations = {"opaque too"};
  Partition partition = valueOf(completePartition(component->graph, seedsByName(*component), 2));
  for (const auto &part : valueOf(cutComponent(*component, partition, partNames(2)))) {
    EXPECT_THAT(part->trainingInfo, IsEmpty());
    EXPECT_THAT(part->deviceConfigurations, ElementsAre("opaque too"));
  }
  partition = valueOf(completePartition(component->graph, {0, 0}, 1));
  Chain whole = valueOf(cutComponent(*component, partition, partNames(1)));
  EXPECT_THAT(whole[0]->trainingInfo, ElementsAre("opaque"));
}

TEST(CutComponent, RefusesValuesOfUnknownType) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y) {
      ["p0"] a = local.Unheard(x)
      ["p1"] y = Neg(a)
    })");
  Partition partition = valueOf(completePartition(component->graph, seedsByName(*component), 2));
  EXPECT_THAT(
      errorOf(cutComponent(*component, partition, partNames(2))),
      HasSubstr("'a', a result of node 'p0.a' (local.Unheard), passes from one component to "
                "another, but its element type is unknown"));
  component->graph.findValue("a")->setType(ir::Type::tensor(ir::DataType::Float32));
  Chain chain = valueOf(cutComponent(*component, partition, partNames(2)));
  EXPECT_FALSE(chain[1]->graph.inputs()[0]->type().shape()) << "the rank may be unknown";
}

TEST(CutComponent, RefusesPartitionsThatMakeNoSense) {
  auto component = model(R"(
    g (float[2] x) => (float[2] y) {
      ["first"] a = Relu(x)
      ["second"] y = Neg(a)
    })");
  auto errorFor = [&](std::vector<uint32_t> partOf, uint32_t parts, uint32_t names) {
    Partition partition;
    partition.parts = parts;
    partition.partOf = std::move(partOf);
    return errorOf(cutComponent(*component, partition, partNames(names)));
  };
  EXPECT_THAT(errorFor({1, 0}, 2, 2),
              HasSubstr("node 'second' (Neg) is in part 0 but uses a result of node 'first' (Relu) "
                        "in part 1"));
  EXPECT_THAT(errorFor({0, 0}, 2, 2), HasSubstr("component 'split_1' would have no nodes"));
  auto dead = model(R"(
    g (float[2] x) => (float[2] y) {
      ["first"] y = Relu(x)
      ["second"] dead = Neg(y)
    })");
  Partition partition;
  partition.parts = 2;
  partition.partOf = {0, 1};
  EXPECT_THAT(
      errorOf(cutComponent(*dead, partition, partNames(2))),
      HasSubstr("component 'split_1' would have no outputs: nothing uses the results of node "
                "'second' (Neg)"));
  EXPECT_THAT(errorFor({0, 7}, 2, 2), HasSubstr("is in part 7, but there are 2 parts"));
  EXPECT_THAT(errorFor({0}, 1, 1), HasSubstr("covers 1 nodes, but the graph has 2"));
  EXPECT_THAT(errorFor({0, 1}, 2, 1), HasSubstr("1 names for 2 parts"));
}

} // namespace
