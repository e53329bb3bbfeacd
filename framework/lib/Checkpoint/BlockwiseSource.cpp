// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Blocks of GGUF as what they are converted to.

#include "BlockwiseSource.h"

#include "IR/ConvertedSource.h"
#include "Messages.h"

namespace optrun::checkpoint {
namespace {

/// Blocks are read in pieces of at most so many bytes.
constexpr uint64_t PieceBytes = 128 * 1024;

} // namespace

llvm::Expected<ir::TensorSourceRef> makeBlockwiseSource(ir::TensorSourceRef blocks,
                                                        const GgmlLayout &layout,
                                                        uint64_t resultBytes,
                                                        BlockFunction convert) {
  if (blocks->byteSize() % layout.blockBytes != 0)
    return makeError(llvm::Twine(blocks->byteSize()) + " bytes are no whole blocks of " +
                     layout.name + ", which have " + llvm::Twine(layout.blockBytes));
  uint64_t total;
  if (__builtin_mul_overflow(blocks->byteSize() / layout.blockBytes, resultBytes, &total))
    return makeError("the blocks of " + layout.name + " become too many bytes");
  return ir::makeConvertedSource(
      std::move(blocks), {layout.blockBytes, resultBytes, PieceBytes / layout.blockBytes, convert});
}

} // namespace optrun::checkpoint
