// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Plans of thousands of random workloads are the best of all divisions, to the byte, the
/// picosecond and the cut.

#include "BruteForce.h"
#include "gmock/gmock.h"

using namespace optrun::planning;

namespace {

constexpr uint32_t MostUnits = 9;

class Exactness : public testing::TestWithParam<CutPlaces> {
protected:
  /// How often there is a plan, so that a test knows what it has tested.
  uint32_t plans = 0, errors = 0;

  /// Compares plans of random workloads, each with the options that \p choose makes for it.
  void compareMany(uint32_t count,
                   llvm::function_ref<PlanOptions(std::mt19937 &, const Workload &)> choose) {
    for (uint32_t seed = 0; seed < count && !HasFailure(); ++seed) {
      std::mt19937 random(seed);
      const Workload workload = randomWorkload(random, MostUnits);
      compare(workload, choose(random, workload), seed);
    }
    EXPECT_GT(plans, 800u);
    EXPECT_GT(errors, 100u);
  }

  void compare(const Workload &workload, const PlanOptions &options, uint32_t seed) {
    const std::optional<Judged> best = bestOfAll(workload, options);
    llvm::Expected<Plan> plan = planComponents(workload, options);
    if (!plan) {
      ++errors;
      const std::string message = llvm::toString(plan.takeError());
      EXPECT_FALSE(best) << "seed " << seed << ": " << message;
      return;
    }
    ++plans;
    ASSERT_TRUE(best) << "seed " << seed;
    EXPECT_EQ(criteriaOf(*plan, options.objective), best->criteria) << "seed " << seed;
    EXPECT_EQ(cutsOf(*plan), best->cuts) << "seed " << seed;
  }
};

INSTANTIATE_TEST_SUITE_P(Cuts, Exactness,
                         testing::Values(CutPlaces::Anywhere, CutPlaces::LayerBoundaries,
                                         CutPlaces::PreferLayerBoundaries));

TEST_P(Exactness, FewestWithOneBudget) {
  compareMany(2000, [](std::mt19937 &random, const Workload &workload) {
    PlanOptions options{Objective::Fewest, GetParam(), randomDevices(random, workload, 1)};
    options.repeatDevice = true;
    options.components = random() % 4 == 0 ? 1 + random() % 3 : 0;
    return options;
  });
}

TEST_P(Exactness, FewestWithABudgetForEachDevice) {
  compareMany(3000, [](std::mt19937 &random, const Workload &workload) {
    return PlanOptions{Objective::Fewest, GetParam(),
                       randomDevices(random, workload, 1 + random() % 5)};
  });
}

TEST_P(Exactness, Balanced) {
  compareMany(3000, [](std::mt19937 &random, const Workload &workload) {
    PlanOptions options{Objective::Balanced, GetParam(), {}};
    options.repeatDevice = random() % 2;
    options.devices = randomDevices(random, workload, options.repeatDevice ? 1 : 1 + random() % 5);
    if (options.repeatDevice) {
      options.components = 1 + random() % 5;
      if (random() % 2)
        options.devices[0].memory = Device().memory;
    }
    return options;
  });
}

TEST_P(Exactness, Latency) {
  compareMany(3000, [](std::mt19937 &random, const Workload &workload) {
    PlanOptions options{Objective::Latency, GetParam(), {}};
    options.repeatDevice = random() % 4 == 0;
    options.devices = randomDevices(random, workload, options.repeatDevice ? 1 : 1 + random() % 5);
    options.components = options.repeatDevice ? 1 + random() % 5 : 0;
    if (random() % 2)
      for (Device &device : options.devices)
        device.memory = Device().memory;
    return options;
  });
}

TEST(ExactnessOfLargerWorkloads, AgainstPlainDynamicProgramming) {
  uint32_t plans = 0;
  for (uint32_t seed = 0; seed < 300 && !testing::Test::HasFailure(); ++seed) {
    std::mt19937 random(seed);
    const Workload workload = randomWorkload(random, 40);
    PlanOptions options{static_cast<Objective>(seed % 3), CutPlaces::Anywhere, {}};
    options.repeatDevice = random() % 2;
    options.devices = randomDevices(random, workload, options.repeatDevice ? 1 : 2 + random() % 5);
    if (options.repeatDevice || options.objective == Objective::Balanced)
      options.components =
          options.repeatDevice ? 1 + random() % 8 : static_cast<uint32_t>(options.devices.size());
    const std::optional<std::vector<uint64_t>> best = bestByPlainProgramming(workload, options);
    llvm::Expected<Plan> plan = planComponents(workload, options);
    ASSERT_EQ(bool(plan), best.has_value()) << "seed " << seed;
    if (plan) {
      ++plans;
      EXPECT_EQ(criteriaOf(*plan, options.objective), *best) << "seed " << seed;
    } else {
      llvm::consumeError(plan.takeError());
    }
  }
  EXPECT_GT(plans, 100u);
}

} // namespace
