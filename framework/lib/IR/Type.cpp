// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Types of values.

#include "optrun/IR/Type.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun::ir {

struct Type::Details {
  std::optional<Shape> shape;
  std::optional<Type> nested;
  std::string domain, name;
};

Type Type::tensor(DataType element, std::optional<Shape> shape) {
  Type type(Kind::Tensor, element);
  type.setShape(std::move(shape));
  return type;
}

Type Type::sparseTensor(DataType element, std::optional<Shape> shape) {
  Type type(Kind::SparseTensor, element);
  type.setShape(std::move(shape));
  return type;
}

Type Type::sequence(Type element) {
  Type type(Kind::Sequence, DataType::Undefined);
  type.details = std::make_shared<Details>(Details{std::nullopt, std::move(element), {}, {}});
  return type;
}

Type Type::optional(Type element) {
  Type type = sequence(std::move(element));
  type.typeKind = Kind::Optional;
  return type;
}

Type Type::map(DataType key, Type value) {
  Type type = sequence(std::move(value));
  type.typeKind = Kind::Map;
  type.element = key;
  return type;
}

Type Type::opaque(std::string domain, std::string name) {
  Type type(Kind::Opaque, DataType::Undefined);
  type.details = std::make_shared<Details>(
      Details{std::nullopt, std::nullopt, std::move(domain), std::move(name)});
  return type;
}

const std::optional<Shape> &Type::shape() const {
  static const std::optional<Shape> unknown;
  return details ? details->shape : unknown;
}

void Type::setShape(std::optional<Shape> newShape) {
  Details changed = details ? *details : Details{};
  changed.shape = std::move(newShape);
  bool empty = !changed.shape && !changed.nested && typeKind != Kind::Opaque;
  details = empty ? nullptr : std::make_shared<const Details>(std::move(changed));
}

const Type *Type::nested() const {
  return details && details->nested ? &*details->nested : nullptr;
}

llvm::StringRef Type::opaqueDomain() const {
  return details ? llvm::StringRef(details->domain) : llvm::StringRef();
}

llvm::StringRef Type::opaqueName() const {
  return details ? llvm::StringRef(details->name) : llvm::StringRef();
}

std::optional<uint64_t> Type::staticByteSize() const {
  if (typeKind != Kind::Tensor || !shape())
    return std::nullopt;
  uint64_t elements = 1;
  for (const Dimension &dimension : *shape()) {
    if (!dimension.extent || *dimension.extent < 0 ||
        __builtin_mul_overflow(elements, static_cast<uint64_t>(*dimension.extent), &elements))
      return std::nullopt;
  }
  return packedByteSize(element, elements);
}

bool Type::operator==(const Type &other) const {
  if (typeKind != other.typeKind || element != other.element || denotation != other.denotation)
    return false;
  if (details == other.details)
    return true;
  if (shape() != other.shape() || opaqueDomain() != other.opaqueDomain() ||
      opaqueName() != other.opaqueName())
    return false;
  const Type *mine = nested(), *theirs = other.nested();
  return mine && theirs ? *mine == *theirs : mine == theirs;
}

static void printTensor(DataType element, const std::optional<Shape> &shape,
                        llvm::raw_ostream &os) {
  os << dataTypeName(element) << '[';
  // An unknown rank is "[]" in ONNX's text too; a scalar has no brackets there.
  if (shape)
    llvm::interleave(
        *shape, os,
        [&](const Dimension &dimension) {
          if (dimension.extent)
            os << *dimension.extent;
          else if (!dimension.symbol.empty())
            os << dimension.symbol;
          else
            os << '?';
        },
        ",");
  os << ']';
}

void Type::print(llvm::raw_ostream &os) const {
  bool scalar = shape() && shape()->empty();
  switch (typeKind) {
  case Kind::Unknown:
    os << '?';
    return;
  case Kind::Tensor:
    if (scalar)
      os << dataTypeName(element);
    else
      printTensor(element, shape(), os);
    return;
  case Kind::SparseTensor:
    os << "sparse_tensor(";
    printTensor(element, shape(), os);
    os << ')';
    return;
  case Kind::Sequence:
    os << "seq(";
    break;
  case Kind::Optional:
    os << "optional(";
    break;
  case Kind::Map:
    os << "map(" << dataTypeName(element) << ',';
    break;
  case Kind::Opaque:
    os << "opaque(" << opaqueDomain() << ',' << opaqueName() << ')';
    return;
  }
  if (const Type *inner = nested())
    inner->print(os);
  os << ')';
}

} // namespace optrun::ir
