// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Which rows of a cost model a table shows as one.

#include "CostTable.h"

#include "gmock/gmock.h"

using namespace optrun;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

ModuleCost row(const std::string &module, uint64_t params) {
  return {.module = module, .params = params, .storedBytes = 4 * params};
}

/// "module: parameters" of each group.
std::vector<std::string> groups(const CostModel &model, const RepeatedBlock *block) {
  std::vector<std::string> lines;
  for (const CostGroup &group : groupCosts(model, block))
    lines.push_back(group.title + ": " + std::to_string(group.cost.params));
  return lines;
}

RepeatedBlock twoLayers() {
  RepeatedBlock block;
  block.path = "model.layers";
  block.layers = {"model.layers.0", "model.layers.1"};
  return block;
}

TEST(CostTable, HasTheLayersInOneRow) {
  CostModel model;
  model.rows = {row("model.embed", 8),        row("model.layers.0.up", 1),
                row("model.layers.0", 2),     row("model.layers.1", 3),
                row("model.layers.10", 4),    row("model.layers_norm", 5),
                row("model.layers.final", 6), row("nothing", 0)};
  const RepeatedBlock block = twoLayers();
  EXPECT_THAT(groups(model, &block),
              ElementsAre("model.embed: 8", "model.layers (2 layers): 6", "model.layers.10: 4",
                          "model.layers_norm: 5", "model.layers.final: 6"))
      << "neither what is only named alike nor what is empty";
  EXPECT_EQ(groups(model, nullptr).size(), 7u);
}

TEST(CostTable, HasManyModulesByTheStartOfTheirPaths) {
  CostModel model;
  for (int i = 0; i < 10; ++i) {
    model.rows.push_back(row("encoder.part" + std::to_string(i), 1));
    model.rows.push_back(row("decoder.part" + std::to_string(i), 2));
  }
  EXPECT_THAT(groups(model, nullptr), ElementsAre("encoder: 10", "decoder: 20"));
}

TEST(CostTable, CountsTiedWeightsOnceAndSaysWithWhat) {
  CostModel model;
  model.rows = {row("embed", 8), row("head", 8)};
  model.rows[1].tiedParams = 8;
  model.rows[1].tiedStoredBytes = 32;
  model.rows[1].tiedTo = "embed";
  EXPECT_THAT(groups(model, nullptr), ElementsAre("embed: 8", "head (tied to embed): 0"));
}

TEST(CostTable, HasAColumnForAnotherPrecision) {
  auto print = [](CostPrecision precision) {
    CostModel model;
    model.rows = {row("embed", 2000)};
    model.rows[0].bytes = 1000;
    model.precision = precision;
    std::string text;
    llvm::raw_string_ostream os(text);
    makeCostTable(model, nullptr).print(os);
    return text;
  };
  EXPECT_THAT(print(CostPrecision::Int4), AllOf(HasSubstr("int4"), HasSubstr("1.00 KB")));
  EXPECT_THAT(print(CostPrecision::Keep), AllOf(HasSubstr("8.00 KB"), Not(HasSubstr("1.00 KB"))));
}

} // namespace
