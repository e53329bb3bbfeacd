// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Quantizes weights tile by tile, from where they are stored to the spool.

#ifndef OPTRUN_PASSES_QUANTIZE_WEIGHTQUANTIZER_H
#define OPTRUN_PASSES_QUANTIZE_WEIGHTQUANTIZER_H

#include "QuantizationJob.h"

#include "optrun/Pass/PassContext.h"

namespace optrun::quantize {

/// Sources in the spool: codes [rows, columns], scales and zero points [rows, blocks], each in the
/// job's order, those of one scale for everything with one element. Padded rows: codes have
/// paddedColumns(), zero points begin with a byte in each row. Scales have Grid::scaleType.
struct QuantizedWeight {
  ir::TensorSourceRef codes, scales, zeroPoints; ///< zeroPoints is null when they are not kept
  BlockErrors errors;
};

/// Runs all jobs, in parallel over their tiles. Results do not depend on the number of threads.
/// Memory: tiles within the budget.
llvm::Expected<std::vector<QuantizedWeight>> quantizeWeights(llvm::ArrayRef<QuantizationJob> jobs,
                                                             PassContext &context);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_WEIGHTQUANTIZER_H
