// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Puts values that were computed in the place of weights.

#ifndef OPTRUN_TRANSFORMS_WEIGHTOPERANDS_H
#define OPTRUN_TRANSFORMS_WEIGHTOPERANDS_H

#include "optrun/Compression/Weights.h"
#include "optrun/Transforms/ComponentEditor.h"

namespace optrun {

/// How the last two axes of a weight lie.
enum class WeightOrder {
  Rows,    ///< [rows, columns]: an output channel, or an entry of a table, after the other
  Columns, ///< [columns, rows]
};

/// Has the node of \p use read \p values, which have the type of the operand and a shape of fixed
/// extents. Where a MatMul reads the other order, Transpose is added at \p place; Gemm's transB is
/// set. \p order: Rows unless products alone read the weight (MatMulRight, Gemm).
void setWeightOperand(const WeightUse &use, ir::Value *values, WeightOrder order,
                      ComponentEditor &editor, Place place);

} // namespace optrun

#endif // OPTRUN_TRANSFORMS_WEIGHTOPERANDS_H
