// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The published example in shape: 32 layers, 7.64 GB in half precision. The weights are a hole in
/// a file and stay where they are.

#include "PublishedExample.h"

#include "SplitByMemoryRun.h"

#include "optrun/Results/CostCsv.h"
#include "optrun/Results/SplitPlan.h"

using namespace optrun;
using namespace optrun::test;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

namespace {

class PublishedExampleTest : public SplitByMemoryRun {
protected:
  void SetUp() override { model = makeDecoder(PublishedExample::decoder()); }

  /// Less than a component of 2 GB would take.
  static ProcessResult runInOneGigabyte(std::vector<std::string> arguments) {
    return runOptRunWithin(1'000'000'000, arguments);
  }

  /// Into the model's own folder, where the data is.
  ProcessResult split(const std::string &config, Settings settings) const {
    settings.insert({{"model", model},
                     {"output", folder.path("model")},
                     {"external-data", "shared"},
                     {"overwrite", "true"}});
    std::vector<std::string> arguments = configArguments(config, settings);
    arguments.emplace_back("--stop-after=export");
    return runInOneGigabyte(arguments);
  }

  /// The layers that lie whole in each component, by the files.
  std::vector<std::vector<uint32_t>> layersOfComponents() const {
    const Components components = componentsOf(folder.path("model"));
    std::vector<std::vector<uint32_t>> layers(components.size());
    for (const auto &[key, value] : components.front()->metadata)
      if (key == "split_assignments")
        for (const auto &[module, part] : valueOf(parseSplitAssignments(value)))
          if (llvm::StringRef number = module; number.consume_front("model.layers."))
            if (uint32_t layer = 0; !number.getAsInteger(10, layer))
              layers.at(part).push_back(layer);
    return layers;
  }

  std::string model;
};

TEST_F(PublishedExampleTest, sixteenAndSixteenLayersByCount) {
  const ProcessResult run = split("split-by-count", {{"splits", "2"}});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  const std::vector<std::vector<uint32_t>> layers = layersOfComponents();
  ASSERT_EQ(layers.size(), 2u);
  for (size_t part = 0; part < 2; ++part) {
    EXPECT_EQ(layers[part].size(), 16u);
    EXPECT_EQ(layers[part].front(), 16 * part);
    EXPECT_EQ(layers[part].back(), 16 * part + 15);
  }
  EXPECT_EQ(bytesOf(componentsOf(folder.path("model"))), PublishedExample::Bytes);
}

TEST_F(PublishedExampleTest, fourComponentsBelowTwoGigabytes) {
  const ProcessResult run = split("split-by-memory", {{"memory", "2GB"}});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  expectWithinBudgets(folder.path("model"));
  const Manifest manifest = manifestOf(folder.path("model"));
  ASSERT_EQ(manifest.components.size(), 4u);
  for (const Manifest::Component &component : manifest.components)
    EXPECT_EQ(component.budgetBytes, 2'000'000'000u);
  EXPECT_EQ(bytesOf(componentsOf(folder.path("model"))), PublishedExample::Bytes);
  EXPECT_LT(std::filesystem::file_size(folder.path("model/split_0.onnx")), 100'000u)
      << "no weights";
}

/// A layer has 226 MB, each table 197 MB. So a component of 2 GB has room for eight layers, but not
/// for the table with them; 2.1 GB have.
TEST_F(PublishedExampleTest, wholeLayersWhenThatTakesNoComponentMore) {
  const ProcessResult run = split("split-by-memory", {{"memory", "2.1GB"}});
  ASSERT_EQ(run.exitCode, 0) << run.err;
  expectWithinBudgets(folder.path("model"));
  size_t whole = 0;
  for (const std::vector<uint32_t> &layers : layersOfComponents())
    whole += layers.size();
  EXPECT_EQ(whole, 32u);
  EXPECT_EQ(layersOfComponents().size(), 4u);
}

TEST_F(PublishedExampleTest, itsCostModelIsReadBack) {
  const ProcessResult estimated = runInOneGigabyte(configArguments(
      "cost-model",
      {{"model", model}, {"precision", "fp16"}, {"output", folder.path("costs.csv")}}));
  ASSERT_EQ(estimated.exitCode, 0) << estimated.err;
  const CostCsv csv = valueOf(readCostCsv(folder.path("costs.csv")));
  EXPECT_EQ(totalCost(csv.rows).params, PublishedExample::Params);
  EXPECT_EQ(totalCost(csv.rows).bytes, PublishedExample::Bytes);

  const ProcessResult alone =
      runInOneGigabyte({writeRecipe({capture(model), splitPass("memory: 2GB")})});
  const ProcessResult withCosts = runInOneGigabyte(
      {writeRecipe({capture(model), splitPass("memory: 2GB, cost-model: costs.csv")})});
  ASSERT_EQ(withCosts.exitCode, 0) << withCosts.err;
  EXPECT_EQ(withCosts.out, alone.out) << "the same plan";
  EXPECT_THAT(withCosts.err, Not(HasSubstr("warning")));
}

} // namespace
