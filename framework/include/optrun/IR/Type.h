// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Types of values: tensors with possibly unknown shapes, sequences, optionals, maps.

#ifndef OPTRUN_IR_TYPE_H
#define OPTRUN_IR_TYPE_H

#include "optrun/IR/DataType.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <optional>
#include <string>

namespace optrun::ir {

/// One dimension: a fixed extent, a named symbol ("batch"), or unknown (neither).
struct Dimension {
  std::optional<int64_t> extent;
  std::string symbol;
  std::string denotation;

  bool operator==(const Dimension &) const = default;
};

using Shape = llvm::SmallVector<Dimension, 4>;

/// A value type. A small copyable description; nested element types are shared and immutable.
class Type {
public:
  enum class Kind { Unknown, Tensor, SparseTensor, Sequence, Optional, Map, Opaque };

  Type() = default;
  static Type tensor(DataType element, std::optional<Shape> shape = std::nullopt);
  static Type sparseTensor(DataType element, std::optional<Shape> shape = std::nullopt);
  static Type sequence(Type element);
  static Type optional(Type element);
  static Type map(DataType key, Type value);
  static Type opaque(std::string domain, std::string name);

  Kind kind() const { return typeKind; }
  bool isTensor() const { return typeKind == Kind::Tensor; }
  /// Tensor and sparse tensor: the element type; map: the key type.
  DataType elementType() const { return element; }
  /// Tensor and sparse tensor; nullopt when even the rank is unknown.
  const std::optional<Shape> &shape() const;
  void setShape(std::optional<Shape> newShape);
  /// Sequence and optional: what they hold; map: the value type. Null otherwise.
  const Type *nested() const;
  llvm::StringRef opaqueDomain() const;
  llvm::StringRef opaqueName() const;

  std::string denotation;

  /// Elements × element size when every dimension is fixed; nullopt otherwise or on overflow.
  std::optional<uint64_t> staticByteSize() const;

  bool operator==(const Type &other) const;
  /// "float[batch,128,64]", "seq(int64[?])"
  void print(llvm::raw_ostream &os) const;

private:
  struct Details;
  Type(Kind kind, DataType element) : typeKind(kind), element(element) {}

  Kind typeKind = Kind::Unknown;
  DataType element = DataType::Undefined;
  // Shape and nested type, shared and immutable: a graph has a million types, most without either.
  std::shared_ptr<const Details> details;
};

} // namespace optrun::ir

#endif // OPTRUN_IR_TYPE_H
