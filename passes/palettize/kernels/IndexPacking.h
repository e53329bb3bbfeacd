// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Codes of any number of bits as a dense stream of bits. With 2, 4 and 8 bits that is ONNX's
/// UINT2, UINT4 and UINT8.

#ifndef OPTRUN_PASSES_PALETTIZE_KERNELS_INDEXPACKING_H
#define OPTRUN_PASSES_PALETTIZE_KERNELS_INDEXPACKING_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace optrun::palettize {

/// Bytes of \p count packed codes; never overflows.
constexpr uint64_t packedSize(uint64_t count, unsigned bits) {
  return count / 8 * bits + (count % 8 * bits + 7) / 8;
}

/// Packs \p codes below 2^\p bits, the first into the lowest bits of the first byte: code i begins
/// at bit i * bits of the stream. What the last byte has beyond them is 0. \p bits is 1, 2, 3, 4, 6
/// or
/// 8. \p out has packedSize() bytes; it may be the front of \p codes itself.
void packIndices(llvm::ArrayRef<uint8_t> codes, unsigned bits, llvm::MutableArrayRef<uint8_t> out);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_KERNELS_INDEXPACKING_H
