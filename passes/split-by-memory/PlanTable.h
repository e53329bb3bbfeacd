// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A plan on a screen.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_PLANTABLE_H
#define OPTRUN_PASSES_SPLITBYMEMORY_PLANTABLE_H

#include "MemoryPlanning.h"

#include "optrun/Support/Table.h"

namespace optrun {

/// Which device runs what, how full it is and how fast it will be: a row for each component, and
/// totals. Columns without anything to say are left out.
Table makePlanTable(const PlannedSplit &split);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_PLANTABLE_H
