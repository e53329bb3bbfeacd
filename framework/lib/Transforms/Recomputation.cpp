// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decides which cheap nodes each component computes for itself.

#include "optrun/Transforms/Recomputation.h"

#include "optrun/IR/Payloads.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {
namespace {

bool isOne(const ir::Dimension &dimension) { return dimension.extent == 1; }

bool isVector(const ir::Shape &shape) {
  return llvm::count_if(shape, isOne) + 1 >= static_cast<std::ptrdiff_t>(shape.size());
}

/// A product with a vector, or of a column with a row: it looks at each operand or each result
/// once.
bool isCheapProduct(const ir::Node &matMul) {
  if (!matMul.input(0) || !matMul.input(1))
    return false;
  const std::optional<ir::Shape> &left = matMul.input(0)->type().shape();
  const std::optional<ir::Shape> &right = matMul.input(1)->type().shape();
  return (left && (isVector(*left) || isOne(left->back()))) ||
         (right && (isVector(*right) || isOne(right->end()[-2])));
}

/// Operators that a mask, a position table or a rotary table is made of. Listed, not guessed: an
/// operator that is not known may be expensive or random.
bool isCheapOperator(const ir::Node &node) {
  if (node.isOp("MatMul"))
    return isCheapProduct(node);
  return node.isOp(node.opType()) && // of ONNX
         llvm::StringSwitch<bool>(node.opType())
             .Cases("Abs", "Add", "Ceil", "Clip", "Cos", "Div", "Exp", "Floor", "Log", true)
             .Cases("Max", "Min", "Mod", "Mul", "Neg", "Pow", "Reciprocal", "Sin", "Sqrt", true)
             .Cases("CumSum", "ReduceMax", "ReduceMin", "ReduceSum", "Sub", true)
             .Cases("And", "Equal", "Greater", "GreaterOrEqual", "IsNaN", "Less", true)
             .Cases("LessOrEqual", "Not", "Or", "Where", "Xor", true)
             .Cases("ConstantOfShape", "EyeLike", "OneHot", "Range", "Shape", "Size", "Trilu", true)
             .Cases("Cast", "CastLike", "Concat", "Expand", "Flatten", "Gather", true)
             .Cases("GatherElements", "GatherND", "Identity", "Pad", "Reshape", true)
             .Cases("ScatterElements", "ScatterND", "Slice", "Split", "Squeeze", "Tile", true)
             .Cases("Transpose", "Unsqueeze", true)
             .Default(false);
}

/// Tables that are looked into (positions, embeddings, masks) and matrices: to store them in each
/// component is not cheap. A vector (the frequencies of a rotary table) is.
template <typename T> bool holdsTable(const T &holder) {
  bool found = false;
  ir::forEachTensor(holder, [&](const ir::TensorRef &tensor) {
    found |= llvm::count_if(tensor->dims(), [](int64_t extent) { return extent > 1; }) > 1;
  });
  return found;
}

/// A few numbers, whatever they are taken from.
bool isExtents(const ir::Node &node) { return node.isOp("Shape") || node.isOp("Size"); }

llvm::BitVector cheapNodes(const Dataflow &flow) {
  llvm::BitVector cheap(flow.size());
  llvm::BitVector foldsTable(flow.size()); // of nodes that fold constants
  for (uint32_t node = 0; node < flow.size(); ++node) {
    bool usesTable = holdsTable(flow.node(node)), onlyCheap = true;
    for (size_t operand = 0; operand < flow.operands(node).size(); ++operand) {
      const uint32_t producer = flow.producers(node)[operand];
      if (producer == Dataflow::None)
        usesTable |= holdsTable(*flow.operands(node)[operand]);
      else if (flow.foldsConstants(producer))
        usesTable |= foldsTable.test(producer);
      else
        onlyCheap &= cheap.test(producer) || isExtents(flow.node(producer));
    }
    if (flow.foldsConstants(node))
      foldsTable[node] = usesTable;
    else
      cheap[node] = onlyCheap && !usesTable && isCheapOperator(flow.node(node));
  }
  return cheap;
}

using BytesOf = llvm::function_ref<std::optional<uint64_t>(const ir::Value &)>;

uint64_t sum(uint64_t left, uint64_t right) { return llvm::SaturatingAdd(left, right); }

} // namespace

llvm::BitVector recomputableNodes(const Dataflow &flow, Recompute when, BytesOf bytesOf) {
  if (when == Recompute::Never)
    return llvm::BitVector(flow.size());
  llvm::BitVector cheap = cheapNodes(flow);
  if (when == Recompute::Always)
    return cheap;

  llvm::BitVector recomputed(flow.size());
  std::vector<uint64_t> cost(flow.size()); // in bytes, of all results of a node
  constexpr uint64_t Unknown = ~uint64_t{0};
  auto costOf = [&](const ir::Value &value) { return bytesOf(value).value_or(Unknown); };
  for (uint32_t node = 0; node < flow.size(); ++node) {
    if (flow.foldsConstants(node))
      continue;
    for (const ir::Value *result : flow.node(node).outputs())
      if (result)
        cost[node] = sum(cost[node], costOf(*result));
    if (!cheap.test(node) || cost[node] == Unknown)
      continue;
    uint64_t fromOperands = 0;
    for (size_t operand = 0; operand < flow.operands(node).size(); ++operand) {
      const uint32_t producer = flow.producers(node)[operand];
      const ir::Value &value = *flow.operands(node)[operand];
      if (producer != Dataflow::None)
        fromOperands = sum(fromOperands, cost[producer]);
      else if (!value.isInitializer())
        fromOperands = sum(fromOperands, costOf(value));
    }
    if (fromOperands < cost[node]) {
      recomputed.set(node);
      cost[node] = fromOperands;
    }
  }
  return recomputed;
}

} // namespace optrun
