// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that converts blocks one by one when read.

#include "ConvertedSource.h"

#include <cassert>
#include <cstring>

namespace optrun::ir {
namespace {

class ConvertedSource final : public TensorSource {
public:
  ConvertedSource(TensorSourceRef source, const BlockConversion &conversion)
      : source(std::move(source)), blocks(conversion) {}

  uint64_t byteSize() const override {
    return source->byteSize() / blocks.sourceBytes * blocks.resultBytes;
  }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    if (llvm::Error error = checkRange(offset, out.size()))
      return error;
    std::vector<uint8_t> scratch;
    uint64_t block = offset / blocks.resultBytes, skip = offset % blocks.resultBytes;
    while (!out.empty()) {
      // A range may begin and end inside of a block; those are converted one by one.
      uint64_t whole =
          skip == 0 ? std::min<uint64_t>(out.size() / blocks.resultBytes, blocks.blocksPerRead) : 0;
      if (whole != 0) {
        if (llvm::Error error = convertRange(block, whole, out.data(), scratch))
          return error;
        block += whole;
        out = out.drop_front(whole * blocks.resultBytes);
        continue;
      }
      uint8_t single[BlockConversion::MaxResultBytes];
      if (llvm::Error error = convertRange(block, 1, single, scratch))
        return error;
      size_t part = std::min<uint64_t>(blocks.resultBytes - skip, out.size());
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
    uint64_t offset = first * blocks.sourceBytes, length = count * blocks.sourceBytes;
    if (std::optional<llvm::ArrayRef<uint8_t>> bytes = source->inlineBytes()) {
      blocks.convert(bytes->data() + offset, out, count);
      return llvm::Error::success();
    }
    if (scratch.size() < length)
      scratch.resize(length);
    if (llvm::Error error = source->read(offset, llvm::MutableArrayRef(scratch.data(), length)))
      return error;
    blocks.convert(scratch.data(), out, count);
    return llvm::Error::success();
  }

  TensorSourceRef source;
  BlockConversion blocks;
};

} // namespace

TensorSourceRef makeConvertedSource(TensorSourceRef source, const BlockConversion &conversion) {
  assert(conversion.resultBytes != 0 && conversion.resultBytes <= BlockConversion::MaxResultBytes &&
         "no block becomes that");
  return std::make_shared<ConvertedSource>(std::move(source), conversion);
}

} // namespace optrun::ir
