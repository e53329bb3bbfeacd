// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What plans say, what errors say, and workloads at the edge.

#include "BruteForce.h"
#include "TestSupport/Errors.h"
#include "gmock/gmock.h"

using namespace optrun::planning;
using namespace optrun::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

constexpr uint64_t Unlimited = std::numeric_limits<uint64_t>::max();

/// A unit for each size, with a weight of its own; each uses a result of the one before.
Workload chain(llvm::ArrayRef<uint64_t> sizes, uint64_t valueBytes = 1) {
  Workload workload;
  for (uint64_t bytes : sizes) {
    const auto number = static_cast<uint32_t>(workload.units.size());
    Unit unit;
    unit.name = "u" + std::to_string(number);
    unit.weights = {number};
    unit.startsLayer = true;
    if (number > 0)
      unit.inputs = {number - 1};
    workload.units.push_back(std::move(unit));
    workload.weightBytes.push_back(bytes);
    workload.values.push_back({valueBytes, number});
  }
  return workload;
}

PlanOptions oneBudget(uint64_t memory) {
  PlanOptions options;
  options.devices = {{"", memory}};
  options.repeatDevice = true;
  return options;
}

PlanOptions budgets(std::vector<uint64_t> memories) {
  PlanOptions options;
  for (uint64_t memory : memories)
    options.devices.push_back({"gpu" + std::to_string(options.devices.size()), memory});
  return options;
}

PlanOptions intoComponents(uint32_t count) {
  PlanOptions options = oneBudget(Unlimited);
  options.objective = Objective::Balanced;
  options.components = count;
  return options;
}

std::vector<uint32_t> plannedCuts(const Workload &workload, const PlanOptions &options) {
  return cutsOf(valueOf(planComponents(workload, options)));
}

TEST(Planner, FewestThenSmallestMaximum) {
  // Filling would give 5+4+1 and 1+6.
  EXPECT_THAT(plannedCuts(chain({5, 4, 1, 1, 6}), oneBudget(11)), ElementsAre(2));
}

TEST(Planner, FewestCrossingBytesAmongEquals) {
  Workload workload = chain({4, 0, 0, 4});
  workload.values[0].bytes = 7;
  workload.values[1].bytes = 3;
  workload.values[2].bytes = 5;
  EXPECT_THAT(plannedCuts(workload, oneBudget(4)), ElementsAre(2));
  workload.values[1].bytes = 5;
  EXPECT_THAT(plannedCuts(workload, oneBudget(4)), ElementsAre(2)) << "the earliest of equals";
}

TEST(Planner, ATiedWeightCountsOnceInAComponentAndIsRepeatedInOthers) {
  Workload workload = chain({6, 2, 2, 2});
  workload.units[3].weights.push_back(0); // the head uses the embeddings
  EXPECT_THAT(plannedCuts(workload, oneBudget(12)), IsEmpty());

  const Plan plan = valueOf(planComponents(workload, oneBudget(10)));
  ASSERT_EQ(plan.components.size(), 2u);
  EXPECT_EQ(plan.components[0].weightBytes, 8u);
  EXPECT_EQ(plan.components[0].repeatedWeightBytes, 0u);
  EXPECT_EQ(plan.components[1].weightBytes, 10u);
  EXPECT_EQ(plan.components[1].repeatedWeightBytes, 6u);
}

TEST(Planner, AValueCountsForEachComponentThatUsesItAndForNoOther) {
  Workload workload = chain({1, 1, 1, 1}, 0);
  workload.values[0].bytes = 10;
  workload.units[3].inputs.push_back(0);
  const Plan plan = valueOf(planComponents(workload, oneBudget(1)));
  ASSERT_EQ(plan.components.size(), 4u);
  EXPECT_EQ(plan.components[1].receivedBytes, 10u);
  EXPECT_EQ(plan.components[2].receivedBytes, 0u) << "it does not pass through";
  EXPECT_EQ(plan.components[3].receivedBytes, 10u);
  EXPECT_EQ(plan.crossingBytes(), 20u);
}

TEST(Planner, CachesAddUpAndTheLargestActivationCounts) {
  Workload workload = chain({1, 1, 1});
  for (Unit &unit : workload.units) {
    unit.cacheBytes = 10;
    unit.activationBytes = 100;
  }
  workload.units[1].activationBytes = 200;
  const Plan plan = valueOf(planComponents(workload, oneBudget(233)));
  ASSERT_EQ(plan.components.size(), 1u);
  EXPECT_EQ(plan.largestBytes(), 233u);
  EXPECT_EQ(plan.components[0].cacheBytes, 30u);
  EXPECT_EQ(plan.components[0].activationBytes, 200u);
  EXPECT_EQ(valueOf(planComponents(workload, oneBudget(232))).components.size(), 2u);
}

TEST(Planner, LayerBoundariesAreGivenUpOnlyForFewerComponents) {
  Workload workload = chain({3, 3, 3, 3, 3, 3});
  for (uint32_t unit : {1, 2, 4, 5})
    workload.units[unit].startsLayer = false;
  EXPECT_THAT(plannedCuts(workload, oneBudget(9)), ElementsAre(3));
  // Two layers of nine bytes; eleven need a cut in each. Twelve: 12 + 6 is no better than 9 + 9.
  workload.weightBytes = {3, 3, 3, 3, 3, 2};
  EXPECT_THAT(plannedCuts(workload, oneBudget(12)), ElementsAre(3));
  EXPECT_THAT(plannedCuts(workload, oneBudget(6)), ElementsAre(2, 4));
  PlanOptions options = oneBudget(6);
  options.cutPlaces = CutPlaces::LayerBoundaries;
  EXPECT_THAT(errorOf(planComponents(workload, options)),
              HasSubstr("'u0' to 'u2' (no layer boundary between them) needs 9 B"));
}

TEST(Planner, DevicesAreUsedInOrderAndTheLastMayBeLeftOver) {
  const Plan plan = valueOf(planComponents(chain({5, 5, 15}), budgets({10, 20, 99})));
  EXPECT_THAT(cutsOf(plan), ElementsAre(2));
  EXPECT_EQ(plan.components[1].device, 1u);
  // Filling the first device would leave nothing for the second.
  EXPECT_THAT(plannedCuts(chain({5, 5, 15}), budgets({10, 5, 20})), ElementsAre(1, 2));
}

TEST(Planner, BalancedUsesAsManyAsWanted) {
  EXPECT_THAT(plannedCuts(chain({1, 1, 1, 1, 1, 1}), intoComponents(3)), ElementsAre(2, 4));
  EXPECT_THAT(plannedCuts(chain({0, 0, 0}), intoComponents(3)), ElementsAre(1, 2));
  EXPECT_THAT(errorOf(planComponents(chain({1, 1}), intoComponents(3))),
              HasSubstr("the model has 2 units, which cannot be divided into 3 components"));
  PlanOptions options = budgets({9, 9, 9});
  options.objective = Objective::Balanced;
  EXPECT_THAT(plannedCuts(chain({1, 1, 1, 1, 1, 1}), options), ElementsAre(2, 4));
}

TEST(Planner, LatencyWeighsDevicesAndTransfers) {
  Workload workload = chain({0, 0, 0, 0}, 0);
  for (Unit &unit : workload.units)
    unit.flops = 1000;
  PlanOptions options = budgets({Unlimited, Unlimited});
  options.objective = Objective::Latency;
  options.devices[0].flops = 3e9; // three times as fast
  options.devices[1].flops = 1e9;
  options.devices[0].bandwidth = options.devices[1].bandwidth = 1e9;
  const Plan plan = valueOf(planComponents(workload, options));
  EXPECT_THAT(cutsOf(plan), ElementsAre(3));
  EXPECT_EQ(plan.slowestPicoseconds(), 1'000'002u) << "thirds of a picosecond are rounded up";
  EXPECT_EQ(plan.components[0].bound, Bound::Compute);

  for (Value &value : workload.values)
    value.bytes = 1000; // sending takes as long as computing
  EXPECT_THAT(plannedCuts(workload, options), IsEmpty());
  options.devices[0].memory = 0;
  workload.weightBytes[1] = 1;
  const Plan forced = valueOf(planComponents(workload, options));
  EXPECT_THAT(cutsOf(forced), ElementsAre(1));
  EXPECT_EQ(forced.components[1].picoseconds, 4'000'000u);
  EXPECT_EQ(forced.components[1].receivedBytes, 1000u);
}

TEST(Planner, WhatBoundsAComponent) {
  Workload workload = chain({0, 0}, 500);
  workload.units[0].flops = 10;
  workload.units[0].trafficBytes = 100;
  workload.units[1].flops = 400;
  const std::vector<Device> devices{{"", Unlimited, 1e9, 1e9}};
  const Plan plan = valueOf(describeCuts(workload, {1}, devices));
  EXPECT_EQ(plan.components[0].bound, Bound::Memory);
  EXPECT_EQ(plan.components[0].picoseconds, 100'000u);
  EXPECT_EQ(plan.components[1].bound, Bound::Transfer);
  EXPECT_EQ(plan.components[1].picoseconds, 900'000u);
  EXPECT_EQ(valueOf(describeCuts(workload, {1}, {})).components[1].bound, Bound::Unknown);
  EXPECT_THAT(errorOf(describeCuts(workload, {2}, {})), HasSubstr("do not ascend"));
  EXPECT_THAT(errorOf(describeCuts(workload, {0}, {})), HasSubstr("do not ascend"));
}

TEST(Planner, NamesTheUnitThatDoesNotFit) {
  Workload workload = chain({10, 2'000'000'001, 30});
  EXPECT_EQ(errorOf(planComponents(workload, oneBudget(2'000'000'000))),
            "'u1' needs 2000000001 B, more than the budget of 2000000000 B; raise it to "
            "2000000001 or more");
  workload.units[1].cacheBytes = 1'000'000;
  EXPECT_EQ(errorOf(planComponents(workload, budgets({1'000'000'000, 500'000'000}))),
            "'u1' needs 2.00 GB (weights 2.00 GB, caches 1.00 MB, activations 0 B), more than the "
            "largest budget of 1.00 GB; raise it to 2001000001 or more");
}

TEST(Planner, SaysWhatIsLeftOver) {
  EXPECT_EQ(errorOf(planComponents(chain({10, 10, 10, 5}), budgets({10, 15}))),
            "no room is left for 'u2', which needs 10 B: 2 components of 25 B in all leave 15 B of "
            "weights and caches over; raise a budget, or add a device");
  PlanOptions options = oneBudget(10);
  options.components = 2;
  EXPECT_THAT(errorOf(planComponents(chain({10, 10, 10}), options)),
              HasSubstr("no room is left for 'u2', which needs 10 B: 2 components of 20 B"));
}

TEST(Planner, SaysWhenTheOrderOfDevicesIsWrong) {
  EXPECT_THAT(errorOf(planComponents(chain({10, 5}), budgets({5, 20}))),
              HasSubstr("'u0' needs 10 B and does not fit on 'gpu0', whose turn it is"));
  EXPECT_THAT(errorOf(planComponents(chain({10, 10, 5}), budgets({15, 5, 20}))),
              HasSubstr("'u1' needs 10 B and does not fit on 'gpu1', whose turn it is"));
  PlanOptions options = budgets({20, 5});
  options.objective = Objective::Balanced;
  EXPECT_THAT(errorOf(planComponents(chain({10, 10}), options)),
              HasSubstr("no division into 2 components keeps to the budgets"));
}

TEST(Planner, RefusesOptionsThatMakeNoSense) {
  const Workload workload = chain({1});
  EXPECT_THAT(errorOf(planComponents(workload, {})), HasSubstr("needs a device"));
  PlanOptions options = budgets({1, 2});
  options.repeatDevice = true;
  EXPECT_THAT(errorOf(planComponents(workload, options)), HasSubstr("only one device"));
  options = budgets({1, 2});
  options.objective = Objective::Balanced;
  options.components = 3;
  EXPECT_THAT(errorOf(planComponents(workload, options)), HasSubstr("as many devices"));
  options = budgets({1, 2});
  options.objective = Objective::Latency;
  EXPECT_THAT(errorOf(planComponents(workload, options)),
              HasSubstr("'gpu0' needs its flops and its bandwidth"));
  options = oneBudget(1);
  options.objective = Objective::Latency;
  EXPECT_THAT(errorOf(planComponents(workload, options)), HasSubstr("must be known"));
}

TEST(Planner, RefusesWrongWorkloads) {
  Workload workload = chain({1, 1});
  workload.units[0].inputs = {1};
  EXPECT_THAT(errorOf(planComponents(workload, oneBudget(9))),
              HasSubstr("'u0' uses a result of 'u1', which comes later"));
  workload.units[0].inputs = {2};
  EXPECT_THAT(errorOf(planComponents(workload, oneBudget(9))), HasSubstr("uses value 2"));
  workload = chain({1, 1});
  workload.units[1].weights = {7};
  EXPECT_THAT(errorOf(planComponents(workload, oneBudget(9))), HasSubstr("uses weight 7"));
  workload = chain({1, 1});
  workload.values[0].producer = 2;
  EXPECT_THAT(errorOf(planComponents(workload, oneBudget(9))), HasSubstr("produced by unit 2"));
}

TEST(Planner, NothingAndAlmostNothing) {
  EXPECT_THAT(valueOf(planComponents({}, oneBudget(0))).components, IsEmpty());
  EXPECT_EQ(valueOf(planComponents(chain({0}), oneBudget(0))).components.size(), 1u);
  EXPECT_EQ(valueOf(planComponents(chain({0, 0, 0}), oneBudget(0))).components.size(), 1u);
  EXPECT_EQ(valueOf(planComponents(chain({7}), oneBudget(7))).components.size(), 1u);
}

TEST(Planner, HugeSizesDoNotOverflow) {
  constexpr uint64_t Huge = uint64_t(1) << 63;
  const Workload workload = chain({Huge - 1, Huge - 1}, uint64_t(1) << 60);
  EXPECT_THAT(plannedCuts(workload, oneBudget(Huge - 1)), ElementsAre(1));
  EXPECT_THAT(plannedCuts(workload, oneBudget(Unlimited - 2)), ElementsAre(1));
  EXPECT_THAT(plannedCuts(workload, oneBudget(Unlimited - 1)), IsEmpty());
  EXPECT_THAT(errorOf(planComponents(chain({Huge, Huge}), oneBudget(Huge))),
              HasSubstr("more than 64 bits"));
  EXPECT_THAT(errorOf(planComponents(chain({1, 1}, uint64_t(1) << 61), oneBudget(Huge))),
              HasSubstr("more than 61 bits"));

  PlanOptions options = budgets({Unlimited});
  options.objective = Objective::Latency;
  options.devices[0].flops = options.devices[0].bandwidth = 1e-9;
  Workload slow = chain({1, 1});
  slow.units[0].flops = 1000;
  EXPECT_THAT(errorOf(planComponents(slow, options)), HasSubstr("would run for weeks"));
}

} // namespace
