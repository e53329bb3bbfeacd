// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From costs of nodes to costs of modules.

#ifndef OPTRUN_PASSES_COSTESTIMATE_MODULECOSTS_H
#define OPTRUN_PASSES_COSTESTIMATE_MODULECOSTS_H

#include "optrun/Analysis/NodeCost.h"
#include "optrun/Results/CostModel.h"

namespace optrun {

/// A row for each module path that nodes have, in order of their first nodes; what is in no module
/// has the row CostModel::NoModule, payloads that no node uses CostModel::Unused. The rows' stored
/// bytes, less what is tied, are ir::weightBytes of the component. \p cost is about the nodes of
/// \p flow, the dataflow of the component's graph.
CostModel costOfModules(const ir::Component &component, const Dataflow &flow, const GraphCost &cost,
                        CostPrecision precision);

} // namespace optrun

#endif // OPTRUN_PASSES_COSTESTIMATE_MODULECOSTS_H
