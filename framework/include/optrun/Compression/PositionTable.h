// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tells tables that were computed for positions from those that were trained.

#ifndef OPTRUN_COMPRESSION_POSITIONTABLE_H
#define OPTRUN_COMPRESSION_POSITIONTABLE_H

#include "optrun/Compression/Weights.h"

namespace optrun {

/// Whether row p holds sines and cosines of multiples of p, as the tables of rotary and of
/// sinusoidal position embeddings do: in each column, x[p-1] + x[p+1] = 2 cos(θ) x[p].
///
/// \param rows     consecutive rows, one after the other, of \p columns elements (> 0); those of
///                 fewer than 8 rows tell nothing
bool isSinusoidal(llvm::ArrayRef<float> rows, uint64_t columns);

/// The same of the first rows of a weight; false for those that something else than Gather reads.
/// An error is one of reading.
llvm::Expected<bool> isPositionTable(const Weight &weight);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_POSITIONTABLE_H
