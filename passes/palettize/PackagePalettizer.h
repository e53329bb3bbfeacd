// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Palettizes a package: chooses weights, palettizes each once, rewrites the nodes that read them.

#ifndef OPTRUN_PASSES_PALETTIZE_PACKAGEPALETTIZER_H
#define OPTRUN_PASSES_PALETTIZE_PACKAGEPALETTIZER_H

#include "Options.h"

#include "optrun/Compression/CompressionReport.h"

namespace optrun::palettize {

/// Changes \p package, its ReferenceModel, and its SplitPlan, if there is one; the Importance
/// attachment is read, if there is one.
/// Weights with infinite values or NaN stay as they are, with a warning.
/// \returns what was made of each weight of the package.
llvm::Expected<std::vector<CompressedWeight>>
palettizePackage(ir::Package &package, const PalettizeOptions &options, PassContext &context);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_PACKAGEPALETTIZER_H
