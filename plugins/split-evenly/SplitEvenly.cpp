// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The pass split-evenly: as many components as wanted, the largest as small as can be. An example
/// of planning with the framework's planner and cutting as its own passes do.

#include "optrun/Planning/Planner.h"
#include "optrun/Plugin/Plugin.h"
#include "optrun/Transforms/SplitPackage.h"
#include "optrun/Transforms/UnitWorkload.h"

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
    // Counts the values that are handed on, not their bytes, as shapes may depend on the run.
    llvm::Expected<planning::Workload> workload =
        workloadOfUnits(**component, *flow, *units, [](const ir::Value &) { return uint64_t(1); });
    if (!workload)
      return workload.takeError();

    planning::PlanOptions planOptions;
    planOptions.objective = planning::Objective::Balanced;
    planOptions.cutPlaces = planning::CutPlaces::Anywhere;
    planOptions.devices = {planning::Device()};
    planOptions.repeatDevice = true;
    planOptions.components = static_cast<uint32_t>(options.components);
    llvm::Expected<planning::Plan> plan = planComponents(*workload, planOptions);
    if (!plan)
      return plan.takeError();

    const Partition partition = joinUnits(*units, plan->starts());
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
