// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From the units of a component to what the planner divides.

#ifndef OPTRUN_TRANSFORMS_UNITWORKLOAD_H
#define OPTRUN_TRANSFORMS_UNITWORKLOAD_H

#include "optrun/Planning/Workload.h"
#include "optrun/Transforms/ModuleUnits.h"

namespace optrun {

/// Unit by unit, the payloads that it holds and the values that it takes from other units; \p
/// bytesOf gives the bytes of these. What a run costs (caches, activations, FLOPs, traffic) is left
/// at 0. \p flow is the dataflow of \p component's graph.
llvm::Expected<planning::Workload>
workloadOfUnits(const ir::Component &component, const Dataflow &flow, const ModuleUnits &units,
                llvm::function_ref<uint64_t(const ir::Value &)> bytesOf);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_UNITWORKLOAD_H
