// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Names of the model-local functions that look palettized weights up.
///
/// A weight of [rows, columns] is an index of few bits for each element, and for each group of
/// group_size rows a look-up table ("LUT") of 2^bits entries:
///
///   element(row, column) = lut[row / group_size, index(row, column)] * row_scale[row]
///
/// LutToDense gives the whole weight, LutGather rows of it. Bodies are of ONNX's operators.

#ifndef OPTRUN_COMPRESSION_LUTFUNCTIONS_H
#define OPTRUN_COMPRESSION_LUTFUNCTIONS_H

#include "llvm/ADT/StringRef.h"

namespace optrun {

inline constexpr llvm::StringLiteral OptRunDomain = "optrun";
inline constexpr llvm::StringLiteral LutToDense = "LutToDense";
inline constexpr llvm::StringLiteral LutGather = "LutGather";

/// Operand of both: indices, as elements or packed into bytes. The other constants are tables and
/// scales.
inline constexpr unsigned LutIndicesOperand = 0;
/// Attribute of both: rows and columns of the weight.
inline constexpr llvm::StringLiteral LutMatrixAttribute = "matrix";

} // namespace optrun

#endif // OPTRUN_COMPRESSION_LUTFUNCTIONS_H
