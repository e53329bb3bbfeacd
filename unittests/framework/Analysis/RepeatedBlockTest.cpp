// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which list of modules the layers are.

#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/ModuleHierarchy.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

/// A chain of nodes, one for each module path; with weights where the path ends in '*'.
class ChainOfModules {
public:
  explicit ChainOfModules(llvm::ArrayRef<std::string> paths) {
    component.name = "model";
    ir::Graph &graph = component.graph;
    ir::Value *last = valueOf(graph.addValue("x"));
    graph.markInput(*last);
    for (llvm::StringRef path : paths) {
      const std::string number = std::to_string(count++);
      ir::Value *next = valueOf(graph.addValue("v" + number));
      llvm::SmallVector<ir::Value *> inputs{last};
      if (path.consume_back("*")) {
        ir::Value *weight = valueOf(graph.addValue("w" + number));
        graph.setInitializer(
            *weight, valueOf(ir::Tensor::create("w" + number, ir::DataType::Float32, {2},
                                                ir::makeInlineSource(std::vector<uint8_t>(8)))));
        inputs.push_back(weight);
      }
      ir::Node *node = valueOf(graph.addNode({"", "Add", "", "", inputs, {next}}));
      node->modulePath = path.str();
      last = next;
    }
    graph.markOutput(*last);
  }
  ir::Component component;

private:
  int count = 0;
};

RepeatedBlock find(llvm::ArrayRef<std::string> paths, llvm::StringRef block = "auto") {
  return valueOf(findRepeatedBlock(ChainOfModules(paths).component, block));
}

TEST(RepeatedBlock, TheListWithTheMostLayers) {
  RepeatedBlock block = find({"embed", "vision.blocks.0", "vision.blocks.1", "text.layers.0.a",
                              "text.layers.0.b", "text.layers.1", "text.layers.2", "head"});
  EXPECT_EQ(block.path, "text.layers");
  EXPECT_THAT(block.layers, ElementsAre("text.layers.0", "text.layers.1", "text.layers.2"));
}

TEST(RepeatedBlock, WeightsDecideATie) {
  EXPECT_EQ(find({"encoder.0", "encoder.1", "decoder.0*", "decoder.1*"}).path, "decoder");
  EXPECT_EQ(find({"encoder.0*", "encoder.1*", "decoder.0", "decoder.1"}).path, "encoder");
}

TEST(RepeatedBlock, IdsMayHaveGaps) {
  EXPECT_THAT(find({"h.0", "h.2", "h.5", "h.10"}).layers, ElementsAre("h.0", "h.2", "h.5", "h.10"));
}

TEST(RepeatedBlock, LayersAreInOrderOfExecution) {
  EXPECT_THAT(find({"h.3*", "h.1*", "h.2*"}).layers, ElementsAre("h.3", "h.1", "h.2"));
}

TEST(RepeatedBlock, ExpertsAreNoLayers) {
  const std::vector<std::string> mixture{
      "model.layers.0.mlp.experts.0*", "model.layers.0.mlp.experts.1*",
      "model.layers.0.mlp.experts.2*", "model.layers.1.mlp.experts.0*",
      "model.layers.1.mlp.experts.1*", "model.layers.1.mlp.experts.2*"};
  EXPECT_EQ(find(mixture).path, "model.layers");
  RepeatedBlock experts = find(mixture, "model.layers.1.mlp.experts");
  EXPECT_THAT(experts.layers,
              ElementsAre("model.layers.1.mlp.experts.0", "model.layers.1.mlp.experts.1",
                          "model.layers.1.mlp.experts.2"));
}

TEST(RepeatedBlock, AListInsideOfAWrapperIs) {
  // As sentence-transformers wraps a model: 0 is the model, 1 the pooling.
  EXPECT_EQ(find({"0.model.layer.0*", "0.model.layer.1*", "0.model.layer.2*", "1.pooling"}).path,
            "0.model.layer");
}

TEST(RepeatedBlock, OutermostLists) {
  RepeatedBlock block = find({"0.conv*", "1.conv*", "2.linear*"});
  EXPECT_EQ(block.path, "");
  EXPECT_THAT(block.layers, ElementsAre("0", "1", "2"));
}

TEST(RepeatedBlock, NumbersAtTheEndOfNamesWhereThereAreNoLists) {
  RepeatedBlock block =
      find({"bert.encoder.layer_0.a", "bert.encoder.layer_1", "bert.encoder.layer_10"});
  EXPECT_EQ(block.path, "bert.encoder.layer_");
  EXPECT_THAT(block.layers,
              ElementsAre("bert.encoder.layer_0", "bert.encoder.layer_1", "bert.encoder.layer_10"));
  EXPECT_EQ(find({"ln_1", "ln_2", "ln_3", "h.0", "h.1"}).path, "h");
}

TEST(RepeatedBlock, ByName) {
  const std::vector<std::string> paths{"encoder.0", "encoder.1", "decoder.0", "decoder.1",
                                       "decoder.2"};
  EXPECT_EQ(find(paths, "encoder").path, "encoder");
  EXPECT_EQ(find(paths, "/encoder/").path, "encoder");
}

TEST(RepeatedBlock, ListsCandidatesWhenThereIsNone) {
  const std::vector<std::string> paths{"model.encoder.0", "model.encoder.1", "model.head"};
  EXPECT_THAT(errorOf(findRepeatedBlock(ChainOfModules(paths).component, "model.layers")),
              AllOf(HasSubstr("'model' has no numbered modules in 'model.layers'"),
                    HasSubstr("candidates for `block` are model.encoder (2)")));
  EXPECT_THAT(errorOf(findRepeatedBlock(ChainOfModules({"a.b", "c"}).component)),
              HasSubstr("no repeated block in 'model': no module has numbered members; the "
                        "outermost modules are a, c"));
  EXPECT_THAT(errorOf(findRepeatedBlock(ChainOfModules({""}).component)),
              HasSubstr("neither metadata nor names"));
}

TEST(RepeatedBlock, LayerOfEachNode) {
  const std::vector<std::string> paths{"embed",  "m.h.0.a", "m.h.0",  "m.h.5.b.7",
                                       "m.hx.0", "m.h",     "m.h.05", "head"};
  ChainOfModules chain(paths);
  RepeatedBlock block{"m.h", {"m.h.0", "m.h.5"}};
  EXPECT_THAT(layerOfNodes(chain.component, block),
              ElementsAre(NoLayer, 0, 0, 1, NoLayer, NoLayer, NoLayer, NoLayer));
}

} // namespace
