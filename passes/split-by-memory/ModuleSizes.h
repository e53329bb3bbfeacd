// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a cost model says of modules, against what the model stores.

#ifndef OPTRUN_PASSES_SPLITBYMEMORY_MODULESIZES_H
#define OPTRUN_PASSES_SPLITBYMEMORY_MODULESIZES_H

#include "optrun/Analysis/Dataflow.h"
#include "optrun/Results/CostModel.h"
#include "optrun/Transforms/Partition.h"

namespace optrun {

/// Memory that a module takes beyond the parameters that the model stores for it; once for modules
/// with the same parameters (tied weights) in a component.
struct Reserve {
  std::vector<uint32_t> units; // where each module's first weighted node is, else its first node
  uint64_t bytes = 0;
};

struct ModuleSizes {
  std::vector<Reserve> reserves; // in order of the rows
  std::vector<std::string> warnings;
};

/// Compares \p rows (num_bytes) with the parameters of the modules of the same path. More is
/// reserved; less is a warning, as what is stored is what a component holds. Rows without a module
/// are a warning too, and an error when there is no other. Modules without a row are as the model
/// stores them. \p units is the partition into units.
llvm::Expected<ModuleSizes> compareSizes(llvm::ArrayRef<ModuleCost> rows,
                                         const ir::Component &component, const Dataflow &flow,
                                         const Partition &units);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYMEMORY_MODULESIZES_H
