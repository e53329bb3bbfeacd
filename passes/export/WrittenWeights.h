// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a written component holds, against what it was to hold.

#ifndef OPTRUN_PASSES_EXPORT_WRITTENWEIGHTS_H
#define OPTRUN_PASSES_EXPORT_WRITTENWEIGHTS_H

#include "PlacementPlan.h"

#include "optrun/Results/SplitPlan.h"

namespace optrun::exporting {

/// Reads the .onnx file at \p path back, written from \p component, and gives its bytes of weights:
/// a fact, not what we meant to write. An error when they are not those of the component.
llvm::Expected<uint64_t> measureWeights(const ir::Component &component,
                                        const ComponentPlacement &placement, llvm::StringRef path);

/// An error when the component has more than the budget of its part. What a split planned was
/// checked when it cut; ties inside .onnx files, and passes that change weights, may have made it
/// more since.
llvm::Error checkBudget(const ir::Component &component, const SplitPlan::Part &part,
                        uint64_t realisedBytes);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_WRITTENWEIGHTS_H
