// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Published models as checkpoints of their real sizes, captured and split under a limit of 500 MB.
/// The weights are holes in files and stay where they are.

#include "PublishedExample.h"
#include "SplitByMemoryRun.h"

#include "optrun/Results/SplitPlan.h"

using namespace optrun;
using namespace optrun::test;

namespace {

class PublishedCheckpointsTest : public SplitByMemoryRun {
protected:
  void makeCheckpoint(const std::string &name) const {
    const ProcessResult made =
        runProcess({buildDir() + "/tests/make-checkpoint", name, output, "--sparse"});
    ASSERT_EQ(made.exitCode, 0) << made.err;
  }

  /// Into the checkpoint's own folder.
  Manifest split(const std::string &pass) const {
    const ProcessResult run = runOptRunWithin(
        500'000'000,
        {writeRecipe({capture(output), pass, "export: {output: model, external-data: shared}"})});
    EXPECT_EQ(run.exitCode, 0) << run.err;
    return manifestOf(output);
  }

  /// How many layers, by their norms, lie in each component.
  std::vector<size_t> layersOfComponents() const {
    std::vector<size_t> layers;
    for (const auto &component : componentsOf(output))
      layers.push_back(llvm::count_if(component->graph.initializers(), [](const ir::Value *value) {
        return value->name().ends_with("post_attention_layernorm.weight") ||
               value->name().ends_with("self_attn_layer_norm.weight");
      }));
    return layers;
  }

  static uint64_t sumOfBytes(const Manifest &manifest) {
    uint64_t bytes = 0;
    for (const Manifest::Component &component : manifest.components)
      bytes += component.weightBytes;
    return bytes;
  }

  std::string output = folder.path("model");
};

TEST_F(PublishedCheckpointsTest, phiInSixteenAndSixteenLayersByCount) {
  makeCheckpoint("phi-3.5-mini");
  const Manifest manifest = split("split-by-count: {splits: 2}");
  EXPECT_EQ(layersOfComponents(), (std::vector<size_t>{16, 16}));
  EXPECT_GE(sumOfBytes(manifest), PublishedExample::Bytes);
}

TEST_F(PublishedCheckpointsTest, phiInFourComponentsBelowTwoGigabytes) {
  makeCheckpoint("phi-3.5-mini");
  const Manifest manifest = split("split-by-memory: {memory: 2GB}");
  EXPECT_EQ(manifest.components.size(), 4u);
  expectWithinBudgets(output);
  EXPECT_GE(sumOfBytes(manifest), PublishedExample::Bytes);
}

/// The table of embeddings is the head, too: 206 MB that both ends of the model use.
TEST_F(PublishedCheckpointsTest, optInTwelveAndTwelveLayersByCount) {
  makeCheckpoint("opt-1.3b");
  split("split-by-count: {splits: 2}");
  EXPECT_EQ(layersOfComponents(), (std::vector<size_t>{12, 12}));
}

TEST_F(PublishedCheckpointsTest, mistralInComponentsOfFourGigabytes) {
  makeCheckpoint("mistral-7b");
  const Manifest manifest = split("split-by-memory: {memory: 4GB}");
  EXPECT_EQ(manifest.components.size(), 4u);
  expectWithinBudgets(output);
}

} // namespace
