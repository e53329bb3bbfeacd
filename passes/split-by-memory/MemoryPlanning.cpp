// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From a component to a partition: estimates costs, chooses what is recomputed, divides into
/// units, plans.

#include "MemoryPlanning.h"

#include "ModuleSizes.h"
#include "ModuleWorkload.h"

#include "optrun/Analysis/CostNotes.h"
#include "optrun/Transforms/SplitPackage.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun {
namespace {

/// What is planned for when nothing is given: a prompt, where masks and activations are large.
constexpr InputExtents Prompt = {1, 512, 0};

InputExtents wantedExtents(const SplitByMemoryOptions &options) {
  if (!options.countsRun())
    return Prompt;
  return {options.batch.value_or(1), options.sequence.value_or(1), options.context.value_or(0)};
}

planning::Device makeDevice(const DeviceOptions &options, size_t index) {
  planning::Device device;
  device.name = options.nameAt(index);
  if (options.memory)
    device.memory = options.memory->bytes;
  if (options.flops)
    device.flops = *parseFlopRate(*options.flops);
  if (options.bandwidth)
    device.bandwidth = *parseBandwidth(*options.bandwidth);
  return device;
}

planning::PlanOptions makePlanOptions(const SplitByMemoryOptions &options) {
  planning::PlanOptions plan;
  plan.objective = options.objective;
  for (const DeviceOptions &device : options.devices)
    plan.devices.push_back(makeDevice(device, plan.devices.size()));
  if (options.memory) {
    plan.devices = {{.name = "", .memory = options.memory->bytes}};
    plan.repeatDevice = true;
  }
  return plan;
}

class Planner {
public:
  Planner(const ir::Component &component, const Dataflow &flow, const SplitByMemoryOptions &options,
          llvm::ArrayRef<ModuleCost> sizes)
      : component(component), flow(flow), options(options), sizes(sizes) {}

  llvm::Expected<PlannedSplit> plan() {
    llvm::Expected<GraphCost> cost = estimateGraphCost(component, flow, wantedExtents(options));
    if (!cost)
      return cost.takeError();
    noteCosts(*cost);
    llvm::Expected<ModuleUnits> units = divideIntoUnits(component, flow, findRecomputed(*cost));
    if (!units)
      return units.takeError();
    split.units = static_cast<uint32_t>(units->units.size());
    llvm::Expected<planning::Workload> workload = makeWorkload(component, flow, *units, *cost);
    if (!workload)
      return workload.takeError();
    if (llvm::Error error = reserve(*units, *workload))
      return std::move(error);
    if (llvm::Error error = divide(*units, *workload))
      return std::move(error);
    return std::move(split);
  }

private:
  llvm::BitVector findRecomputed(const GraphCost &cost) const {
    return recomputableNodes(flow, options.recompute,
                             [&](const ir::Value &value) -> std::optional<uint64_t> {
                               auto bytes = cost.valueBytes.find(&value);
                               if (bytes == cost.valueBytes.end())
                                 return std::nullopt;
                               return bytes->second;
                             });
  }

  llvm::Error reserve(const ModuleUnits &units, planning::Workload &workload) {
    if (sizes.empty())
      return llvm::Error::success();
    llvm::Expected<ModuleSizes> compared = compareSizes(sizes, component, flow, units.partition);
    if (!compared)
      return compared.takeError();
    llvm::append_range(split.warnings, compared->warnings);
    for (const Reserve &reserve : compared->reserves) {
      for (uint32_t unit : reserve.units)
        workload.units[unit].weights.push_back(static_cast<uint32_t>(workload.weightBytes.size()));
      workload.weightBytes.push_back(reserve.bytes);
    }
    return llvm::Error::success();
  }

  llvm::Error divide(const ModuleUnits &units, const planning::Workload &workload) {
    const planning::PlanOptions planOptions = makePlanOptions(options);
    llvm::Expected<planning::Plan> best =
        options.countsRun() ? planComponents(workload, planOptions)
                            : planComponents(withoutRunMemory(workload), planOptions);
    if (!best)
      return best.takeError();
    const std::vector<uint32_t> starts = best->starts();
    llvm::Expected<planning::Plan> figures =
        describeCuts(workload, llvm::ArrayRef(starts).drop_front(), planOptions.devices);
    if (!figures)
      return figures.takeError();
    split.figures = std::move(*figures);
    split.devices = planOptions.devices;
    split.countsRun = options.countsRun();
    for (const planning::PlannedComponent &each : split.figures.components) {
      std::string &range = split.ranges.emplace_back(units.units[each.begin].name);
      if (each.end - each.begin > 1)
        range.append(" … ").append(units.units[each.end - 1].name);
    }
    split.partition = joinUnits(units, starts);
    return describe();
  }

  llvm::Error describe() {
    llvm::Expected<SplitPlan> plan = describePartition(component, flow, split.partition);
    if (!plan)
      return plan.takeError();
    for (size_t part = 0; part < plan->parts.size(); ++part) {
      // The planner adds up units, the description looks at whole parts. What a part has beyond is
      // set aside, and only a cost model sets something aside.
      const uint64_t counted = split.figures.components[part].weightBytes;
      const uint64_t held = plan->parts[part].plannedBytes;
      if (counted < held || (counted > held && sizes.empty()))
        return llvm::createStringError("internal error: '" + plan->parts[part].component +
                                       "' was planned with " + llvm::Twine(counted) +
                                       " bytes of weights and holds " + llvm::Twine(held));
      const planning::Device &device = split.devices[split.figures.components[part].device];
      plan->parts[part].device = device.name;
      if (device.memory != std::numeric_limits<uint64_t>::max())
        plan->parts[part].budgetBytes = device.memory;
    }
    split.plan = std::move(*plan);
    if (const InputExtents wanted = wantedExtents(options);
        split.countsRun && split.extents != wanted)
      split.warnings.push_back("the model does not take " + wanted.print() + "; planned for " +
                               split.extents.print());
    for (size_t device = split.figures.components.size(); device < split.devices.size(); ++device)
      split.remarks.push_back("'" + split.devices[device].name + "' is not needed");
    return llvm::Error::success();
  }

  void noteCosts(const GraphCost &cost) {
    split.extents = cost.extents;
    const CostNotes notes = notesOn(cost);
    llvm::append_range(split.remarks, notes.remarks);
    llvm::append_range(split.warnings, notes.warnings);
  }

  const ir::Component &component;
  const Dataflow &flow;
  const SplitByMemoryOptions &options;
  llvm::ArrayRef<ModuleCost> sizes;
  PlannedSplit split;
};

} // namespace

uint64_t PlannedSplit::reservedBytes(uint32_t component) const {
  return figures.components[component].weightBytes - plan.parts[component].plannedBytes;
}

uint64_t PlannedSplit::countedBytes(uint32_t component) const {
  const planning::PlannedComponent &figure = figures.components[component];
  return countsRun ? figure.memoryBytes() : figure.weightBytes;
}

llvm::Expected<PlannedSplit> planSplit(const ir::Component &component, const Dataflow &flow,
                                       const SplitByMemoryOptions &options,
                                       llvm::ArrayRef<ModuleCost> sizes) {
  return Planner(component, flow, options, sizes).plan();
}

} // namespace optrun
