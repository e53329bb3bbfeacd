// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decides where split-by-memory cuts. Changes nothing.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_MEMORYPLANNING_H
#define OPTRUN_PASSES_SPLITBYMEMORY_MEMORYPLANNING_H

#include "Options.h"

#include "optrun/Analysis/InputShapes.h"
#include "optrun/Results/CostModel.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/Partition.h"

namespace optrun {

struct PlannedSplit {
  Partition partition;
  SplitPlan plan;
  /// Of each component, for the run that was planned for; component i runs on devices[device].
  /// Weights are those of the plan plus what is reserved.
  planning::Plan figures;
  std::vector<std::string> ranges; // "first unit … last unit" of each component
  std::vector<planning::Device> devices;
  InputExtents extents;   // of that run
  bool countsRun = false; // whether KV cache and activations are within the budgets
  uint32_t units = 0;
  std::vector<std::string> remarks, warnings; // for the user

  /// What counts in the budget of a component.
  uint64_t countedBytes(uint32_t component) const;
  /// Of its weights, what a cost model has beyond what is stored.
  uint64_t reservedBytes(uint32_t component) const;
};

/// Plans the split of \p component, whose dataflow is \p flow. \p sizes are the rows of a cost
/// model; empty for what is stored. An error when a unit fits nowhere; it names the unit.
llvm::Expected<PlannedSplit> planSplit(const ir::Component &component, const Dataflow &flow,
                                       const SplitByMemoryOptions &options,
                                       llvm::ArrayRef<ModuleCost> sizes);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_MEMORYPLANNING_H
