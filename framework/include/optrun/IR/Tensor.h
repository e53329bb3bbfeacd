// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A constant tensor: type, shape and a lazy source. Immutable and shared.

#ifndef OPTRUN_IR_TENSOR_H
#define OPTRUN_IR_TENSOR_H

#include "optrun/IR/DataType.h"
#include "optrun/IR/TensorSource.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <string>
#include <utility>
#include <vector>

namespace optrun::ir {

class Tensor;
using TensorRef = std::shared_ptr<const Tensor>;

class Tensor {
public:
  using Dims = llvm::SmallVector<int64_t, 4>;

  /// Little-endian, C order, packed as ONNX raw_data. An error when a dimension is negative, the
  /// element count overflows, or the source's size is not that of the shape.
  static llvm::Expected<TensorRef> create(std::string name, DataType type, Dims dims,
                                          TensorSourceRef source);
  /// Tensors of DataType::String; \p strings holds one entry per element.
  static llvm::Expected<TensorRef> createStrings(std::string name, Dims dims,
                                                 std::vector<std::string> strings);

  llvm::StringRef name() const { return tensorName; }
  DataType dataType() const { return type; }
  llvm::ArrayRef<int64_t> dims() const { return extents; }
  uint64_t elementCount() const { return elements; }
  /// Bytes of the payload as stored (for strings: the sum of their lengths).
  uint64_t byteSize() const;
  const TensorSourceRef &source() const { return payload; }
  llvm::ArrayRef<std::string> strings() const { return stringElements; }

  /// Reads everything; for small tensors (shapes, scalars, tests).
  llvm::Expected<std::vector<uint8_t>> readAll() const;
  /// Calls \p visit with consecutive pieces of at most \p blockBytes bytes.
  llvm::Error forEachBlock(uint64_t blockBytes,
                           llvm::function_ref<llvm::Error(llvm::ArrayRef<uint8_t>)> visit) const;

  /// The same payload under another name.
  TensorRef renamed(std::string newName) const;
  /// The same payload with documentation and metadata; for readers.
  TensorRef annotated(std::string newDocString,
                      std::vector<std::pair<std::string, std::string>> newMetadata) const;

  std::string docString;
  /// ONNX metadata_props, in order.
  std::vector<std::pair<std::string, std::string>> metadata;

private:
  std::string tensorName;
  DataType type = DataType::Undefined;
  Dims extents;
  uint64_t elements = 0;
  TensorSourceRef payload;
  std::vector<std::string> stringElements;
};

/// ONNX SparseTensorProto: non-zero values and their indices.
struct SparseTensor {
  TensorRef values;
  TensorRef indices;
  Tensor::Dims dims;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_TENSOR_H
