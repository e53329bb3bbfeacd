// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Numbers as a tensor stores them, for algorithms that widen them themselves, a few at a time.

#ifndef OPTRUN_COMPRESSION_STOREDVALUES_H
#define OPTRUN_COMPRESSION_STOREDVALUES_H

#include "optrun/IR/DataType.h"

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <cassert>
#include <cstdint>

namespace optrun {

/// A view of Float32, Float16 or BFloat16 elements. Does not own them.
class StoredValues {
public:
  StoredValues() = default;
  /// \p bytes begin where an element of \p type may lie.
  StoredValues(ir::DataType type, llvm::ArrayRef<uint8_t> bytes)
      : elementType(type), stored(bytes) {
    assert(reinterpret_cast<uintptr_t>(bytes.data()) % elementBytes() == 0);
  }
  StoredValues(llvm::ArrayRef<float> values) // NOLINT(google-explicit-constructor): a view of them
      : stored(reinterpret_cast<const uint8_t *>(values.data()), values.size() * sizeof(float)) {}

  ir::DataType type() const { return elementType; }
  llvm::ArrayRef<uint8_t> bytes() const { return stored; }
  uint64_t size() const { return stored.size() / elementBytes(); }
  bool empty() const { return stored.empty(); }

  StoredValues slice(uint64_t first, uint64_t count) const {
    return {elementType, stored.slice(first * elementBytes(), count * elementBytes())};
  }
  StoredValues dropFront(uint64_t count) const { return slice(count, size() - count); }
  /// All, if there are no more.
  StoredValues takeFront(uint64_t count) const { return slice(0, std::min(count, size())); }
  /// Of Float32 alone.
  llvm::ArrayRef<float> floats() const {
    assert(elementType == ir::DataType::Float32);
    return {reinterpret_cast<const float *>(stored.data()), size()};
  }

  /// Of Float16 and BFloat16 alone.
  llvm::ArrayRef<uint16_t> bits() const {
    assert(elementBytes() == sizeof(uint16_t));
    return {reinterpret_cast<const uint16_t *>(stored.data()), size()};
  }

private:
  uint64_t elementBytes() const { return elementType == ir::DataType::Float32 ? 4 : 2; }

  ir::DataType elementType = ir::DataType::Float32;
  llvm::ArrayRef<uint8_t> stored;
};

} // namespace optrun

#endif // OPTRUN_COMPRESSION_STOREDVALUES_H
