// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Why there is no plan.

#ifndef OPTRUN_LIB_PLANNING_NOPLAN_H
#define OPTRUN_LIB_PLANNING_NOPLAN_H

#include "Blocks.h"

namespace optrun::planning {

/// Names what does not fit, and says what to do. Only when a search has found nothing.
llvm::Error explainNoPlan(const Workload &workload, const Blocks &blocks,
                          const PlanOptions &options);

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_NOPLAN_H
