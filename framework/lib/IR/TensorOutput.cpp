// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From sources of tensors to files.

#include "optrun/IR/TensorOutput.h"

namespace optrun::ir {
namespace {

llvm::Error appendSource(OutputFile &out, const Tensor &tensor,
                         llvm::function_ref<llvm::Error(uint64_t)> progress) {
  constexpr uint64_t BlockBytes = 1 << 20;
  if (std::optional<FileRange> range = tensor.source()->fileRange())
    return out.appendRange(*range->file, range->offset, range->length, progress).takeError();
  uint64_t bytes = 0;
  return tensor.forEachBlock(BlockBytes, [&](llvm::ArrayRef<uint8_t> block) -> llvm::Error {
    if (llvm::Error error = out.append(block))
      return error;
    bytes += block.size();
    return progress(bytes);
  });
}

} // namespace

llvm::Error appendPayload(OutputFile &out, const Tensor &tensor,
                          llvm::function_ref<llvm::Error(uint64_t)> progress) {
  return llvm::handleErrors(
      appendSource(out, tensor, progress), [&](const llvm::StringError &error) {
        return llvm::createStringError(error.convertToErrorCode(),
                                       "tensor '" + tensor.name() + "': " + error.message());
      });
}

} // namespace optrun::ir
