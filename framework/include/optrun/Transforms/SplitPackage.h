// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The last steps of every pass that splits: describing a partition, and carrying it out.

#ifndef OPTRUN_TRANSFORMS_SPLITPACKAGE_H
#define OPTRUN_TRANSFORMS_SPLITPACKAGE_H

#include "optrun/Pass/PassContext.h"
#include "optrun/Results/SplitPlan.h"
#include "optrun/Transforms/Partition.h"

namespace optrun {

/// The component of a package that has not been split yet; an error for another one.
llvm::Expected<const ir::Component *> unsplitComponent(const ir::Package &package);

/// What \p partition makes of \p component: names ("model" for one part, else "split_0" …), weight
/// bytes and modules of the parts. Budgets are left out.
llvm::Expected<SplitPlan> describePartition(const ir::Component &component, const Dataflow &flow,
                                            const Partition &partition);

/// Cuts the package's only component along \p partition, checks that each part holds exactly the
/// planned bytes, and attaches \p plan. \p plan is describePartition()'s, budgets added. Warns of
/// what is lost or left unknown by cutting. The package is unchanged after an error.
llvm::Error splitPackage(ir::Package &package, const Dataflow &flow, const Partition &partition,
                         SplitPlan plan, PassContext &context);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_SPLITPACKAGE_H
