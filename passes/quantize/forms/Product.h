// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// MatMul and Gemm as activations times a weight, plus something.

#ifndef OPTRUN_PASSES_QUANTIZE_FORMS_PRODUCT_H
#define OPTRUN_PASSES_QUANTIZE_FORMS_PRODUCT_H

#include "optrun/Compression/Weights.h"

namespace optrun::quantize {

/// Whether the node computes operand 0 times the weight, plus its addend if it has one, and nothing
/// else.
bool isPlainProduct(const WeightUse &use);

/// What a Gemm adds; null where nothing is added.
ir::Value *addend(const WeightUse &use);

} // namespace optrun::quantize

#endif // OPTRUN_PASSES_QUANTIZE_FORMS_PRODUCT_H
