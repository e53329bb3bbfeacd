// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The model-local functions that look weights up, made of ONNX's own operators.

#ifndef OPTRUN_PASSES_PALETTIZE_FORMS_LUTFUNCTION_H
#define OPTRUN_PASSES_PALETTIZE_FORMS_LUTFUNCTION_H

#include "optrun/Compression/LutFunctions.h"
#include "optrun/IR/Package.h"

namespace optrun::palettize {

/// The oldest version of ONNX's operators that bodies can be written in, and the format's first
/// that lets functions share a name (overloads).
inline constexpr int64_t LutFunctionOpset = 12, LutFunctionIrVersion = 10;

/// Indices in packed bytes come in words of whole bytes and whole indices.
constexpr unsigned bytesInWord(unsigned bits) { return bits % 3 == 0 ? 3 : 1; }
constexpr unsigned indicesInWord(unsigned bits) { return 8 * bytesInWord(bits) / bits; }

/// What differs from body to body.
struct LutFunction {
  /// Of the indices: UInt2, UInt4 or UInt8 elements, or a stream of bits in bytes.
  unsigned bits = 4;
  bool isPacked = false;
  /// Of a stream: that it ends within a word.
  bool isPartial = false;
  bool hasLutScale = false; ///< a LUT of integers, with a scale for each table
  bool hasRowScale = false;

  /// "uint4", "packed3_int8_scaled"
  std::string overload() const;

  /// optrun::LutToDense<to, matrix, group_size, shape>(indices, lut, [lut_scale], [row_scale]):
  /// all elements, in the type \c to.
  /// - matrix: rows and columns of the weight, one index for each element
  /// - shape: of the result; row_scale broadcasts to it
  /// - indices [rows, columns]; packed, of any shape
  /// - lut [groups, 2^bits], lut_scale [groups, 1]
  llvm::Expected<std::unique_ptr<ir::Function>> toDense(int64_t opset) const;

  /// optrun::LutGather<to, matrix, group_size>(indices, ids, lut, [lut_scale], [row_scale]): rows,
  /// as ONNX's Gather of the dense weight along axis 0 gives them. Packed rows are whole bytes:
  /// indices [rows, bytes]; row_scale [rows, 1].
  llvm::Expected<std::unique_ptr<ir::Function>> gather(int64_t opset) const;
};

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_FORMS_LUTFUNCTION_H
