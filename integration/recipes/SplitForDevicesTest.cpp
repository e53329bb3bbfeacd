// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Devices of their own size and speed, and budgets that a run's memory counts in.

#include "SplitByMemoryRun.h"

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

namespace {

/// llama-dynamo: 4 layers of 172.5 KB, a table and a head of 65.5 KB each.
class SplitForDevicesTest : public SplitByMemoryRun {
protected:
  ProcessResult splitFor(const std::string &options) const {
    return splitAndVerify(model, options);
  }
  ProcessResult planFor(const std::string &options) const { return plan(model, options); }

  std::vector<std::string> devices() const {
    std::vector<std::string> names;
    for (const Manifest::Component &component : manifestOf(folder.path("out")).components)
      names.push_back(component.device.value_or("(none)"));
    return names;
  }
  std::vector<uint64_t> budgets() const {
    std::vector<uint64_t> bytes;
    for (const Manifest::Component &component : manifestOf(folder.path("out")).components)
      bytes.push_back(component.budgetBytes.value_or(0));
    return bytes;
  }
  uint64_t largestComponent() const {
    uint64_t largest = 0;
    for (const Manifest::Component &component : manifestOf(folder.path("out")).components)
      largest = std::max(largest, component.weightBytes);
    return largest;
  }

  const std::string model = fixture("onnx/llama-dynamo.onnx");
};

TEST_F(SplitForDevicesTest, eachComponentIsWithinTheBudgetOfItsDevice) {
  const ProcessResult run =
      splitFor("devices: [{name: gpu, memory: 400KB}, {name: npu, memory: 200KB}, {memory: 1MB}]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.out, AllOf(HasSubstr("gpu"), HasSubstr("bit-equal")));
  EXPECT_THAT(devices(), ElementsAre("gpu", "npu", "device 2"));
  EXPECT_THAT(budgets(), ElementsAre(400'000, 200'000, 1'000'000));
  expectWithinBudgets(folder.path("out"));
}

TEST_F(SplitForDevicesTest, theLastDevicesMayBeLeftOver) {
  const ProcessResult run =
      splitFor("devices: [{name: a, memory: 500KB}, {name: b, memory: 500KB}, {name: c}]");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(devices(), ElementsAre("a", "b"));
  EXPECT_THAT(run.err, HasSubstr("'c' is not needed"));
}

TEST_F(SplitForDevicesTest, balancedUsesEveryDevice) {
  const std::string devicesOfOneMegabyte =
      "devices: [{name: a, memory: 1MB}, {name: b, memory: 1MB}, {name: c, memory: 1MB}]";
  ASSERT_EQ(splitFor(devicesOfOneMegabyte).exitCode, 0);
  EXPECT_THAT(devices(), ElementsAre("a"));
  ASSERT_EQ(splitFor(devicesOfOneMegabyte + ", objective: balanced").exitCode, 0);
  EXPECT_THAT(devices(), ElementsAre("a", "b", "c"));
  EXPECT_LT(largestComponent(), 350'000u) << "two layers; the others have one and a table each";
}

TEST_F(SplitForDevicesTest, withoutMemoryThereIsNoBudget) {
  ASSERT_EQ(splitFor("devices: [{}, {name: b, memory: 2MB}], objective: balanced").exitCode, 0);
  EXPECT_THAT(devices(), ElementsAre("device 0", "b"));
  EXPECT_THAT(budgets(), ElementsAre(0, 2'000'000));
}

TEST_F(SplitForDevicesTest, latencyGivesTheFastDeviceMore) {
  auto weightsOfFirst = [&](const char *first, const char *second) {
    const ProcessResult run =
        splitFor(std::string("objective: latency, devices: [{") + first + "}, {" + second + "}]");
    EXPECT_EQ(run.exitCode, 0) << run.err;
    EXPECT_THAT(run.out, AllOf(HasSubstr("bound by"), HasSubstr("bit-equal")));
    EXPECT_THAT(run.err, HasSubstr("the slowest component takes"));
    return manifestOf(folder.path("out")).components.front().weightBytes;
  };
  const char *fast = "flops: 4T, bandwidth: 400GB/s", *slow = "flops: 1T, bandwidth: 100GB";
  EXPECT_GT(weightsOfFirst(fast, slow), weightsOfFirst(slow, fast));
  // A link that takes longer than the model runs: no cut is worth it.
  weightsOfFirst(fast, "flops: 4T, bandwidth: 1MB");
  EXPECT_EQ(devices().size(), 1u);
}

TEST_F(SplitForDevicesTest, devicesThatAreTooSmall) {
  const ProcessResult each = planFor("devices: [{memory: 40KB}, {memory: 60KB}]");
  EXPECT_EQ(each.exitCode, 1);
  EXPECT_THAT(each.err, HasSubstr("'model.embed_tokens' needs 65.5 KB, more than the largest "
                                  "budget of 60.0 KB; raise it to 65536 or more"));
  const ProcessResult all = planFor("devices: [{memory: 400KB}, {memory: 300KB}]");
  EXPECT_EQ(all.exitCode, 1);
  EXPECT_THAT(all.err, AllOf(HasSubstr("no room is left for 'model.layers.3."),
                             HasSubstr("raise a budget, or add a device")));
  const ProcessResult order = planFor("devices: [{memory: 40KB}, {memory: 1MB}]");
  EXPECT_EQ(order.exitCode, 1);
  EXPECT_THAT(order.err, AllOf(HasSubstr("'model.embed_tokens'"), HasSubstr("change the order")));
  EXPECT_EQ(planFor("devices: [{memory: 1MB}, {memory: 40KB}]").exitCode, 0);
}

/// 512 positions of 2 heads of 16 numbers, keys and values, in single precision: 131 KB a layer.
TEST_F(SplitForDevicesTest, cachesCountInTheBudgetsOfARun) {
  const std::string withCache = fixture("onnx/llama-kv-optimum.onnx");
  const ProcessResult weights = plan(withCache, "memory: 500KB");
  EXPECT_EQ(statistic(weights, "components"), 2u);
  EXPECT_LE(statistic(weights, "largest-component"), 500'000u);
  EXPECT_THAT(weights.err, HasSubstr("weights alone count in the budgets"));

  const ProcessResult run = splitAndVerify(withCache, "memory: 500KB, context: 511");
  ASSERT_EQ(run.exitCode, 0) << run.err;
  EXPECT_THAT(run.err, HasSubstr("KV cache and activations count in the budgets"));
  expectWithinBudgets(folder.path("out"));
  EXPECT_GT(manifestOf(folder.path("out")).components.size(), 2u);
  EXPECT_LE(statistic(run, "largest-component"), 500'000u);
  EXPECT_EQ(plan(withCache, "memory: 150KB, context: 4096").exitCode, 1);
}

struct WrongOptions {
  const char *name, *options, *place, *message;
};

class WrongDevicesTest : public SplitForDevicesTest,
                         public testing::WithParamInterface<WrongOptions> {};

/// The recipe's fourth line has 22 characters before the options: "  - split-by-memory: {".
TEST_P(WrongDevicesTest, isAnErrorAtItsPlace) {
  const ProcessResult run = planFor(GetParam().options);
  EXPECT_EQ(run.exitCode, 2);
  EXPECT_THAT(run.err,
              AllOf(HasSubstr(std::string("recipe.yaml:4:") + GetParam().place + ": error: "),
                    HasSubstr(GetParam().message)));
  EXPECT_THAT(run.err, Not(HasSubstr("capture:"))) << "no pass has run";
}

const char *const EitherOr = "needs either `memory`, the budget of each component, or `devices`";
const char *const Rates = "latency needs `devices` with their `flops` and `bandwidth`";
const char *const OwnName = "each device needs a name of its own";
const char *const Rate = "must be a number above 0";

INSTANTIATE_TEST_SUITE_P(
    Options, WrongDevicesTest,
    testing::Values(
        WrongOptions{"neither", "objective: balanced", "5", EitherOr},
        WrongOptions{"noDevice", "devices: []", "5", EitherOr},
        WrongOptions{"both", "memory: 1GB, devices: [{memory: 1GB}]", "31", EitherOr},
        WrongOptions{"unit", "memory: 2GX", "31", "'2GX' is not a size"},
        WrongOptions{"bits", "memory: 2Gb", "31", "'memory' must be a size"},
        WrongOptions{"negative", "memory: -1", "31", "'-1' is not a size"},
        WrongOptions{"zero", "memory: 0", "31", "must be at least 1"},
        WrongOptions{"overflow", "memory: 99999999999GB", "31", "more than 64 bits can count"},
        WrongOptions{"deviceSize", "devices: [{memory: 1GB}, {memory: lots}]", "57",
                     "'lots' is not a size"},
        WrongOptions{"noFlops", "devices: [{flops: 1Q}]", "41", Rate},
        WrongOptions{"noBandwidth", "devices: [{bandwidth: 0GB}]", "45", Rate},
        WrongOptions{"noName", "devices: [{name: ''}]", "40", "must not be empty"},
        WrongOptions{"sameName", "devices: [{name: a}, {name: a}]", "32", OwnName},
        WrongOptions{"nameOfAnother", "devices: [{name: device 1}, {}]", "32", OwnName},
        WrongOptions{"misspelt", "devices: [{memroy: 1GB}]", "34", "did you mean 'memory'?"},
        WrongOptions{"noList", "devices: {memory: 1GB}", "32", "must be a list"},
        WrongOptions{"objective", "memory: 1GB, objective: speed", "47", "not 'speed'"},
        WrongOptions{"latencyOfMemory", "memory: 1GB, objective: latency", "47", Rates},
        WrongOptions{"latencyWithoutRates", "devices: [{flops: 1T}], objective: latency", "58",
                     Rates},
        WrongOptions{"recompute", "memory: 1GB, recompute: maybe", "47", "not 'maybe'"},
        WrongOptions{"batch", "memory: 1GB, batch: 0", "43", "between 1 and"}),
    [](const auto &each) { return each.param.name; });

} // namespace
