// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reading of files with one TensorProto.

#include "optrun/Onnx/TensorFile.h"

#include "ReadContext.h"
#include "TensorReader.h"

namespace optrun::onnx {

llvm::Expected<ir::TensorRef> readTensorFile(llvm::StringRef path) {
  constexpr uint64_t LargestMessage = uint64_t(1) << 31;
  auto file = FileHandle::open(path);
  if (!file)
    return file.takeError();
  if ((*file)->size() > LargestMessage)
    return makeError(path + ": the file is too large for one tensor");
  std::vector<uint8_t> bytes((*file)->size());
  if (auto error = (*file)->read(0, bytes))
    return error;
  ReadContext context(path.str(), bytes, nullptr, nullptr, {});
  return readTensor(context, bytes);
}

} // namespace optrun::onnx
