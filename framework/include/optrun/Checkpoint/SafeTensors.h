// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Single .safetensors files: what tensors lie where.

#ifndef OPTRUN_CHECKPOINT_SAFETENSORS_H
#define OPTRUN_CHECKPOINT_SAFETENSORS_H

#include "optrun/IR/Tensor.h"

#include "llvm/ADT/StringMap.h"

namespace optrun::checkpoint {

/// A file whose header has been read. Payloads stay in the file: the source of each tensor is a
/// range of it.
class SafeTensorsFile {
public:
  /// Refuses whatever the format forbids: gaps, overlaps and bytes after the last tensor, shapes
  /// that are not those of the payload, names given twice (after unescaping), unknown keys and
  /// types. Errors name the file and the tensor.
  static llvm::Expected<SafeTensorsFile> open(llvm::StringRef path);
  static llvm::Expected<SafeTensorsFile> open(std::shared_ptr<const FileHandle> file);

  const std::shared_ptr<const FileHandle> &file() const { return handle; }
  /// In the order of their bytes.
  llvm::ArrayRef<ir::TensorRef> tensors() const { return inOrder; }
  /// Null when there is none of that name.
  ir::TensorRef find(llvm::StringRef name) const { return byName.lookup(name); }
  /// The strings under "__metadata__", in the order of the header.
  llvm::ArrayRef<std::pair<std::string, std::string>> metadata() const { return strings; }

private:
  std::shared_ptr<const FileHandle> handle;
  std::vector<ir::TensorRef> inOrder;
  llvm::StringMap<ir::TensorRef> byName;
  std::vector<std::pair<std::string, std::string>> strings;
};

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_SAFETENSORS_H
