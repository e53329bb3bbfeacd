// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that decodes quantized blocks when read.

#include "BlockDecoder.h"
#include "Messages.h"

#include <cstring>

namespace optrun::checkpoint {
namespace {

/// Blocks are read in pieces of at most so many bytes.
constexpr uint64_t PieceBytes = 128 * 1024;

class DequantizedSource final : public ir::TensorSource {
public:
  DequantizedSource(ir::TensorSourceRef blocks, const GgmlLayout &layout, DecodeFunction decode)
      : blocks(std::move(blocks)), decode(decode), blockBytes(layout.blockBytes),
        decodedBytes(layout.blockElements * sizeof(float)) {}

  uint64_t byteSize() const override { return blocks->byteSize() / blockBytes * decodedBytes; }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    uint64_t total = byteSize();
    if (offset > total || out.size() > total - offset)
      return makeError("cannot read " + llvm::Twine(out.size()) + " bytes at offset " +
                       llvm::Twine(offset) + " of a tensor with " + llvm::Twine(total));
    std::vector<uint8_t> scratch;
    uint64_t block = offset / decodedBytes, skip = offset % decodedBytes;
    while (!out.empty()) {
      // A range may begin and end inside of a block; those are decoded one by one.
      uint64_t whole =
          skip == 0 ? std::min<uint64_t>(out.size() / decodedBytes, PieceBytes / blockBytes) : 0;
      if (whole != 0) {
        if (llvm::Error error = decodeRange(block, whole, out.data(), scratch))
          return error;
        block += whole;
        out = out.drop_front(whole * decodedBytes);
        continue;
      }
      uint8_t single[MaxDecodedBytes];
      if (llvm::Error error = decodeRange(block, 1, single, scratch))
        return error;
      size_t part = std::min<uint64_t>(decodedBytes - skip, out.size());
      std::memcpy(out.data(), single + skip, part);
      out = out.drop_front(part);
      ++block;
      skip = 0;
    }
    return llvm::Error::success();
  }

private:
  static constexpr size_t MaxDecodedBytes = 256 * sizeof(float);

  llvm::Error decodeRange(uint64_t first, uint64_t count, uint8_t *out,
                          std::vector<uint8_t> &scratch) const {
    uint64_t offset = first * blockBytes, length = count * blockBytes;
    if (std::optional<llvm::ArrayRef<uint8_t>> bytes = blocks->inlineBytes()) {
      decode(bytes->data() + offset, out, count);
      return llvm::Error::success();
    }
    if (scratch.size() < length)
      scratch.resize(length);
    if (llvm::Error error = blocks->read(offset, llvm::MutableArrayRef(scratch.data(), length)))
      return error;
    decode(scratch.data(), out, count);
    return llvm::Error::success();
  }

  ir::TensorSourceRef blocks;
  DecodeFunction decode;
  uint64_t blockBytes, decodedBytes;
};

} // namespace

llvm::Expected<ir::TensorSourceRef> makeGgufDequantizedSource(ir::TensorSourceRef blocks,
                                                              GgmlType type, ir::DataType to) {
  if (!blocks)
    return makeError("a dequantization needs a source");
  GgmlLayout layout = ggmlLayout(type);
  DecodeFunction decode = blockDecoder(type);
  if (!decode || (to != ir::DataType::Float32 && to != ir::DataType::Float16))
    return makeError("cannot dequantize " + layout.name + " to " + ir::dataTypeName(to));
  if (blocks->byteSize() % layout.blockBytes != 0)
    return makeError(llvm::Twine(blocks->byteSize()) + " bytes are no whole blocks of " +
                     layout.name + ", which have " + llvm::Twine(layout.blockBytes));
  uint64_t decodedBytes;
  if (__builtin_mul_overflow(blocks->byteSize() / layout.blockBytes,
                             layout.blockElements * sizeof(float), &decodedBytes))
    return makeError("the dequantized tensor has too many bytes");
  return ir::makeCastSource(std::make_shared<DequantizedSource>(std::move(blocks), layout, decode),
                            ir::DataType::Float32, to);
}

} // namespace optrun::checkpoint
