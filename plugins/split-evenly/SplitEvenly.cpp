// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The pass split-evenly: as many components as wanted, the largest as small as can be. An example
/// of planning with the framework's planner and cutting as its own passes do.

#include "optrun/Planning/Planner.h"
#include "optrun/Plugin/Plugin.h"
#include "optrun/Transforms/ModuleUnits.h"
#include "optrun/Transforms/SplitPackage.h"

using namespace optrun;

namespace {

struct SplitEvenlyOptions {
  int64_t components = 0;

  static void bind(OptionBinder<SplitEvenlyOptions> &bind) {
    bind.option("components", &SplitEvenlyOptions::components, "Number of components.")
        .required()
        .range(1, 65536);
  }
};

/// What the planner needs to know of the units: what they hold, and which hand something on to
/// which. It counts values here, not their bytes, as shapes may depend on the run.
planning::Workload makeWorkload(const ModuleUnits &units, const Dataflow &flow,
                                PartContents contents) {
  planning::Workload workload;
  workload.weightBytes = std::move(contents.bytes);
  llvm::DenseMap<const ir::Value *, uint32_t> numberOf;
  for (uint32_t index = 0; index < units.units.size(); ++index) {
    planning::Unit unit;
    unit.name = units.units[index].name;
    unit.startsLayer = units.units[index].startsLayer;
    unit.weights.assign(contents.payloadsOf[index].begin(), contents.payloadsOf[index].end());
    for (const ir::Value *value : contents.receivedBy[index]) {
      const auto [number, isNew] =
          numberOf.try_emplace(value, static_cast<uint32_t>(workload.values.size()));
      if (isNew)
        workload.values.push_back(
            {.bytes = 1, .producer = units.partition.partOf[flow.indexOf(*value->producer())]});
      unit.inputs.push_back(number->second);
    }
    workload.units.push_back(std::move(unit));
  }
  return workload;
}

class SplitEvenly final : public PackagePass {
public:
  using Options = SplitEvenlyOptions;

  static PassInfo info() {
    PassInfo info;
    info.id = "split-evenly";
    info.summary = "Divides a model into components whose largest is as small as can be.";
    info.description = "Cuts between leaf modules, wherever that makes the largest component "
                       "smaller, and of such divisions takes one that hands on few values.";
    info.writes = {SplitPlan::Id.str()};
    return info;
  }

  explicit SplitEvenly(Options options) : options(options) {}

  llvm::Error run(ir::Package &package, PassContext &context) override {
    llvm::Expected<const ir::Component *> component = unsplitComponent(package);
    if (!component)
      return component.takeError();
    llvm::Expected<Dataflow> flow = Dataflow::build((*component)->graph);
    if (!flow)
      return flow.takeError();
    llvm::Expected<ModuleUnits> units = divideIntoUnits(**component, *flow);
    if (!units)
      return units.takeError();
    llvm::Expected<PartContents> contents = contentsOfParts(**component, *flow, units->partition);
    if (!contents)
      return contents.takeError();

    planning::PlanOptions planOptions;
    planOptions.objective = planning::Objective::Balanced;
    planOptions.cutPlaces = planning::CutPlaces::Anywhere;
    planOptions.devices = {planning::Device()};
    planOptions.repeatDevice = true;
    planOptions.components = static_cast<uint32_t>(options.components);
    llvm::Expected<planning::Plan> plan =
        planComponents(makeWorkload(*units, *flow, std::move(*contents)), planOptions);
    if (!plan)
      return plan.takeError();

    std::vector<uint32_t> starts;
    for (const planning::PlannedComponent &each : plan->components)
      starts.push_back(each.begin);
    const Partition partition = joinUnits(*units, starts);
    llvm::Expected<SplitPlan> description = describePartition(**component, *flow, partition);
    if (!description)
      return description.takeError();
    return splitPackage(package, *flow, partition, std::move(*description), context);
  }

private:
  Options options;
};

} // namespace

OPTRUN_PLUGIN("split-evenly", "1.0.0", SplitEvenly);
