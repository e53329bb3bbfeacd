// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Products and lookups of matrices, which may be quantized.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_MATRICES_H
#define OPTRUN_PASSES_CAPTURE_DECODER_MATRICES_H

#include "decoder/ModuleBuilder.h"

namespace optrun::decoder {

/// Rows of in elements times the matrix: rows of out elements. A null \p bias is none.
ir::Value *multiply(ModuleBuilder &build, ir::Value *rows, const Matrix &matrix,
                    ir::Value *bias = nullptr);

/// The rows of the matrix that \p indices [batch, sequence] name, [batch, sequence, in], in the
/// type that is computed in. Only these rows are converted, not the matrix.
ir::Value *takeRows(ModuleBuilder &build, const Matrix &matrix, ir::Value *indices);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_MATRICES_H
