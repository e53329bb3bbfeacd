// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decides where split-by-count cuts. Changes nothing.

#ifndef OPTRUN_PASSES_SPLITBYCOUNT_SPLITPLANNING_H
#define OPTRUN_PASSES_SPLITBYCOUNT_SPLITPLANNING_H

#include "Options.h"

#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/Partition.h"

namespace optrun {

struct PlannedSplit {
  Partition partition;
  SplitPlan plan;
  std::vector<std::string> remarks, warnings; // for the user
  uint32_t layers = 0; // that were divided; 0 when the model's own assignment was taken
};

/// Plans the split of \p component. The model property "split_assignments", which Olive writes, is
/// taken when its parts are as many as \p options.splits and the other options are at their
/// defaults; a remark says so, or why not. Otherwise the layers of the repeated block are divided.
/// An error when there are no layers, fewer than components, or nothing to put into a component of
/// its own.
/// \p flow is that of the component's graph.
llvm::Expected<PlannedSplit> planSplit(const ir::Component &component, const Dataflow &flow,
                                       const SplitByCountOptions &options);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYCOUNT_SPLITPLANNING_H
