// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What a user sees of a plan.

#include "PlanTable.h"

#include "gmock/gmock.h"

using namespace optrun;
using testing::HasSubstr;
using testing::Not;

namespace {

std::string print(const PlannedSplit &split) {
  std::string text;
  llvm::raw_string_ostream os(text);
  makePlanTable(split).print(os);
  return text;
}

/// Two components of 1 and 2 MB in budgets of 4 MB.
PlannedSplit makeSplit() {
  PlannedSplit split;
  split.plan.parts.resize(2);
  split.figures.components.resize(2);
  split.ranges = {"embed … layers.1", "layers.2 … head"};
  for (uint32_t i = 0; i < 2; ++i) {
    SplitPlan::Part &part = split.plan.parts[i];
    part.component = "split_" + std::to_string(i);
    part.plannedBytes = (i + 1) * 1'000'000;
    part.budgetBytes = 4'000'000;
    planning::PlannedComponent &figures = split.figures.components[i];
    figures.weightBytes = part.plannedBytes;
    figures.activationBytes = 500'000;
    figures.flops = 3'000'000;
    figures.trafficBytes = 1'500'000;
  }
  return split;
}

TEST(PlanTable, SaysHowFullComponentsAre) {
  EXPECT_EQ(print(makeSplit()),
            R"(component  weights  activations   budget  full   FLOPs  FLOPs/byte  received  runs
---------  -------  -----------  -------  ----  ------  ----------  --------  ----------------
split_0    1.00 MB       500 KB  4.00 MB   25%  3.00 M        2.00       0 B  embed … layers.1
split_1    2.00 MB       500 KB  4.00 MB   50%  3.00 M        2.00       0 B  layers.2 … head
---------  -------  -----------  -------  ----  ------  ----------  --------  ----------------
total      3.00 MB                              6.00 M        2.00       0 B
)");
}

TEST(PlanTable, CountsTheRunWhereTheBudgetDoes) {
  PlannedSplit split = makeSplit();
  split.countsRun = true;
  split.figures.components[0].cacheBytes = 500'000;
  EXPECT_THAT(print(split), AllOf(HasSubstr("KV cache"), HasSubstr(" 50%"), HasSubstr(" 62%")));
}

TEST(PlanTable, HasTimesOfDevicesWithRates) {
  PlannedSplit split = makeSplit();
  EXPECT_THAT(print(split), Not(AnyOf(HasSubstr("time"), HasSubstr("device"))));
  split.plan.parts[0].device = "npu";
  split.figures.components[0].picoseconds = 2'000'000;
  split.figures.components[0].bound = planning::Bound::Memory;
  EXPECT_THAT(print(split), AllOf(HasSubstr("npu"), HasSubstr("2.00 us"), HasSubstr("memory")));
}

TEST(PlanTable, ShowsWhatIsSetAside) {
  PlannedSplit split = makeSplit();
  split.figures.components[1].weightBytes += 1'000'000;
  EXPECT_THAT(print(split), AllOf(HasSubstr("reserved"), HasSubstr(" 75%")));
  for (planning::PlannedComponent &component : split.figures.components)
    component.weightBytes = ~uint64_t{0}; // as a cost model may claim
  EXPECT_THAT(print(split), HasSubstr("total      3.00 MB   18.4 EB"));
}

TEST(PlanTable, HasNoTotalsOfOneComponentAndNoBudgetWithoutOne) {
  PlannedSplit split = makeSplit();
  split.plan.parts.resize(1);
  split.figures.components.resize(1);
  split.plan.parts[0].budgetBytes.reset();
  EXPECT_THAT(print(split), Not(AnyOf(HasSubstr("total"), HasSubstr("budget"), HasSubstr("full"))));
}

} // namespace
