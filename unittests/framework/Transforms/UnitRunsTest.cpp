// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What must hold for every run of units: on random graphs, and on models of real exporters.

#include "PartitionTestSupport.h"
#include "RandomModel.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Transforms/ModuleUnits.h"
#include "optrun/Transforms/Recomputation.h"

#include <numeric>
#include <set>

using namespace optrun;
using namespace optrun::test;

namespace {

/// A model, divided, and checks of how it can be cut.
struct Divided {
  Divided(const ir::Component &component, const llvm::BitVector &recomputed)
      : component(component), flow(valueOf(Dataflow::build(component.graph))),
        units(valueOf(divideIntoUnits(component, flow, recomputed))),
        payloads(valueOf(contentsOfParts(component, flow, units.partition))) {}

  uint32_t count() const { return units.partition.parts; }

  /// Each unit has nodes of its own, none depends on a later one, and together they hold all
  /// weights.
  void checkUnits() const {
    ASSERT_EQ(units.units.size(), count());
    std::set<uint32_t> filled;
    for (uint32_t node = 0; node < flow.size(); ++node) {
      const uint32_t unit = units.partition.partOf[node];
      ASSERT_LT(unit, count());
      if (units.partition.isCopied(flow, node))
        continue;
      filled.insert(unit);
      for (uint32_t producer : flow.producers(node))
        if (producer != Dataflow::None && !units.partition.isCopied(flow, producer)) {
          EXPECT_LE(units.partition.partOf[producer], unit);
        }
    }
    if (count() > 1) {
      EXPECT_EQ(filled.size(), count());
    }
    EXPECT_EQ(weightBytes(0, count()), ir::weightBytes(component));
  }

  /// Of units [\p first, \p end) together.
  uint64_t weightBytes(uint32_t first, uint32_t end) const {
    std::set<uint32_t> held;
    for (uint32_t unit = first; unit < end; ++unit)
      held.insert(payloads.payloadsOf[unit].begin(), payloads.payloadsOf[unit].end());
    uint64_t total = 0;
    for (uint32_t payload : held)
      total += payloads.bytes[payload];
    return total;
  }

  Chain cutAt(std::vector<uint32_t> starts) const {
    Chain chain = cut(component, joinUnits(units, starts));
    starts.push_back(count());
    for (size_t part = 0; part < chain.size(); ++part)
      EXPECT_EQ(weightBytes(starts[part], starts[part + 1]), ir::weightBytes(*chain[part]));
    return chain;
  }

  /// What is before, units [\p first, \p end), and what is after.
  void cutOut(uint32_t first, uint32_t end) const {
    std::set<uint32_t> starts{0, first, end};
    starts.erase(count());
    cutAt({starts.begin(), starts.end()});
  }

  const ir::Component &component;
  const Dataflow flow;
  const ModuleUnits units;
  const PartContents payloads;
};

/// Some of 0 … count - 1, the first among them.
std::vector<uint32_t> randomStarts(uint32_t count, std::mt19937 &random) {
  std::vector<uint32_t> starts{0};
  const uint32_t one = 2 + static_cast<uint32_t>(random() % 8); // in so many
  for (uint32_t unit = 1; unit < count; ++unit)
    if (random() % one == 0)
      starts.push_back(unit);
  return starts;
}

/// Modules in about the order of the nodes.
void scatterModules(ir::Component &component, std::mt19937 &random) {
  static const std::vector<std::string> paths = {
      "embed", "layers.0.up", "layers.0", "layers.0.down", "layers.1.up", "layers.1", "head", ""};
  size_t place = 0;
  for (ir::Node &node : component.graph.nodes()) {
    place += random() % 3 == 0;
    node.modulePath = paths[(place + random() % 2) % paths.size()];
  }
}

/// Any node that is no constant: what is recomputed need not be cheap to be right.
llvm::BitVector someNodes(const ir::Component &component, std::mt19937 &random) {
  const Dataflow flow = valueOf(Dataflow::build(component.graph));
  llvm::BitVector nodes(flow.size());
  for (uint32_t node = 0; node < flow.size(); ++node)
    if (!flow.foldsConstants(node) && random() % 4 == 0)
      nodes.set(node);
  return nodes;
}

TEST(UnitRuns, OfRandomModelsCanBeCut) {
  uint32_t manyUnits = 0;
  for (uint32_t round = 0; round < 300; ++round) {
    std::mt19937 random(round);
    const std::string text = RandomModel(round).text(1);
    SCOPED_TRACE(text);
    auto component = model(text);
    scatterModules(*component, random);
    const Divided divided(*component,
                          round % 2 ? someNodes(*component, random) : llvm::BitVector());
    divided.checkUnits();
    for (uint32_t first = 0; first < divided.count(); ++first)
      for (uint32_t end = first + 1; end <= divided.count(); ++end)
        divided.cutOut(first, end);
    if (round % 4 < 2) {
      EXPECT_TRUE(
          chainComputesTheSame(*component, divided.cutAt(randomStarts(divided.count(), random))));
    }
    manyUnits += divided.count() > 2;
    if (testing::Test::HasFailure())
      break;
  }
  EXPECT_GT(manyUnits, 100u);
}

/// As if every symbol were 8.
std::optional<uint64_t> bytesOfEights(const ir::Value &value) {
  ir::Type type = value.type();
  if (!type.isTensor() || !type.shape())
    return std::nullopt;
  ir::Shape shape = *type.shape();
  for (ir::Dimension &dimension : shape)
    dimension.extent = dimension.extent.value_or(8);
  type.setShape(shape);
  return type.staticByteSize();
}

class Exported : public testing::TestWithParam<const char *> {};

TEST_P(Exported, ModelsCanBeCutBetweenAnyUnits) {
  auto component = readModel(fixture(std::string("onnx/") + GetParam() + ".onnx"));
  valueOf(recoverModuleHierarchy(*component));
  ASSERT_EQ(errorOf(onnx::inferShapes(*component)), "");
  std::mt19937 random(1);
  for (Recompute when : {Recompute::Never, Recompute::WhenSmaller, Recompute::Always}) {
    const Dataflow flow = valueOf(Dataflow::build(component->graph));
    const Divided divided(*component, recomputableNodes(flow, when, bytesOfEights));
    divided.checkUnits();
    EXPECT_GT(divided.count(), 20u) << "four layers with five modules and more";
    EXPECT_EQ(divided.units.partition.recomputed.any(), when != Recompute::Never);
    EXPECT_EQ(llvm::count_if(divided.units.units,
                             [](const ModuleUnits::Unit &unit) { return unit.startsLayer; }),
              5)
        << "four layers, and what follows them";

    std::vector<uint32_t> all(divided.count());
    std::iota(all.begin(), all.end(), 0);
    EXPECT_TRUE(chainComputesTheSame(*component, divided.cutAt(all)));
    for (int i = 0; i < 4; ++i)
      EXPECT_TRUE(
          chainComputesTheSame(*component, divided.cutAt(randomStarts(divided.count(), random))));
  }
}

INSTANTIATE_TEST_SUITE_P(Onnx, Exported,
                         testing::Values("gpt2-dynamo", "llama-dynamo", "opt-dynamo",
                                         "opt-torchscript", "llama-kv-optimum", "opt-kv-optimum"),
                         [](const auto &test) {
                           std::string name = test.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

} // namespace
