// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Element types of tensors. The codes are ONNX's TensorProto.DataType.

#ifndef OPTRUN_IR_DATATYPE_H
#define OPTRUN_IR_DATATYPE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>

namespace optrun::ir {

/// Numbered as in ONNX (TensorProto.DataType), IR version 13.
enum class DataType : int32_t {
  Undefined = 0,
  Float32 = 1,
  UInt8 = 2,
  Int8 = 3,
  UInt16 = 4,
  Int16 = 5,
  Int32 = 6,
  Int64 = 7,
  String = 8,
  Bool = 9,
  Float16 = 10,
  Float64 = 11,
  UInt32 = 12,
  UInt64 = 13,
  Complex64 = 14,
  Complex128 = 15,
  BFloat16 = 16,
  Float8E4M3FN = 17,
  Float8E4M3FNUZ = 18,
  Float8E5M2 = 19,
  Float8E5M2FNUZ = 20,
  UInt4 = 21,
  Int4 = 22,
  Float4E2M1 = 23,
  Float8E8M0 = 24,
  UInt2 = 25,
  Int2 = 26,
};

/// Bits of one element: 2, 4, 8 … 128. 0 for Undefined and String, which have no fixed size.
unsigned bitWidth(DataType type);

/// Float16, BFloat16, Float32 and Float64: the types that models compute in.
bool isFloatingPoint(DataType type);

/// Bytes of \p elements packed elements: sub-byte types are padded at the end of the tensor only.
/// nullopt on overflow or where bitWidth is 0.
std::optional<uint64_t> packedByteSize(DataType type, uint64_t elements);

/// The ONNX spelling, lower case: "float", "float16", "int4" …
llvm::StringRef dataTypeName(DataType type);

/// The enumerator of an ONNX code; nullopt if the code is unknown.
std::optional<DataType> dataTypeFromCode(int32_t code);

} // namespace optrun::ir

#endif // OPTRUN_IR_DATATYPE_H
