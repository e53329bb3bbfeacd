// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A value that goes into or comes out of a model run.

#ifndef OPTRUN_RUNTIME_RUNTIMEVALUE_H
#define OPTRUN_RUNTIME_RUNTIMEVALUE_H

#include "optrun/IR/Tensor.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace optrun::runtime {

/// Owns a value of ONNX Runtime: most often a tensor, else a sequence, map or an absent optional,
/// which can be handed on to another model but not looked into. Outlives the session it came from.
class RuntimeValue {
public:
  RuntimeValue() = default;
  RuntimeValue(RuntimeValue &&other) noexcept;
  RuntimeValue &operator=(RuntimeValue &&other) noexcept;
  ~RuntimeValue();

  /// A tensor with a copy of \p bytes: little-endian, C order, packed as ONNX raw_data. An error
  /// when they are not as many as type and shape say, or when the runtime lacks the type.
  static llvm::Expected<RuntimeValue> tensor(ir::DataType type, llvm::ArrayRef<int64_t> dims,
                                             llvm::ArrayRef<uint8_t> bytes);
  /// A tensor of strings, one for each element.
  static llvm::Expected<RuntimeValue> stringTensor(llvm::ArrayRef<int64_t> dims,
                                                   llvm::ArrayRef<std::string> strings);

  /// A copy of \p tensor.
  static llvm::Expected<RuntimeValue> of(const ir::Tensor &tensor);

  bool isTensor() const { return elementType != ir::DataType::Undefined; }
  /// Undefined when this is no tensor.
  ir::DataType dataType() const { return elementType; }
  llvm::ArrayRef<int64_t> dims() const { return extents; }
  /// The elements, in the runtime's memory; valid as long as this value. Empty for strings.
  llvm::ArrayRef<uint8_t> bytes() const { return {data, byteSize}; }
  llvm::ArrayRef<std::string> strings() const { return stringElements; }

private:
  friend class Session;
  /// Takes over \p handle, an OrtValue.
  static llvm::Expected<RuntimeValue> adopt(void *handle);

  void *handle = nullptr;
  ir::DataType elementType = ir::DataType::Undefined;
  std::vector<int64_t> extents;
  const uint8_t *data = nullptr;
  size_t byteSize = 0;
  std::vector<std::string> stringElements;
};

} // namespace optrun::runtime

#endif // OPTRUN_RUNTIME_RUNTIMEVALUE_H
