// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// GGUF files, versions 2 and 3: metadata, and what tensors lie where.

#ifndef OPTRUN_CHECKPOINT_GGUF_H
#define OPTRUN_CHECKPOINT_GGUF_H

#include "optrun/Checkpoint/GgmlType.h"
#include "optrun/IR/Tensor.h"

#include "llvm/ADT/StringMap.h"

#include <variant>

namespace optrun::checkpoint {

class GgufCursor;

/// Types of metadata, numbered as in GGUF files.
enum class GgufValueType : uint32_t {
  UInt8 = 0,
  Int8 = 1,
  UInt16 = 2,
  Int16 = 3,
  UInt32 = 4,
  Int32 = 5,
  Float32 = 6,
  Bool = 7,
  String = 8,
  Array = 9,
  UInt64 = 10,
  Int64 = 11,
  Float64 = 12,
};

/// An array stays in the file: vocabularies have hundreds of thousands of strings, which few need.
/// GgufFile::strings() and numbers() read it.
struct GgufArray {
  GgufValueType elementType = GgufValueType::UInt8;
  uint64_t count = 0;
  uint64_t offset = 0, bytes = 0; ///< where the elements lie
};

/// Unsigned integers as uint64_t, signed ones as int64_t, both floats as double. Strings are bytes:
/// nothing says that they are UTF-8.
using GgufValue = std::variant<uint64_t, int64_t, double, bool, std::string, GgufArray>;

struct GgufTensor {
  std::string name;
  GgmlType type = GgmlType::F32;
  /// Outermost first, as everywhere in OptRun: GGUF's ne in reverse.
  ir::Tensor::Dims dims;
  /// The range of the file that holds its blocks.
  ir::TensorSourceRef payload;
};

/// A file whose metadata and tensor infos have been read; payloads and arrays stay in the file.
class GgufFile {
public:
  /// Every count, length and offset is checked against the file; keys and tensors that are there
  /// twice, tensors that overlap or leave gaps, and types that cannot be decoded are errors. Errors
  /// name the file and the key, the tensor or the byte.
  static llvm::Expected<GgufFile> open(llvm::StringRef path);
  static llvm::Expected<GgufFile> open(std::shared_ptr<const FileHandle> file);

  const std::shared_ptr<const FileHandle> &file() const { return handle; }
  uint32_t version() const { return formatVersion; }

  /// In the order of the file.
  llvm::ArrayRef<std::pair<std::string, GgufValue>> metadata() const { return values; }
  /// Null when the key is not there.
  const GgufValue *find(llvm::StringRef key) const;
  /// The elements of an array of strings, or of numbers. An error for arrays of another type.
  llvm::Expected<std::vector<std::string>> strings(const GgufArray &array) const;
  llvm::Expected<std::vector<double>> numbers(const GgufArray &array) const;

  /// In the order of the file.
  llvm::ArrayRef<GgufTensor> tensors() const { return infos; }
  const GgufTensor *findTensor(llvm::StringRef name) const;

private:
  llvm::Error readHeader();
  llvm::Error readMetadata(GgufCursor &cursor, uint64_t count);
  llvm::Error readTensors(GgufCursor &cursor, uint64_t count);

  std::shared_ptr<const FileHandle> handle;
  uint32_t formatVersion = 0;
  std::vector<std::pair<std::string, GgufValue>> values;
  std::vector<GgufTensor> infos;
  llvm::StringMap<size_t> valueIndex, tensorIndex;
};

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_GGUF_H
