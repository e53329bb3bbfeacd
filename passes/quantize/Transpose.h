// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Rows of elements as columns.

#ifndef OPTRUN_PASSES_QUANTIZE_TRANSPOSE_H
#define OPTRUN_PASSES_QUANTIZE_TRANSPOSE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace optrun::quantize {

/// \p in: \p rows rows of as many elements of \p elementBytes (1, 2 or 4) bytes as fill it. Its
/// columns are written to \p out, each \p outStride bytes behind the one before.
void transpose(llvm::ArrayRef<uint8_t> in, uint64_t rows, uint64_t elementBytes,
               llvm::MutableArrayRef<uint8_t> out, uint64_t outStride);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_TRANSPOSE_H
