// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Element types of GGUF tensors, most of them blocks of quantized values, and sources that
/// dequantize them.

#ifndef OPTRUN_CHECKPOINT_GGMLTYPE_H
#define OPTRUN_CHECKPOINT_GGMLTYPE_H

#include "optrun/IR/TensorSource.h"

namespace optrun::checkpoint {

/// Numbered as in GGUF files; Q40 is what others write Q4_0. d, m and dmin are float16.
enum class GgmlType : uint32_t {
  F32 = 0,
  F16 = 1,
  Q40 = 2,  ///< 32 values: d, 16 bytes of nibbles: (q - 8) * d
  Q41 = 3,  ///< 32 values: d, m, 16 bytes of nibbles: q * d + m
  Q80 = 8,  ///< 32 values: d, 32 int8: q * d
  Q4K = 12, ///< 256 values: d, dmin, 12 bytes of 6-bit scales and mins, nibbles
  Q6K = 14, ///< 256 values: 4 low bits, 2 high bits, 16 int8 scales, d
  I8 = 24,
  I16 = 25,
  I32 = 26,
  I64 = 27,
  F64 = 28,
  BF16 = 30,
};

/// What is stored together.
struct GgmlLayout {
  llvm::StringRef name;   ///< "Q4_K"
  unsigned blockElements; ///< consecutive values of a row in one block; 1 for plain types
  unsigned blockBytes;
  ir::DataType plainType; ///< Undefined for quantized types
};

/// nullopt for codes of types that are not read.
std::optional<GgmlType> ggmlTypeFromCode(uint32_t code);
GgmlLayout ggmlLayout(GgmlType type);

/// The blocks of \p blocks (rows one after the other, each of whole blocks) as \p to, Float32 or
/// Float16, decoded block by block when read. Float32 is what ggml's own dequantization gives, bit
/// by bit: products of the formulas are exact in it, and sums round once. Float16 is that, rounded
/// to nearest even.
llvm::Expected<ir::TensorSourceRef> makeGgufDequantizedSource(ir::TensorSourceRef blocks,
                                                              GgmlType type, ir::DataType to);

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_GGMLTYPE_H
