// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From the units of a model to what the planner divides.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_MODULEWORKLOAD_H
#define OPTRUN_PASSES_SPLITBYMEMORY_MODULEWORKLOAD_H

#include "optrun/Analysis/NodeCost.h"
#include "optrun/Planning/Workload.h"
#include "optrun/Transforms/ModuleUnits.h"

namespace optrun {

/// Unit by unit: the payloads that it holds, the values that it takes from other units, and what
/// its nodes cost by \p cost. Values of unknown size have 0 bytes. A recomputed node costs the
/// first unit that uses it. \p flow is the dataflow of \p component's graph.
llvm::Expected<planning::Workload> makeWorkload(const ir::Component &component,
                                                const Dataflow &flow, const ModuleUnits &units,
                                                const GraphCost &cost);

/// The same without what a run takes beside the weights: for budgets that are about weights.
planning::Workload withoutRunMemory(planning::Workload workload);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_MODULEWORKLOAD_H
