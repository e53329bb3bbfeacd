// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source whose rows are those of another source in another order.

#include "optrun/IR/TensorSource.h"

#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/STLExtras.h"

#include <cstring>

namespace optrun::ir {
namespace {

class RowPermutationSource final : public TensorSource {
public:
  RowPermutationSource(TensorSourceRef source, uint64_t rowBytes, std::vector<uint64_t> order)
      : source(std::move(source)), rowBytes(rowBytes), order(std::move(order)) {}

  uint64_t byteSize() const override { return source->byteSize(); }

  llvm::Error read(uint64_t offset, llvm::MutableArrayRef<uint8_t> out) const override {
    if (llvm::Error error = checkRange(offset, out.size()))
      return error;
    while (!out.empty()) {
      uint64_t row = offset / rowBytes, inRow = offset % rowBytes;
      // Rows that are neighbours in the source as well are read at once.
      uint64_t run = rowBytes - inRow;
      for (uint64_t next = row + 1;
           run < out.size() && next < order.size() && order[next] == order[next - 1] + 1; ++next)
        run += rowBytes;
      run = std::min<uint64_t>(run, out.size());
      if (llvm::Error error = source->read(order[row] * rowBytes + inRow, out.take_front(run)))
        return error;
      offset += run;
      out = out.drop_front(run);
    }
    return llvm::Error::success();
  }

private:
  TensorSourceRef source;
  uint64_t rowBytes;
  std::vector<uint64_t> order;
};

} // namespace

llvm::Expected<TensorSourceRef> makeRowPermutationSource(TensorSourceRef source, uint64_t rowBytes,
                                                         std::vector<uint64_t> order) {
  if (!source)
    return llvm::createStringError(std::errc::invalid_argument, "a row permutation needs a source");
  uint64_t expected;
  if (__builtin_mul_overflow(rowBytes, static_cast<uint64_t>(order.size()), &expected) ||
      expected != source->byteSize())
    return llvm::createStringError(
        std::errc::invalid_argument,
        "%zu rows of %llu bytes do not make the %llu bytes of the tensor to be permuted",
        order.size(), static_cast<unsigned long long>(rowBytes),
        static_cast<unsigned long long>(source->byteSize()));
  llvm::BitVector seen(order.size());
  bool identity = true;
  for (auto [position, row] : llvm::enumerate(order)) {
    if (row >= order.size() || seen.test(row)) {
      const char *problem = row >= order.size() ? "does not exist" : "is there twice";
      return llvm::createStringError(
          std::errc::invalid_argument, "row %llu at position %zu of a permutation of %zu rows %s",
          static_cast<unsigned long long>(row), position, order.size(), problem);
    }
    seen.set(row);
    identity &= row == position;
  }
  if (identity || rowBytes == 0)
    return source;
  return std::make_shared<RowPermutationSource>(std::move(source), rowBytes, std::move(order));
}

} // namespace optrun::ir
