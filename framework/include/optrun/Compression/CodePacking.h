// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Codes as the bytes of a tensor: of 2, 4 and 8 bits, which ONNX has types for, and of 1, 3 and 6,
/// as a dense stream of bits.

#ifndef OPTRUN_COMPRESSION_CODEPACKING_H
#define OPTRUN_COMPRESSION_CODEPACKING_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace optrun {

/// How codes 0 .. 2^bits - 1 become integers of a tensor.
enum class Coding {
  Unsigned, ///< as they are: UINT8, UINT4, UINT2, and MatMulNBits
  Signed,   ///< code - 2^(bits - 1) as two's complement: INT8, INT4, INT2
};

/// Bytes of \p count packed codes; never overflows.
constexpr uint64_t packedSize(uint64_t count, unsigned bits) {
  return count / 8 * bits + (count % 8 * bits + 7) / 8;
}

/// Packs \p codes of 1, 2, 3, 4, 6 or 8 bits, the first into the lowest bits of the first byte, as
/// ONNX and MatMulNBits do: code i begins at bit i * bits. What the last byte has beyond them is 0.
/// \p out has packedSize() bytes; it may be the front of \p codes itself.
void packCodes(llvm::ArrayRef<uint8_t> codes, unsigned bits, Coding coding,
               llvm::MutableArrayRef<uint8_t> out);

/// The same across rows, for 2, 4 and 8 bits: \p codes are rows of \p columns, and a byte of \p out
/// has the codes of one column in 8 / \p bits rows, which become one row of bytes. Their number is
/// a multiple of that.
void packAcross(llvm::ArrayRef<uint8_t> codes, uint64_t columns, unsigned bits, Coding coding,
                llvm::MutableArrayRef<uint8_t> out);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_CODEPACKING_H
