// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a graph says of the importance of inputs, where nobody has measured it.

#ifndef OPTRUN_COMPRESSION_INPUTSCALES_H
#define OPTRUN_COMPRESSION_INPUTSCALES_H

#include "optrun/Compression/Weights.h"

namespace optrun {

/// Inputs of products that a normalization gives have its scale: as far as they were of equal
/// variance before, their mean squares are as its squares, and so do errors in a weight's columns
/// count. Looked for in front of the products of the last component that uses \p weight, through
/// Cast, Identity, Reshape and the addition of a constant: the scale of LayerNormalization and its
/// kin, or what Mul multiplies each input with.
/// \returns a number for each column, summed over the products; empty where one of them has no such
/// scale, or there is none (embeddings). An error is one of reading.
llvm::Expected<std::vector<float>> squaredInputScales(const Weight &weight);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_INPUTSCALES_H
