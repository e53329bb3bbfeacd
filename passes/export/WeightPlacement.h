// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where an export puts the weights, by its options.

#ifndef OPTRUN_PASSES_EXPORT_WEIGHTPLACEMENT_H
#define OPTRUN_PASSES_EXPORT_WEIGHTPLACEMENT_H

#include "Options.h"
#include "PlacementPlan.h"

namespace optrun::exporting {

/// The placement that \p options ask for; \p onnxNames has one name for each component. An error
/// when weights that are to be inline do not fit.
llvm::Expected<PlacementPlan> placeWeights(const ExportOptions &options, const ir::Package &package,
                                           llvm::ArrayRef<std::string> onnxNames);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_WEIGHTPLACEMENT_H
