// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Quantizes a package: chooses weights, quantizes each once, rewrites the nodes that read them.

#ifndef OPTRUN_PASSES_QUANTIZE_PACKAGEQUANTIZER_H
#define OPTRUN_PASSES_QUANTIZE_PACKAGEQUANTIZER_H

#include "Options.h"

#include "optrun/Compression/CompressionReport.h"

namespace optrun::quantize {

/// Changes \p package, its ReferenceModel, and its SplitPlan, if there is one; the Importance
/// attachment is read, if there is one.
/// Weights with infinite values or NaN stay as they are, with a warning.
/// \returns what was made of each weight of the package.
llvm::Expected<std::vector<CompressedWeight>>
quantizePackage(ir::Package &package, const QuantizeOptions &options, PassContext &context);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_PACKAGEQUANTIZER_H
