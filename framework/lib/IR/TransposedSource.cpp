// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source whose rows are the columns of another source.

#include "optrun/IR/TensorSource.h"

#include <cstring>

namespace optrun::ir {
namespace {

class TransposedSource final : public TensorSource {
public:
  TransposedSource(TensorSourceRef source, uint64_t rows, uint64_t columns, unsigned elementBytes)
      : source(std::move(source)), rows(rows), columns(columns), elementBytes(elementBytes) {}

  uint64_t byteSize() const override { return source->byteSize(); }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    if (llvm::Error error = checkRange(offset, out.size()))
      return error;
    if (out.empty())
      return llvm::Error::success();
    uint64_t first = offset / elementBytes, last = (offset + out.size() - 1) / elementBytes;
    uint64_t firstColumn = first / rows, lastColumn = last / rows;
    bool isOneColumn = firstColumn == lastColumn;
    std::vector<uint8_t> strip((lastColumn - firstColumn + 1) * elementBytes);
    for (uint64_t row = isOneColumn ? first % rows : 0, end = isOneColumn ? last % rows + 1 : rows;
         row != end; ++row) {
      uint64_t place = (row * columns + firstColumn) * elementBytes;
      if (llvm::Error error = source->read(place, strip))
        return error;
      for (uint64_t column = firstColumn; column <= lastColumn; ++column)
        put(strip.data() + (column - firstColumn) * elementBytes,
            (column * rows + row) * elementBytes, offset, out);
    }
    return llvm::Error::success();
  }

private:
  /// Copies the element that belongs at byte \p place, as far as \p out, which begins at byte
  /// \p offset, reaches.
  void put(const uint8_t *element, uint64_t place, uint64_t offset,
           llvm::MutableArrayRef<uint8_t> out) const {
    uint64_t begin = std::max(place, offset);
    uint64_t end = std::min(place + elementBytes, offset + out.size());
    if (begin < end)
      std::memcpy(out.data() + (begin - offset), element + (begin - place), end - begin);
  }

  TensorSourceRef source;
  uint64_t rows, columns;
  unsigned elementBytes;
};

} // namespace

llvm::Expected<TensorSourceRef> makeTransposedSource(TensorSourceRef source, uint64_t rows,
                                                     uint64_t columns, unsigned elementBytes) {
  if (!source || elementBytes == 0)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "a transposition needs a source and whole elements");
  uint64_t elements, bytes;
  if (__builtin_mul_overflow(rows, columns, &elements) ||
      __builtin_mul_overflow(elements, uint64_t(elementBytes), &bytes) ||
      bytes != source->byteSize())
    return llvm::createStringError(
        std::errc::invalid_argument,
        "%llu rows of %llu elements of %u bytes do not make the %llu bytes to be transposed",
        static_cast<unsigned long long>(rows), static_cast<unsigned long long>(columns),
        elementBytes, static_cast<unsigned long long>(source->byteSize()));
  if (rows <= 1 || columns <= 1)
    return source;
  return std::make_shared<TransposedSource>(std::move(source), rows, columns, elementBytes);
}

} // namespace optrun::ir
