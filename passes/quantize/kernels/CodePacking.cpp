// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Packs a byte of codes at a time.

#include "CodePacking.h"

#include <cassert>

namespace optrun::quantize {

void packCodes(llvm::ArrayRef<uint8_t> codes, unsigned bits, Coding coding,
               llvm::MutableArrayRef<uint8_t> out) {
  assert(out.size() == packedSize(codes.size(), bits));
  const size_t perByte = 8 / bits;
  // The two's complement of code - 2^(bits - 1) is the code with its highest bit flipped.
  const unsigned flip = coding == Coding::Signed ? 1U << (bits - 1) : 0;
  for (size_t byte = 0; byte != out.size(); ++byte) {
    unsigned packed = 0;
    const size_t begin = byte * perByte, size = std::min(perByte, codes.size() - begin);
    for (size_t i = 0; i != size; ++i)
      packed |= (codes[begin + i] ^ flip) << (i * bits);
    out[byte] = static_cast<uint8_t>(packed);
  }
}

} // namespace optrun::quantize
