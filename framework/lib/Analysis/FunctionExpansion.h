// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Replaces calls of model-local functions by their bodies, to look at what a call does with the
/// operands that it has.

#ifndef OPTRUN_LIB_ANALYSIS_FUNCTIONEXPANSION_H
#define OPTRUN_LIB_ANALYSIS_FUNCTIONEXPANSION_H

#include "optrun/IR/Package.h"

#include "llvm/ADT/DenseMap.h"

namespace optrun {

/// A copy without functions; tensors are shared.
struct ExpandedComponent {
  std::unique_ptr<ir::Component> component;
  /// For each node of the copy's graph, the number of the original's node that it comes from.
  llvm::DenseMap<const ir::Node *, uint32_t> origin;
};

/// Calls in nested graphs and in functions are expanded too. An error when functions call
/// themselves, or expand to too many nodes.
llvm::Expected<ExpandedComponent> expandFunctions(const ir::Component &component);

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_FUNCTIONEXPANSION_H
