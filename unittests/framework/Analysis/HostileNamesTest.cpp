// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Names that nobody would give: nothing crashes, and every node gets a path or none.

#include "TestSupport/Errors.h"

#include "optrun/Analysis/ModuleHierarchy.h"

#include <gtest/gtest.h>
#include <random>

using namespace optrun;
using namespace optrun::test;

namespace {

class HostileModel {
public:
  explicit HostileModel(uint32_t seed) : random(seed) {
    ir::Graph &graph = component.graph;
    std::vector<ir::Value *> values;
    for (int i = 0; i < 4; ++i) {
      ir::Value *input = valueOf(graph.addValue("input" + std::to_string(i)));
      graph.markInput(*input);
      values.push_back(input);
    }
    const uint32_t nodes = 1 + below(60);
    for (uint32_t i = 0; i < nodes; ++i) {
      llvm::SmallVector<ir::Value *> inputs;
      for (uint32_t count = below(4); count > 0; --count)
        inputs.push_back(values[below(static_cast<uint32_t>(values.size()))]);
      if (below(2)) {
        const std::string name = text() + "#" + std::to_string(i);
        ir::Value *weight = valueOf(graph.addValue(name));
        graph.setInitializer(
            *weight, valueOf(ir::Tensor::create(name, ir::DataType::Float32, {2},
                                                ir::makeInlineSource(std::vector<uint8_t>(8)))));
        inputs.push_back(weight);
        values.push_back(weight);
      }
      ir::Value *output = valueOf(graph.addValue("output" + std::to_string(i)));
      ir::Node *node =
          valueOf(graph.addNode({"", below(3) ? "Add" : "Relu", "", text(), inputs, {output}}));
      if (below(2))
        node->metadata = {{below(2) ? "namespace" : "pkg.torch.onnx.name_scopes", text()}};
      values.push_back(output);
    }
    graph.markOutput(*values.back());
  }

  ir::Component component;

private:
  uint32_t below(uint32_t limit) { return static_cast<uint32_t>(random() % limit); }

  std::string text() {
    static constexpr const char *Pieces[] = {
        "/",    ".",   "layers.", "0",  "1",      "18446744073709551616",
        "_1",   "_._", "h",       "'",  "['",     "']",
        "', '", "\\",  "\"",      ": ", "::",     "\n",
        "\xff", "0x",  "..",      "//", "weight", "_",
        "[",    "]",   ",",       "é",  "%s",     " "};
    std::string result;
    for (uint32_t count = below(12); count > 0; --count)
      result += Pieces[below(std::size(Pieces))];
    return result;
  }

  std::mt19937 random;
};

TEST(HostileNames, GivePathsOrNone) {
  for (uint32_t seed = 0; seed < 2000; ++seed) {
    HostileModel model(seed);
    ModuleHierarchy hierarchy = valueOf(recoverModuleHierarchy(model.component));
    EXPECT_EQ(hierarchy.namedNodes + hierarchy.inheritedNodes + hierarchy.unnamedNodes,
              model.component.graph.nodes().size());
    llvm::Expected<RepeatedBlock> block = findRepeatedBlock(model.component);
    if (!block) {
      EXPECT_FALSE(errorOf(block.takeError()).empty());
      continue;
    }
    EXPECT_FALSE(block->layers.empty());
    std::vector<bool> found(block->layers.size());
    for (uint32_t layer : layerOfNodes(model.component, *block))
      if (layer != NoLayer)
        found.at(layer) = true;
    for (size_t layer = 0; layer < found.size(); ++layer)
      EXPECT_TRUE(found[layer]) << "seed " << seed << ": no node in '" << block->layers[layer]
                                << "'";
  }
}

} // namespace
