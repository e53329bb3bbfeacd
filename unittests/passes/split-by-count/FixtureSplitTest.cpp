// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Models that real exporters wrote, divided in 2, 3 and 4.

#include "SplitPlanning.h"
#include "TestSupport/ChainChecks.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TestModels.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/Dataflow.h"
#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"

#include <filesystem>

using namespace optrun;
using namespace optrun::test;

namespace {

/// Plans with the dataflow of the component.
llvm::Expected<PlannedSplit> plan(const ir::Component &component,
                                  const SplitByCountOptions &options) {
  return planSplit(component, valueOf(Dataflow::build(component.graph)), options);
}

std::unique_ptr<ir::Component> capture(const std::string &path) {
  auto component = readModel(path);
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  valueOf(recoverModuleHierarchy(*component));
  return component;
}

void expectSplit(const ir::Component &component, const SplitByCountOptions &options,
                 size_t expectedParts) {
  PlannedSplit split = valueOf(plan(component, options));
  EXPECT_TRUE(split.warnings.empty()) << split.warnings.front();
  ASSERT_EQ(split.partition.parts, expectedParts);
  Chain chain = valueOf(cutComponent(component, split.partition, split.plan.componentNames()));
  for (size_t part = 0; part < chain.size(); ++part)
    EXPECT_EQ(ir::weightBytes(*chain[part]), split.plan.parts[part].plannedBytes);

  // Layers are whole.
  const RepeatedBlock block = valueOf(findRepeatedBlock(component));
  std::map<std::string, std::set<size_t>> partsOfLayer;
  for (size_t part = 0; part < chain.size(); ++part) {
    const std::vector<uint32_t> layerOf = layerOfNodes(*chain[part], block);
    Dataflow flow = valueOf(Dataflow::build(chain[part]->graph));
    for (uint32_t node = 0; node < flow.size(); ++node)
      if (layerOf[node] != NoLayer && !flow.foldsConstants(node))
        partsOfLayer[block.layers[layerOf[node]]].insert(part);
  }
  EXPECT_EQ(partsOfLayer.size(), block.layers.size());
  for (const auto &[layer, parts] : partsOfLayer)
    EXPECT_EQ(parts.size(), 1u) << layer;

  EXPECT_TRUE(chainIsComplete(component, chain));
  EXPECT_TRUE(chainComputesTheSame(component, chain));
}

class FixtureSplit : public testing::TestWithParam<std::tuple<const char *, int>> {};

TEST_P(FixtureSplit, IsTheSameModel) {
  auto component = capture(fixture(std::string("onnx/") + std::get<0>(GetParam()) + ".onnx"));
  const int splits = std::get<1>(GetParam());
  const auto count = static_cast<size_t>(splits);
  SplitByCountOptions options;
  options.splits = splits;
  expectSplit(*component, options, count);
  options.balance = SplitByCountOptions::Balance::Bytes;
  expectSplit(*component, options, count);
  options.separateEmbeddings = true;
  expectSplit(*component, options, count + 1);
  options.separateHead = true;
  expectSplit(*component, options, count + 2);
}

INSTANTIATE_TEST_SUITE_P(Onnx, FixtureSplit,
                         testing::Combine(testing::Values("gpt2-dynamo", "llama-dynamo",
                                                          "opt-dynamo", "opt-torchscript",
                                                          "llama-kv-optimum", "opt-kv-optimum"),
                                          testing::Values(1, 2, 3, 4)),
                         [](const auto &test) {
                           std::string name = std::get<0>(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + "_in_" + std::to_string(std::get<1>(test.param));
                         });

TEST(RealModelSplit, MiniLm) {
  const std::string path = testModel("minilm-int8/model.onnx");
  if (!std::filesystem::exists(path))
    GTEST_SKIP() << "set-up did not provide " << path;
  auto component = capture(path);
  for (int splits : {2, 3, 6}) {
    SplitByCountOptions options;
    options.splits = splits;
    expectSplit(*component, options, static_cast<size_t>(splits));
  }
}

} // namespace
