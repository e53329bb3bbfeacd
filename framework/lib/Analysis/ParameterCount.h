// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// How many parameters a constant holds.

#ifndef OPTRUN_LIB_ANALYSIS_PARAMETERCOUNT_H
#define OPTRUN_LIB_ANALYSIS_PARAMETERCOUNT_H

#include "optrun/IR/Graph.h"

namespace optrun {

/// Parameters in \p tensor as operand \p operand of \p user: the elements of a weight (isWeight())
/// or a quantized bias, unpacked where the operator takes several in a byte (MatMulNBits), those
/// that are looked up (LutToDense); 0 for scales, zero points, tables and everything else.
uint64_t countParameters(const ir::Node &user, unsigned operand, const ir::Tensor &tensor);

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_PARAMETERCOUNT_H
