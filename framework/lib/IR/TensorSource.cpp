// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Sources that hold bytes as they are: in memory, and in a range of a file.

#include "optrun/IR/TensorSource.h"

#include <cstring>

namespace optrun::ir {

TensorSource::~TensorSource() = default;

llvm::Error TensorSource::checkRange(uint64_t offset, size_t length) const {
  const uint64_t total = byteSize();
  if (offset <= total && length <= total - offset)
    return llvm::Error::success();
  return llvm::createStringError(
      std::errc::result_out_of_range, "cannot read %zu bytes at offset %llu of a tensor with %llu",
      length, static_cast<unsigned long long>(offset), static_cast<unsigned long long>(total));
}

namespace {

class InlineSource final : public TensorSource {
public:
  explicit InlineSource(std::vector<uint8_t> bytes) : bytes(std::move(bytes)) {}

  uint64_t byteSize() const override { return bytes.size(); }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    if (llvm::Error error = checkRange(offset, out.size()))
      return error;
    if (!out.empty())
      std::memcpy(out.data(), bytes.data() + offset, out.size());
    return llvm::Error::success();
  }

  std::optional<llvm::ArrayRef<uint8_t>> inlineBytes() const override { return bytes; }

private:
  std::vector<uint8_t> bytes;
};

class FileRangeSource final : public TensorSource {
public:
  explicit FileRangeSource(FileRange range) : range(std::move(range)) {}

  uint64_t byteSize() const override { return range.length; }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    if (llvm::Error error = checkRange(offset, out.size()))
      return error;
    return range.file->read(range.offset + offset, out);
  }

  std::optional<FileRange> fileRange() const override { return range; }

private:
  FileRange range;
};

} // namespace

TensorSourceRef makeInlineSource(std::vector<uint8_t> bytes) {
  return std::make_shared<InlineSource>(std::move(bytes));
}

llvm::Expected<TensorSourceRef> makeFileRangeSource(FileRange range) {
  if (!range.file)
    return llvm::createStringError(std::errc::invalid_argument, "a file range needs a file");
  uint64_t size = range.file->size();
  if (range.offset > size || range.length > size - range.offset)
    return llvm::createStringError(
        std::errc::result_out_of_range,
        "%s: %llu bytes at offset %llu reach past the end of the file (%llu bytes)",
        range.file->path().str().c_str(), static_cast<unsigned long long>(range.length),
        static_cast<unsigned long long>(range.offset), static_cast<unsigned long long>(size));
  return std::make_shared<FileRangeSource>(std::move(range));
}

} // namespace optrun::ir
