// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Where split-by-count cuts, and what it says about it.

#include "SplitPlanning.h"

#include "TestSupport/ChainChecks.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"

#include <numeric>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

/// Plans with the dataflow of the component.
llvm::Expected<PlannedSplit> plan(const ir::Component &component,
                                  const SplitByCountOptions &options) {
  return planSplit(component, valueOf(Dataflow::build(component.graph)), options);
}

using Balance = SplitByCountOptions::Balance;

/// A decoder in miniature: embeddings (64 bytes) and head tied to them, a mask for all layers, a
/// position table, and layers of the given numbers with a weight of 8 bytes each, `largeLayer` with
/// one of 80 bytes more.
std::unique_ptr<ir::Component> decoder(llvm::ArrayRef<int> ids, int largeLayer = -1) {
  std::string initializers =
                  "float[8, 2] \"m.embed.weight\" = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
                  "16}, float[2] table = {0.5, 0.25}",
              nodes = R"(
      ["/m/embed/Gather"] embedded = Gather("m.embed.weight", ids)
      ["/m/mask/Neg"] mask = Neg(bias)
      ["/m/rotary/Cos"] cosines = Cos(positions)
      ["/m/rotary/Mul"] angles2 = Mul(cosines, table)
)";
  std::string last = "embedded";
  for (int id : ids) {
    const std::string layer = std::to_string(id), scope = "/m/h." + layer;
    initializers += ", float[2] w" + layer + " = {1, 2}";
    nodes += "      [\"" + scope + "/Mul\"] a" + layer + " = Mul(" + last + ", w" + layer + ")\n";
    nodes += "      [\"" + scope + "/Add\"] b" + layer + " = Add(a" + layer + ", mask)\n";
    if (id == largeLayer) {
      initializers += ", float[10, 2] big = {1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20}";
      nodes += "      [\"" + scope + "/Gather\"] big1 = Gather(big, ids)\n";
      nodes += "      [\"" + scope + "/Add_2\"] c" + layer + " = Add(b" + layer + ", big1)\n";
    } else {
      nodes += "      [\"" + scope + "/Sub\"] c" + layer + " = Sub(b" + layer + ", angles2)\n";
    }
    last = "c" + layer;
  }
  nodes += "      [\"/m/norm/Relu\"] normed = Relu(" + last + ")\n";
  nodes += "      [\"/head/Transpose\"] transposed = Transpose(\"m.embed.weight\")\n";
  nodes += "      [\"/head/MatMul\"] logits = MatMul(normed, transposed)\n";
  auto component = parseModel(
      "<ir_version: 10, opset_import: [\"\" : 21]>\ng (int64[3] ids, float[2] bias, float[2] "
      "positions) => (float[3, 8] logits)\n<" +
      initializers + "> {\n" + nodes + "}");
  component->name = "decoder";
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  valueOf(recoverModuleHierarchy(*component));
  return component;
}

SplitByCountOptions withSplits(int64_t splits) {
  SplitByCountOptions options;
  options.splits = splits;
  return options;
}

/// Plans and cuts; the layers in each component, by the parameters w<id> that it holds.
struct Result {
  PlannedSplit split;
  Chain chain;

  Result(const ir::Component &component, const SplitByCountOptions &options)
      : split(valueOf(plan(component, options))),
        chain(valueOf(cutComponent(component, split.partition, split.plan.componentNames()))) {
    EXPECT_TRUE(chainIsComplete(component, chain));
    EXPECT_TRUE(chainComputesTheSame(component, chain));
    for (size_t part = 0; part < chain.size(); ++part)
      EXPECT_EQ(ir::weightBytes(*chain[part]), split.plan.parts[part].plannedBytes);
  }

  std::vector<std::string> layers() const {
    std::vector<std::string> all;
    for (const auto &component : chain) {
      std::string ids;
      for (const ir::Value *initializer : component->graph.initializers())
        if (llvm::StringRef name = initializer->name(); name.consume_front("w"))
          ids += (ids.empty() ? "" : " ") + name.str();
      all.push_back(ids);
    }
    return all;
  }
};

TEST(SplitPlanning, LayersDivideEvenly) {
  auto component = decoder({0, 1, 2, 3, 4});
  Result result(*component, withSplits(2));
  EXPECT_THAT(result.layers(), ElementsAre("0 1 2", "3 4"));
  EXPECT_THAT(result.split.plan.componentNames(), ElementsAre("split_0", "split_1"));
  EXPECT_THAT(result.split.remarks, ElementsAre("5 layers in m.h: 3 + 2"));
  EXPECT_EQ(result.split.layers, 5u);
  // Embeddings, mask and table are computed in the first; the head is in the last, with its own
  // copy of the tied weight.
  EXPECT_THAT(namesOf(result.chain[0]->graph.inputs()), ElementsAre("ids", "bias", "positions"));
  EXPECT_THAT(namesOf(result.chain[1]->graph.inputs()), ElementsAre("mask", "angles2", "c2"));
  EXPECT_EQ(result.split.plan.parts[0].plannedBytes, 64u + 8 + 3 * 8);
  EXPECT_EQ(result.split.plan.parts[1].plannedBytes, 64u + 2 * 8);
  EXPECT_THAT(result.split.plan.parts[0].modules,
              ElementsAre("m.embed", "m.mask", "m.rotary", "m.h.0", "m.h.1", "m.h.2"));
  EXPECT_THAT(result.split.plan.parts[1].modules, ElementsAre("m.h.3", "m.h.4", "m.norm", "head"));
}

TEST(SplitPlanning, IdsMayHaveGaps) {
  auto component = decoder({0, 2, 5});
  Result result(*component, withSplits(3));
  EXPECT_THAT(result.layers(), ElementsAre("0", "2", "5"));
}

TEST(SplitPlanning, OneSplitIsTheModel) {
  auto component = decoder({0, 1});
  Result result(*component, withSplits(1));
  EXPECT_THAT(result.split.plan.componentNames(), ElementsAre("model"));
  EXPECT_THAT(namesOf(result.chain[0]->graph.outputs()), ElementsAre("logits"));
}

TEST(SplitPlanning, EmbeddingsAndHeadOnTop) {
  auto component = decoder({0, 1, 2, 3});
  SplitByCountOptions options = withSplits(2);
  options.separateEmbeddings = options.separateHead = true;
  Result result(*component, options);
  EXPECT_THAT(result.layers(), ElementsAre("", "0 1", "2 3", ""));
  EXPECT_THAT(namesOf(result.chain[0]->graph.inputs()), ElementsAre("ids", "bias", "positions"));
  EXPECT_THAT(namesOf(result.chain[0]->graph.outputs()),
              ElementsAre("embedded", "mask", "angles2"));
  EXPECT_THAT(namesOf(result.chain[1]->graph.inputs()), ElementsAre("embedded", "mask", "angles2"));
  EXPECT_THAT(namesOf(result.chain[3]->graph.inputs()), ElementsAre("c3"));

  options.separateHead = false;
  EXPECT_THAT(Result(*component, options).layers(), ElementsAre("", "0 1", "2 3"));
  options.separateEmbeddings = false;
  options.separateHead = true;
  EXPECT_THAT(Result(*component, options).layers(), ElementsAre("0 1", "2 3", ""));
}

TEST(SplitPlanning, SeparatePartsNeedSomethingInThem) {
  auto component = parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    g (float[2] x) => (float[2] y) {
      ["/h.0/Relu"] a = Relu(x)
      ["/h.1/Neg"] y = Neg(a)
    })");
  component->name = "bare";
  valueOf(recoverModuleHierarchy(*component));
  SplitByCountOptions options = withSplits(2);
  options.separateEmbeddings = true;
  EXPECT_THAT(errorOf(plan(*component, options)),
              AllOf(HasSubstr("`separate-embeddings` has nothing to separate"),
                    HasSubstr("comes before h.0")));
  options.separateEmbeddings = false;
  options.separateHead = true;
  EXPECT_THAT(errorOf(plan(*component, options)),
              AllOf(HasSubstr("`separate-head` has nothing to separate"),
                    HasSubstr("nothing follows h.1")));
}

TEST(SplitPlanning, BytesIncludeEmbeddingsAndHead) {
  // The parts hold 64 + 8 for embeddings and table or 64 for the head, 8 for a layer, 88 for
  // layer 1.
  auto component = decoder({0, 1, 2, 3, 4, 5}, 1);
  SplitByCountOptions options = withSplits(3);
  options.balance = Balance::Bytes;
  Result result(*component, options);
  EXPECT_THAT(result.layers(), ElementsAre("0", "1 2", "3 4 5"));
  options.separateEmbeddings = options.separateHead = true;
  EXPECT_THAT(Result(*component, options).layers(), ElementsAre("", "0", "1", "2 3 4 5", ""));
}

TEST(SplitPlanning, TooManySplits) {
  EXPECT_THAT(errorOf(plan(*decoder({0, 1, 2}), withSplits(4))),
              AllOf(HasSubstr("'decoder' has 3 layers in m.h"),
                    HasSubstr("cannot be divided into 4 components; set `splits` to 3 or less")));
}

TEST(SplitPlanning, NoMatchIsAnError) {
  SplitByCountOptions options = withSplits(2);
  options.block = "model.layers";
  EXPECT_THAT(errorOf(plan(*decoder({0, 1}), options)),
              AllOf(HasSubstr("has no numbered modules in 'model.layers'"), HasSubstr("m.h (2)")));
  auto component = parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    g (float[2] x) => (float[2] y) { y = Relu(x) })");
  EXPECT_THAT(errorOf(plan(*component, options)), HasSubstr("no numbered modules"));
}

TEST(SplitPlanning, LayersThatUseLaterOnesAreReported) {
  auto component = parseModel(R"(<ir_version: 10, opset_import: ["" : 21]>
    g (float[2] x) => (float[2] y) {
      ["/h.0/Relu"] a = Relu(x)
      ["/h.1/Neg"] b = Neg(a)
      ["/h.0/Abs"] c = Abs(b)
      ["/h.1/Add"] y = Add(c, b)
    })");
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  valueOf(recoverModuleHierarchy(*component));
  Result result(*component, withSplits(2));
  EXPECT_THAT(result.split.warnings,
              ElementsAre("1 node uses results of later components than the one of its module and "
                          "went there; the first is node '/h.0/Abs' (Abs) of 'h.0'"));
  EXPECT_THAT(Result(*component, withSplits(1)).split.warnings, IsEmpty())
      << "it stays in its component";
}

TEST(SplitPlanning, TheModelsOwnAssignmentDecides) {
  auto component = decoder({0, 2, 5, 6});
  component->metadata = {{"split_assignments", "m.h.0=0;m.h.2=3;m.h.5=3;m.h.6=3;head=7"}};
  Result result(*component, withSplits(3));
  EXPECT_THAT(result.layers(), ElementsAre("0", "2 5 6", ""));
  EXPECT_THAT(result.split.remarks, ElementsAre("cut by the model's own split_assignments"));
}

TEST(SplitPlanning, TheAssignmentMayNameModulesFromFurtherOut) {
  auto component = decoder({0, 1, 2});
  component->metadata = {{"split_assignments", "lm.m.h.0=0;lm.m.h.1=1;lm.m.h.2=1"}};
  EXPECT_THAT(Result(*component, withSplits(2)).layers(), ElementsAre("0", "1 2"));
}

TEST(SplitPlanning, AnAssignmentThatDoesNotFitIsNotUsed) {
  auto component = decoder({0, 1, 2, 3});
  auto remarkFor = [&](const char *assignments, const SplitByCountOptions &options) {
    component->metadata = {{"split_assignments", assignments}};
    Result result(*component, options);
    EXPECT_THAT(result.layers(), ElementsAre("0 1", "2 3"));
    EXPECT_EQ(result.split.remarks.size(), 2u);
    return result.split.remarks.front();
  };
  EXPECT_THAT(remarkFor("m.h.0=0;m.h.1=1;m.h.2=2", withSplits(2)),
              HasSubstr("they name 3 parts, `splits` is 2"));
  EXPECT_THAT(remarkFor("m.h.0", withSplits(2)), HasSubstr("'m.h.0' is no assignment"));
  EXPECT_THAT(remarkFor("x.0=0;x.1=1", withSplits(2)),
              HasSubstr("no node belongs to a module of part 0"));
  SplitByCountOptions options = withSplits(2);
  options.block = "m.h";
  EXPECT_THAT(remarkFor("m.h.0=0;m.h.1=1", options), HasSubstr("other options"));
}

TEST(SplitPlanning, ManyLayersAreSummedUp) {
  std::vector<int> ids(40);
  std::iota(ids.begin(), ids.end(), 0);
  PlannedSplit split = valueOf(plan(*decoder(ids), withSplits(20)));
  EXPECT_THAT(
      split.remarks,
      ElementsAre("40 layers in m.h: 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 + 2 "
                  "+ 2 + ..."));
}

} // namespace
