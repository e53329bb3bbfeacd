// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that converts between floating-point types block by block when read.

#include "FloatConversion.h"

#include "optrun/IR/TensorSource.h"

#include <cstring>

namespace optrun::ir {
namespace {

/// Elements converted per block; the source block is at most 512 KiB.
constexpr uint64_t BlockElements = 64 * 1024;

class CastSource final : public TensorSource {
public:
  CastSource(TensorSourceRef source, DataType from, DataType to, ConvertFunction convert)
      : source(std::move(source)), convert(convert), fromBytes(bitWidth(from) / 8),
        toBytes(bitWidth(to) / 8) {}

  uint64_t byteSize() const override { return source->byteSize() / fromBytes * toBytes; }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    uint64_t total = byteSize();
    if (offset > total || out.size() > total - offset)
      return llvm::createStringError(std::errc::result_out_of_range,
                                     "cannot read %zu bytes at offset %llu of a tensor with %llu",
                                     out.size(), static_cast<unsigned long long>(offset),
                                     static_cast<unsigned long long>(total));
    std::vector<uint8_t> scratch;
    uint64_t element = offset / toBytes, skip = offset % toBytes;
    while (!out.empty()) {
      // A range may begin and end inside of an element; those are converted one by one.
      uint64_t whole = skip == 0 ? std::min<uint64_t>(out.size() / toBytes, BlockElements) : 0;
      if (whole != 0) {
        if (llvm::Error error = convertRange(element, whole, out.data(), scratch))
          return error;
        element += whole;
        out = out.drop_front(whole * toBytes);
        continue;
      }
      uint8_t single[8];
      if (llvm::Error error = convertRange(element, 1, single, scratch))
        return error;
      size_t part = std::min<uint64_t>(toBytes - skip, out.size());
      std::memcpy(out.data(), single + skip, part);
      out = out.drop_front(part);
      ++element;
      skip = 0;
    }
    return llvm::Error::success();
  }

private:
  llvm::Error convertRange(uint64_t first, uint64_t count, uint8_t *out,
                           std::vector<uint8_t> &scratch) const {
    uint64_t offset = first * fromBytes, length = count * fromBytes;
    if (std::optional<llvm::ArrayRef<uint8_t>> bytes = source->inlineBytes()) {
      convert(bytes->data() + offset, out, count);
      return llvm::Error::success();
    }
    if (scratch.size() < length)
      scratch.resize(length);
    if (llvm::Error error = source->read(offset, llvm::MutableArrayRef(scratch.data(), length)))
      return error;
    convert(scratch.data(), out, count);
    return llvm::Error::success();
  }

  TensorSourceRef source;
  ConvertFunction convert;
  uint64_t fromBytes, toBytes;
};

} // namespace

llvm::Expected<TensorSourceRef> makeCastSource(TensorSourceRef source, DataType from, DataType to) {
  if (!source)
    return llvm::createStringError(std::errc::invalid_argument, "a cast needs a source");
  ConvertFunction convert = floatConversion(from, to);
  if (!convert)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "cannot cast tensor data from %s to %s: only float, float16, "
                                   "bfloat16 and double can be cast",
                                   dataTypeName(from).str().c_str(),
                                   dataTypeName(to).str().c_str());
  if (source->byteSize() % (bitWidth(from) / 8) != 0)
    return llvm::createStringError(
        std::errc::invalid_argument, "%llu bytes are no whole number of %s elements",
        static_cast<unsigned long long>(source->byteSize()), dataTypeName(from).str().c_str());
  uint64_t resultBytes;
  if (__builtin_mul_overflow(source->byteSize() / (bitWidth(from) / 8), uint64_t(bitWidth(to) / 8),
                             &resultBytes))
    return llvm::createStringError(std::errc::value_too_large,
                                   "the result of the cast has too many bytes");
  if (from == to)
    return source;
  return std::make_shared<CastSource>(std::move(source), from, to, convert);
}

} // namespace optrun::ir
