// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Floating-point operations of one operator, from the shapes of its operands.

#ifndef OPTRUN_LIB_ANALYSIS_OPERATORFLOPS_H
#define OPTRUN_LIB_ANALYSIS_OPERATORFLOPS_H

#include "optrun/IR/Graph.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {

/// Counts saturate: a file may claim any extent.
struct Flops {
  uint64_t total = 0;
  uint64_t attention = 0; // of total: products of two activations
};

/// A node with the types that its values have in the run that is estimated.
class TypedNode {
public:
  using Dims = llvm::SmallVector<int64_t, 4>;
  using TypeOf = llvm::function_ref<const ir::Type *(const ir::Value &)>;
  using IsConstant = llvm::function_ref<bool(const ir::Value &)>;

  TypedNode(const ir::Node &node, TypeOf typeOf, IsConstant isConstant)
      : node(node), typeOf(typeOf), isConstantValue(isConstant) {}

  const ir::Node &node;

  bool hasInput(unsigned index) const { return node.input(index) != nullptr; }
  bool isConstant(unsigned index) const {
    return node.input(index) && isConstantValue(*node.input(index));
  }
  /// nullopt when the value is omitted or an extent is unknown.
  std::optional<Dims> input(unsigned index) const { return dims(node.input(index)); }
  std::optional<Dims> output(unsigned index) const { return dims(node.output(index)); }
  int64_t integer(llvm::StringRef name, int64_t otherwise) const {
    return node.intAttribute(name).value_or(otherwise);
  }
  bool isFloatOutput() const;

private:
  std::optional<Dims> dims(const ir::Value *value) const;

  TypeOf typeOf;
  IsConstant isConstantValue;
};

/// The product of extents, saturated.
uint64_t countElements(llvm::ArrayRef<int64_t> dims);

/// Saturated product of counts.
template <typename... Counts> uint64_t times(uint64_t first, Counts... others) {
  ((first = llvm::SaturatingMultiply<uint64_t>(first, static_cast<uint64_t>(others))), ...);
  return first;
}

/// What is known of an operator.
enum class Knowledge {
  Known,   // the count is there
  NoShape, // the operator is known, an extent that it needs is not
  Unknown  // of another domain than ONNX's, or one of ONNX Runtime's that is in no list here
};

struct OperatorFlops {
  Knowledge knowledge = Knowledge::Known;
  Flops flops;
};

/// Formulas: NodeCost.h. Nested graphs are not looked into.
OperatorFlops flopsOf(const TypedNode &typed);

// The parts of it. nullopt when an extent is unknown; isX says whether the operator is theirs.
bool isProduct(const ir::Node &node);
std::optional<Flops> flopsOfProduct(const TypedNode &typed);
bool isAttention(const ir::Node &node);
std::optional<Flops> flopsOfAttention(const TypedNode &typed);

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_OPERATORFLOPS_H
