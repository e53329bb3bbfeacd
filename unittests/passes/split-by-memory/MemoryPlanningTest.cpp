// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Where split-by-memory cuts, and what it says about it.

#include "MemoryPlanning.h"

#include "DecoderModel.h"
#include "TestSupport/ChainChecks.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using planning::Objective;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

namespace {

/// The ones of the mask, which each component has that computes it, and the axis before.
constexpr uint64_t MaskBytes = 4 * sizeof(float) + sizeof(int64_t);
constexpr uint64_t OnesBytes = 4 * sizeof(float);

SplitByMemoryOptions withMemory(uint64_t bytes) {
  SplitByMemoryOptions options;
  options.memory = ByteSize{bytes};
  return options;
}

DeviceOptions device(uint64_t memory, const char *flops = nullptr,
                     const char *bandwidth = nullptr) {
  DeviceOptions device;
  device.memory = ByteSize{memory};
  if (flops)
    device.flops = flops;
  if (bandwidth)
    device.bandwidth = bandwidth;
  return device;
}

llvm::Expected<PlannedSplit> plan(const ir::Component &component,
                                  const SplitByMemoryOptions &options,
                                  llvm::ArrayRef<ModuleCost> sizes = {}) {
  return planSplit(component, valueOf(Dataflow::build(component.graph)), options, sizes);
}

std::vector<uint64_t> plannedBytes(const PlannedSplit &split) {
  std::vector<uint64_t> bytes;
  for (const SplitPlan::Part &part : split.plan.parts)
    bytes.push_back(part.plannedBytes);
  return bytes;
}

/// What components hold after the cut; also checks that they are the model.
std::vector<uint64_t> realisedBytes(const ir::Component &component, const PlannedSplit &split) {
  const Chain chain =
      valueOf(cutComponent(component, split.partition, split.plan.componentNames()));
  EXPECT_TRUE(chainIsComplete(component, chain, split.partition.recomputed));
  std::vector<uint64_t> bytes;
  for (const std::unique_ptr<ir::Component> &part : chain)
    bytes.push_back(ir::weightBytes(*part));
  return bytes;
}

TEST(MemoryPlanning, LeavesAModelWholeThatFits) {
  auto decoder = makeDecoder(2);
  const PlannedSplit split = valueOf(plan(*decoder, withMemory(ir::weightBytes(*decoder))));
  EXPECT_THAT(plannedBytes(split), ElementsAre(ir::weightBytes(*decoder)));
  EXPECT_EQ(split.plan.parts[0].component, "model");
}

TEST(MemoryPlanning, TakesTheFewestComponentsAndCutsBetweenLayers) {
  auto decoder = makeDecoder(4);
  // Ten modules: five in each would do, but the layer boundaries are at 1 + 2 i.
  const PlannedSplit split = valueOf(plan(*decoder, withMemory(6 * ModuleBytes)));
  EXPECT_THAT(split.ranges, ElementsAre("embed … layers.1.down", "layers.2.up … head"));
  EXPECT_EQ(plannedBytes(split), realisedBytes(*decoder, split));
}

TEST(MemoryPlanning, CutsInsideOfLayersWhereThatTakesFewerComponents) {
  auto decoder = makeDecoder(2);
  // Six modules. Whole layers need three components of 4 modules: 3, 2, 1 do not fit into 3 + 3.
  const PlannedSplit split = valueOf(plan(*decoder, withMemory(3 * ModuleBytes + MaskBytes)));
  EXPECT_EQ(split.plan.parts.size(), 2u);
  const PlannedSplit tight = valueOf(plan(*decoder, withMemory(2 * ModuleBytes + MaskBytes)));
  EXPECT_THAT(tight.ranges, ElementsAre("embed … layers.0.up", "layers.0.down … layers.1.up",
                                        "layers.1.down … head"));
  EXPECT_EQ(plannedBytes(tight), realisedBytes(*decoder, tight));
}

TEST(MemoryPlanning, NamesTheModuleThatDoesNotFit) {
  auto decoder = makeDecoder(2);
  EXPECT_THAT(errorOf(plan(*decoder, withMemory(ModuleBytes + OnesBytes - 1))),
              AllOf(HasSubstr("'layers.0.down'"), HasSubstr("144 B"), HasSubstr("143 B")));
}

TEST(MemoryPlanning, CountsATiedWeightInEachComponentThatUsesIt) {
  auto decoder = makeDecoder(2, /*isTied=*/true);
  const PlannedSplit split = valueOf(plan(*decoder, withMemory(3 * ModuleBytes + MaskBytes)));
  ASSERT_EQ(split.plan.parts.size(), 2u);
  EXPECT_EQ(plannedBytes(split), realisedBytes(*decoder, split));
  uint64_t sum = 0, repeated = 0;
  for (uint32_t i = 0; i < 2; ++i) {
    EXPECT_LE(split.plan.parts[i].plannedBytes, split.plan.parts[i].budgetBytes);
    sum += split.plan.parts[i].plannedBytes;
    repeated += split.figures.components[i].repeatedWeightBytes;
  }
  EXPECT_EQ(repeated, ModuleBytes + OnesBytes);
  EXPECT_EQ(sum - repeated, ir::weightBytes(*decoder));
}

TEST(MemoryPlanning, RecomputesMasksWhereThatHandsOnLess) {
  auto decoder = makeDecoder(2);
  SplitByMemoryOptions options = withMemory(4 * ModuleBytes);
  options.batch = 1;
  options.sequence = 3;
  options.memory = ByteSize{4 * ModuleBytes + 500}; // activations
  const uint64_t smaller = valueOf(plan(*decoder, options)).figures.crossingBytes();
  options.recompute = Recompute::Never;
  const uint64_t never = valueOf(plan(*decoder, options)).figures.crossingBytes();
  // Of each token 16 bytes of the residual, and 16 of the mask or 4 of what it is made of.
  EXPECT_EQ(smaller, 3u * (16 + 4));
  EXPECT_EQ(never, 3u * (16 + 16));
}

TEST(MemoryPlanning, CountsARunOnlyWhenItIsGiven) {
  auto decoder = makeDecoder(2);
  SplitByMemoryOptions options = withMemory(ir::weightBytes(*decoder));
  EXPECT_EQ(valueOf(plan(*decoder, options)).plan.parts.size(), 1u);
  options.sequence = 4;
  const PlannedSplit split = valueOf(plan(*decoder, options));
  EXPECT_GT(split.plan.parts.size(), 1u);
  for (uint32_t i = 0; i < split.plan.parts.size(); ++i) {
    EXPECT_LE(split.figures.components[i].memoryBytes(), options.memory->bytes);
    EXPECT_EQ(split.countedBytes(i), split.figures.components[i].memoryBytes());
  }
  options.batch = 64;
  EXPECT_THAT(errorOf(plan(*decoder, options)), HasSubstr("activations"));
}

TEST(MemoryPlanning, UsesDevicesInTheirOrder) {
  auto decoder = makeDecoder(2);
  SplitByMemoryOptions options;
  options.devices = {device(2 * ModuleBytes), device(10 * ModuleBytes), device(1)};
  options.devices[0].name = "npu";
  const PlannedSplit split = valueOf(plan(*decoder, options));
  ASSERT_EQ(split.plan.parts.size(), 2u);
  EXPECT_EQ(split.plan.parts[0].device, "npu");
  EXPECT_EQ(split.plan.parts[0].budgetBytes, 2 * ModuleBytes);
  EXPECT_EQ(split.plan.parts[1].device, "device 1");
  EXPECT_THAT(split.remarks, Contains("'device 2' is not needed"));

  options.devices = {device(2 * ModuleBytes), device(2 * ModuleBytes)};
  EXPECT_THAT(errorOf(plan(*decoder, options)), HasSubstr("add a device"));
}

TEST(MemoryPlanning, BalancesOverAllDevices) {
  auto decoder = makeDecoder(4);
  SplitByMemoryOptions options;
  options.devices.assign(5, device(100 * ModuleBytes));
  EXPECT_EQ(valueOf(plan(*decoder, options)).plan.parts.size(), 1u);
  options.objective = Objective::Balanced;
  const PlannedSplit split = valueOf(plan(*decoder, options));
  EXPECT_EQ(split.plan.parts.size(), 5u);
  EXPECT_THAT(split.ranges, ElementsAre("embed … mask", "layers.0.up … layers.0.down",
                                        "layers.1.up … layers.1.down",
                                        "layers.2.up … layers.2.down", "layers.3.up … head"));
}

TEST(MemoryPlanning, GivesFastDevicesMoreToDo) {
  auto decoder = makeDecoder(8);
  SplitByMemoryOptions options;
  options.objective = Objective::Latency;
  options.devices = {device(100 * ModuleBytes, "1G", "1GB/s"),
                     device(100 * ModuleBytes, "4G", "4GB/s")};
  const PlannedSplit split = valueOf(plan(*decoder, options));
  ASSERT_EQ(split.figures.components.size(), 2u);
  const planning::PlannedComponent &slow = split.figures.components[0],
                                   &fast = split.figures.components[1];
  EXPECT_GT(fast.flops, 2 * slow.flops);
  EXPECT_NE(slow.bound, planning::Bound::Unknown);
}

TEST(MemoryPlanning, SetsAsideWhatACostModelHasBeyondTheModel) {
  auto decoder = makeDecoder(2);
  std::vector<ModuleCost> sizes(2);
  sizes[0] = {.module = "layers.0.up", .bytes = 3 * ModuleBytes};
  sizes[1] = {.module = "layers.1.up", .bytes = ModuleBytes};
  const PlannedSplit split =
      valueOf(plan(*decoder, withMemory(4 * ModuleBytes + MaskBytes), sizes));
  EXPECT_THAT(split.warnings, IsEmpty());
  EXPECT_EQ(plannedBytes(split), realisedBytes(*decoder, split));
  uint64_t reserved = 0;
  for (uint32_t i = 0; i < split.plan.parts.size(); ++i) {
    reserved += split.reservedBytes(i);
    EXPECT_LE(split.plan.parts[i].plannedBytes + split.reservedBytes(i),
              4 * ModuleBytes + MaskBytes);
  }
  EXPECT_EQ(reserved, 2 * ModuleBytes);
}

TEST(MemoryPlanning, TakesModelsWithoutModulesAndWithoutNodes) {
  for (const char *graph :
       {"g (float[2] x) => (float[2] y) { y = Neg(x) }", "g (float[2] x) => (float[2] x) { }",
        "g () => (float[2] w) <float[2] w = {1, 2}> { }"}) {
    auto component =
        parseModel(std::string("<ir_version: 10, opset_import: [\"\" : 21]> ") + graph);
    const PlannedSplit split = valueOf(plan(*component, withMemory(100)));
    EXPECT_THAT(plannedBytes(split), ElementsAre(ir::weightBytes(*component))) << graph;
  }
}

} // namespace
