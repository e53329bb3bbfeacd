// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Quantized blocks of GGUF in the layout of com.microsoft's MatMulNBits.

#ifndef OPTRUN_CHECKPOINT_PACKEDBLOCKS_H
#define OPTRUN_CHECKPOINT_PACKEDBLOCKS_H

#include "optrun/Checkpoint/GgmlType.h"

namespace optrun::checkpoint {

/// What a block holds, taken apart, one entry for each block in the order of the blocks. Each value
/// of a block is (q - zero) * scale + minimum, exactly: nothing is rounded on the way.
struct PackedBlocks {
  static constexpr int64_t BlockSize = 32;

  int64_t bits = 0; ///< of a q: 4 or 8
  int64_t zero = 0;
  /// BlockSize unsigned numbers in BlockSize * bits / 8 bytes, low bits first.
  ir::TensorSourceRef quants;
  ir::TensorSourceRef scales; ///< float16
  /// float16; null when all are 0. They stay apart: a zero point of -minimum / scale would have to
  /// be rounded, and is no number where the scale is 0.
  ir::TensorSourceRef minimums;
};

/// Whether blocks of \p type can be packed: Q4_0, Q4_1 and Q8_0.
bool canPack(GgmlType type);

/// Sources that take \p blocks apart when they are read. An error for types that cannot be packed
/// and for parts of blocks.
llvm::Expected<PackedBlocks> packBlocks(ir::TensorSourceRef blocks, GgmlType type);

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_PACKEDBLOCKS_H
