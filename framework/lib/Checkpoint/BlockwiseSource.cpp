// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that converts blocks one by one when read.

#include "BlockwiseSource.h"

#include "Messages.h"

#include <cstring>

namespace optrun::checkpoint {
namespace {

/// Blocks are read in pieces of at most so many bytes.
constexpr uint64_t PieceBytes = 128 * 1024;
/// The most that a block becomes: 256 floats.
constexpr uint64_t MaxResultBytes = 256 * sizeof(float);

class BlockwiseSource final : public ir::TensorSource {
public:
  BlockwiseSource(ir::TensorSourceRef blocks, uint64_t blockBytes, uint64_t resultBytes,
                  BlockFunction convert)
      : blocks(std::move(blocks)), convert(convert), blockBytes(blockBytes),
        resultBytes(resultBytes) {}

  uint64_t byteSize() const override { return blocks->byteSize() / blockBytes * resultBytes; }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    uint64_t total = byteSize();
    if (offset > total || out.size() > total - offset)
      return makeError("cannot read " + llvm::Twine(out.size()) + " bytes at offset " +
                       llvm::Twine(offset) + " of a tensor with " + llvm::Twine(total));
    std::vector<uint8_t> scratch;
    uint64_t block = offset / resultBytes, skip = offset % resultBytes;
    while (!out.empty()) {
      // A range may begin and end inside of a block; those are converted one by one.
      uint64_t whole =
          skip == 0 ? std::min<uint64_t>(out.size() / resultBytes, PieceBytes / blockBytes) : 0;
      if (whole != 0) {
        if (llvm::Error error = convertRange(block, whole, out.data(), scratch))
          return error;
        block += whole;
        out = out.drop_front(whole * resultBytes);
        continue;
      }
      uint8_t single[MaxResultBytes];
      if (llvm::Error error = convertRange(block, 1, single, scratch))
        return error;
      size_t part = std::min<uint64_t>(resultBytes - skip, out.size());
      std::memcpy(out.data(), single + skip, part);
      out = out.drop_front(part);
      ++block;
      skip = 0;
    }
    return llvm::Error::success();
  }

private:
  llvm::Error convertRange(uint64_t first, uint64_t count, uint8_t *out,
                           std::vector<uint8_t> &scratch) const {
    uint64_t offset = first * blockBytes, length = count * blockBytes;
    if (std::optional<llvm::ArrayRef<uint8_t>> bytes = blocks->inlineBytes()) {
      convert(bytes->data() + offset, out, count);
      return llvm::Error::success();
    }
    if (scratch.size() < length)
      scratch.resize(length);
    if (llvm::Error error = blocks->read(offset, llvm::MutableArrayRef(scratch.data(), length)))
      return error;
    convert(scratch.data(), out, count);
    return llvm::Error::success();
  }

  ir::TensorSourceRef blocks;
  BlockFunction convert;
  uint64_t blockBytes, resultBytes;
};

} // namespace

llvm::Expected<ir::TensorSourceRef> makeBlockwiseSource(ir::TensorSourceRef blocks,
                                                        const GgmlLayout &layout,
                                                        uint64_t resultBytes,
                                                        BlockFunction convert) {
  assert(resultBytes != 0 && resultBytes <= MaxResultBytes && "no block becomes that");
  if (blocks->byteSize() % layout.blockBytes != 0)
    return makeError(llvm::Twine(blocks->byteSize()) + " bytes are no whole blocks of " +
                     layout.name + ", which have " + llvm::Twine(layout.blockBytes));
  uint64_t total;
  if (__builtin_mul_overflow(blocks->byteSize() / layout.blockBytes, resultBytes, &total))
    return makeError("the blocks of " + layout.name + " become too many bytes");
  return std::make_shared<BlockwiseSource>(std::move(blocks), layout.blockBytes, resultBytes,
                                           convert);
}

} // namespace optrun::checkpoint
