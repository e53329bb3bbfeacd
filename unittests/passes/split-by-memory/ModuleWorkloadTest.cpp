// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What the planner gets to see of a model.

#include "ModuleWorkload.h"

#include "DecoderModel.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::Each;
using testing::ElementsAre;

namespace {

struct Fixture {
  explicit Fixture(std::unique_ptr<ir::Component> component, const InputExtents &extents = {})
      : component(std::move(component)), flow(valueOf(Dataflow::build(this->component->graph))),
        cost(valueOf(estimateGraphCost(*this->component, flow, extents))),
        units(valueOf(divideIntoUnits(*this->component, flow))),
        workload(valueOf(makeWorkload(*this->component, flow, units, cost))) {}

  std::unique_ptr<ir::Component> component;
  Dataflow flow;
  GraphCost cost;
  ModuleUnits units;
  planning::Workload workload;
};

TEST(ModuleWorkload, IsWhatThePlannerTakes) {
  const Fixture decoder(makeDecoder(3));
  EXPECT_EQ(errorOf(checkWorkload(decoder.workload)), "");
}

TEST(ModuleWorkload, HasEachWeightOnce) {
  const Fixture decoder(makeDecoder(2, /*isTied=*/true));
  uint64_t bytes = 0;
  for (uint64_t each : decoder.workload.weightBytes)
    bytes += each;
  EXPECT_EQ(bytes, ir::weightBytes(*decoder.component));
  const auto bytesOf = [&](const planning::Unit &unit) {
    uint64_t sum = 0;
    for (uint32_t weight : unit.weights)
      sum += decoder.workload.weightBytes[weight];
    return sum;
  };
  EXPECT_EQ(bytesOf(decoder.workload.units.front()), bytesOf(decoder.workload.units.back()));
  EXPECT_EQ(decoder.workload.units.back().name, "head");
  EXPECT_EQ(decoder.workload.units.front().weights.front(),
            decoder.workload.units.back().weights.front());
}

TEST(ModuleWorkload, HasTheCostsOfAllNodes) {
  const Fixture decoder(makeDecoder(3), {2, 5, 0});
  uint64_t flops = 0, traffic = 0;
  for (const planning::Unit &unit : decoder.workload.units) {
    flops += unit.flops;
    traffic += unit.trafficBytes;
    EXPECT_GT(unit.activationBytes, 0u) << unit.name;
  }
  NodeCost total;
  for (const NodeCost &node : decoder.cost.nodes)
    total += node;
  EXPECT_EQ(flops, total.flops);
  EXPECT_EQ(traffic, total.movedBytes);
}

TEST(ModuleWorkload, HasTheValuesBetweenUnits) {
  const Fixture decoder(makeDecoder(2), {1, 2, 0});
  std::vector<uint64_t> received;
  for (const planning::Unit &unit : decoder.workload.units) {
    uint64_t bytes = 0;
    for (uint32_t value : unit.inputs)
      bytes += decoder.workload.values[value].bytes;
    received.push_back(bytes);
  }
  // Two tokens of 16 bytes, 32 inside of a layer. What a layer starts with goes to its up and, with
  // the residual connection, to its down, which takes the result of up and the mask too.
  EXPECT_THAT(received, ElementsAre(0, 0, 32, 64 + 32 + 32, 32, 64 + 32 + 32, 32));
}

TEST(ModuleWorkload, WithoutRunMemoryHasWeightsOnly) {
  const Fixture decoder(makeDecoder(1));
  for (const planning::Unit &unit : withoutRunMemory(decoder.workload).units)
    EXPECT_EQ(unit.cacheBytes + unit.activationBytes, 0u);
}

} // namespace
