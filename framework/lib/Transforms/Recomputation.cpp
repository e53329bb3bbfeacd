// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decides which cheap nodes each component computes for itself.

#include "optrun/Transforms/Recomputation.h"

#include "optrun/Analysis/WeightedNodes.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Support/MathExtras.h"

namespace optrun {
namespace {

/// Operators that a mask, a position table or a rotary table is made of. Listed, not guessed: an
/// operator that is not known may be expensive or random.
bool isCheapOperator(const ir::Node &node) {
  static const llvm::StringSet<> operators = {"Abs",
                                              "Add",
                                              "And",
                                              "Cast",
                                              "CastLike",
                                              "Ceil",
                                              "Clip",
                                              "Concat",
                                              "Cos",
                                              "ConstantOfShape",
                                              "CumSum",
                                              "Div",
                                              "Equal",
                                              "Exp",
                                              "Expand",
                                              "EyeLike",
                                              "Flatten",
                                              "Floor",
                                              "Gather",
                                              "GatherElements",
                                              "GatherND",
                                              "Greater",
                                              "GreaterOrEqual",
                                              "Identity",
                                              "IsNaN",
                                              "Less",
                                              "LessOrEqual",
                                              "Log",
                                              "MatMul",
                                              "Max",
                                              "Min",
                                              "Mod",
                                              "Mul",
                                              "Neg",
                                              "Not",
                                              "OneHot",
                                              "Or",
                                              "Pad",
                                              "Pow",
                                              "Range",
                                              "Reciprocal",
                                              "ReduceMax",
                                              "ReduceMin",
                                              "ReduceSum",
                                              "Reshape",
                                              "ScatterElements",
                                              "ScatterND",
                                              "Shape",
                                              "Sin",
                                              "Size",
                                              "Slice",
                                              "Split",
                                              "Sqrt",
                                              "Squeeze",
                                              "Sub",
                                              "Tile",
                                              "Transpose",
                                              "Trilu",
                                              "Unsqueeze",
                                              "Where",
                                              "Xor"};
  return (node.domain().empty() || node.domain() == "ai.onnx") && operators.contains(node.opType());
}

/// Tables that are looked into (positions, embeddings) and matrices: to store them in each
/// component is not cheap. A vector (the frequencies of a rotary table) is.
bool isTable(const ir::Tensor &weight) {
  return llvm::count_if(weight.dims(), [](int64_t extent) { return extent > 1; }) > 1;
}

using BytesOf = llvm::function_ref<std::optional<uint64_t>(const ir::Value &)>;

uint64_t sum(uint64_t left, uint64_t right) { return llvm::SaturatingAdd(left, right); }

} // namespace

llvm::BitVector recomputableNodes(const Dataflow &flow, Recompute when, BytesOf bytesOf) {
  llvm::BitVector recomputed(flow.size());
  if (when == Recompute::Never)
    return recomputed;
  const std::vector<const ir::Tensor *> weights = weightsOfNodes(flow);
  llvm::BitVector cheap(flow.size());
  // What all results of a node cost together.
  std::vector<uint64_t> cost(flow.size());
  constexpr uint64_t Unknown = ~uint64_t{0};

  for (uint32_t node = 0; node < flow.size(); ++node) {
    if (flow.foldsConstants(node))
      continue;
    uint64_t fromOperands = 0;
    bool isCheap = isCheapOperator(flow.node(node)) && (!weights[node] || !isTable(*weights[node]));
    bool computesProduct = flow.node(node).isOp("MatMul");
    for (size_t operand = 0; operand < flow.operands(node).size(); ++operand) {
      const uint32_t producer = flow.producers(node)[operand];
      if (producer == Dataflow::None) {
        const ir::Value &value = *flow.operands(node)[operand];
        if (!value.isInitializer())
          fromOperands = sum(fromOperands, bytesOf(value).value_or(Unknown));
      } else if (!flow.foldsConstants(producer)) {
        isCheap &= cheap.test(producer);
        fromOperands = sum(fromOperands, cost[producer]);
      }
    }
    if (computesProduct)
      isCheap &= weights[node] != nullptr; // with a vector, as tables were ruled out above
    uint64_t handedOn = 0;
    for (const ir::Value *output : flow.node(node).outputs())
      if (output)
        handedOn = sum(handedOn, bytesOf(*output).value_or(Unknown));
    cheap[node] = isCheap;
    if (isCheap && (when == Recompute::Always || fromOperands < handedOn)) {
      recomputed.set(node);
      cost[node] = fromOperands;
    } else {
      cost[node] = handedOn;
    }
  }
  return recomputed;
}

} // namespace optrun
