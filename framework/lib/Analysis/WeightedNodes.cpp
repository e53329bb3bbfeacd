// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the nodes that use weights.

#include "optrun/Analysis/WeightedNodes.h"

#include "optrun/IR/Constants.h"

#include <algorithm>

namespace optrun {
bool isWeight(const ir::Tensor &tensor) {
  switch (tensor.dataType()) {
  case ir::DataType::Undefined:
  case ir::DataType::Bool:
  case ir::DataType::Int32:
  case ir::DataType::Int64:
  case ir::DataType::String:
    return false;
  default:
    return tensor.elementCount() >= 2;
  }
}

namespace {

const ir::Tensor *larger(const ir::Tensor *left, const ir::Tensor *right) {
  if (!left || !right)
    return left ? left : right;
  return right->elementCount() > left->elementCount() ? right : left;
}

} // namespace

std::vector<const ir::Tensor *> weightsOfNodes(const Dataflow &flow) {
  std::vector<const ir::Tensor *> weights(flow.size());
  for (uint32_t index = 0; index < flow.size(); ++index) {
    const ir::TensorRef own = ir::constantOf(flow.node(index));
    const ir::Tensor *largest = own && isWeight(*own) ? own.get() : nullptr;
    for (size_t operand = 0; operand < flow.operands(index).size(); ++operand) {
      const uint32_t producer = flow.producers(index)[operand];
      const ir::Tensor *tensor = nullptr;
      if (producer != Dataflow::None)
        tensor = flow.foldsConstants(producer) ? weights[producer] : nullptr;
      else if (const ir::TensorRef &constant = flow.operands(index)[operand]->tensor())
        tensor = isWeight(*constant) ? constant.get() : nullptr;
      largest = larger(largest, tensor);
    }
    weights[index] = largest;
  }
  for (uint32_t index = 0; index < flow.size(); ++index)
    if (flow.foldsConstants(index))
      weights[index] = nullptr;
  return weights;
}

std::vector<uint32_t> weightedLevels(const Dataflow &flow,
                                     llvm::ArrayRef<const ir::Tensor *> weights) {
  std::vector<uint32_t> levels(flow.size());
  for (uint32_t node = 0; node < flow.size(); ++node) {
    for (uint32_t producer : flow.producers(node))
      if (producer != Dataflow::None)
        levels[node] = std::max(levels[node], levels[producer]);
    if (weights[node])
      ++levels[node];
  }
  return levels;
}

} // namespace optrun
