// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A cost model on a screen.

#ifndef OPTRUN_PASSES_COSTESTIMATE_COSTTABLE_H
#define OPTRUN_PASSES_COSTESTIMATE_COSTTABLE_H

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Results/CostModel.h"
#include "optrun/Support/Table.h"

namespace optrun {

/// Rows that are shown as one: what is tied inside or before counts once.
struct CostGroup {
  std::string title;
  ModuleCost cost;
};

/// The layers of \p block as one group; every other module by itself, or, when there are many, what
/// has the first component of the path in common. Empty modules are left out.
std::vector<CostGroup> groupCosts(const CostModel &model, const RepeatedBlock *block);

/// Groups and totals.
Table makeCostTable(const CostModel &model, const RepeatedBlock *block);

} // namespace optrun

#endif // OPTRUN_PASSES_COSTESTIMATE_COSTTABLE_H
