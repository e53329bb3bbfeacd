// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Modules and layers of models that real exporters wrote.

#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/ModuleHierarchy.h"

#include <filesystem>

using namespace optrun;
using namespace optrun::test;

namespace {

struct Expectation {
  const char *model;
  HierarchyEvidence evidence;
  const char *block;
};

class Fixtures : public testing::TestWithParam<Expectation> {
protected:
  std::unique_ptr<ir::Component> read() const {
    return readModel(fixture(std::string("onnx/") + GetParam().model + ".onnx"));
  }
};

/// Types and operators of the nodes of each layer, in order.
std::vector<std::vector<std::string>> operatorsOfLayers(const ir::Component &component,
                                                        const RepeatedBlock &block) {
  std::vector<std::vector<std::string>> operators(block.layers.size());
  const std::vector<uint32_t> layerOf = layerOfNodes(component, block);
  size_t index = 0;
  for (const ir::Node &node : component.graph.nodes())
    if (const uint32_t layer = layerOf[index++]; layer != NoLayer && !node.isOp("Constant"))
      operators[layer].push_back(node.opType().str());
  return operators;
}

std::vector<std::string> weightedOnly(std::vector<std::string> operators) {
  std::erase_if(operators, [](const std::string &op) {
    return op != "MatMul" && op != "Gemm" && op != "LayerNormalization";
  });
  return operators;
}

TEST_P(Fixtures, LayersAreFoundByTheBestEvidence) {
  auto component = read();
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_EQ(hierarchy.evidence, GetParam().evidence);
  EXPECT_EQ(hierarchy.namedNodes + hierarchy.inheritedNodes + hierarchy.unnamedNodes,
            component->graph.nodes().size());
  RepeatedBlock block = valueOf(findRepeatedBlock(*component));
  EXPECT_EQ(block.path, GetParam().block);
  ASSERT_EQ(block.layers.size(), 4u);
  for (size_t layer = 0; layer < 4; ++layer)
    EXPECT_EQ(block.layers[layer], block.path + "." + std::to_string(layer));
  const auto operators = operatorsOfLayers(*component, block);
  for (size_t layer = 1; layer < 4; ++layer)
    EXPECT_EQ(weightedOnly(operators[layer]), weightedOnly(operators[0])) << "layer " << layer;
}

/// Without names, the structure must lead to the same layers.
TEST_P(Fixtures, LayersAreFoundByStructureAlone) {
  auto named = read();
  valueOf(recoverModuleHierarchy(*named));
  const std::vector<uint32_t> expected = layerOfNodes(*named, valueOf(findRepeatedBlock(*named)));

  auto component = read();
  for (ir::Node &node : component->graph.nodes()) {
    node.name.clear();
    node.metadata.clear();
  }
  int number = 0;
  std::vector<ir::Value *> initializers = component->graph.initializers().vec();
  for (ir::Value *initializer : initializers)
    ASSERT_EQ(errorOf(component->graph.renameValue(*initializer, "w" + std::to_string(number++))),
              "");
  ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(*component));
  EXPECT_EQ(hierarchy.evidence, HierarchyEvidence::Structure);
  RepeatedBlock block = valueOf(findRepeatedBlock(*component));
  EXPECT_EQ(block.path, "block");
  ASSERT_EQ(block.layers.size(), 4u);
  const std::vector<uint32_t> actual = layerOfNodes(*component, block);
  size_t index = 0, differing = 0;
  for (const ir::Node &node : component->graph.nodes()) {
    // Weighted nodes must agree; of the others, shapes may count to either neighbour.
    if (node.isOp("MatMul") || node.isOp("Gemm") || node.isOp("LayerNormalization"))
      EXPECT_EQ(actual[index], expected[index]) << node.output(0)->name().str();
    else
      differing += actual[index] != expected[index];
    ++index;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Onnx, Fixtures,
    testing::Values(Expectation{"gpt2-dynamo", HierarchyEvidence::Metadata, "transformer.h"},
                    Expectation{"llama-dynamo", HierarchyEvidence::Metadata, "model.layers"},
                    Expectation{"opt-dynamo", HierarchyEvidence::Metadata, "model.decoder.layers"},
                    Expectation{"opt-torchscript", HierarchyEvidence::NodeNames, "decoder.layers"},
                    Expectation{"llama-kv-optimum", HierarchyEvidence::NodeNames, "model.layers"},
                    Expectation{"opt-kv-optimum", HierarchyEvidence::NodeNames, "decoder.layers"}),
    [](const auto &test) {
      std::string name = test.param.model;
      std::replace(name.begin(), name.end(), '-', '_');
      return name;
    });

TEST(RealModels, MiniLmIsFoundByTheNamesOfItsParameters) {
  const std::string path = testModel("minilm-int8/model.onnx");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "set-up did not provide " << path;
  auto component = readModel(path);
  EXPECT_EQ(valueOf(recoverModuleHierarchy(*component)).evidence,
            HierarchyEvidence::ParameterNames);
  RepeatedBlock block = valueOf(findRepeatedBlock(*component));
  EXPECT_EQ(block.path, "inner.encoder.layer");
  EXPECT_EQ(block.layers.size(), 6u);
  const auto operators = operatorsOfLayers(*component, block);
  for (size_t layer = 1; layer < 6; ++layer)
    EXPECT_EQ(operators[layer], operators[0]) << "layer " << layer;
}

} // namespace
