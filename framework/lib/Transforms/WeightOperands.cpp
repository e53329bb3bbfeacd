// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns values to the order in which nodes read them.

#include "optrun/Transforms/WeightOperands.h"

#include "llvm/ADT/STLExtras.h"

#include <numeric>

namespace optrun {
namespace {

ir::Value *turned(ir::Value *values, ComponentEditor &editor, Place place) {
  ir::Shape shape = *values->type().shape();
  std::vector<int64_t> permutation(shape.size());
  std::iota(permutation.begin(), permutation.end(), 0);
  std::swap(permutation[permutation.size() - 2], permutation.back());
  std::swap(shape[shape.size() - 2], shape.back());
  return editor.add({.op = "Transpose",
                     .inputs = {values},
                     .attributes = {{"perm", permutation}},
                     .type = ir::Type::tensor(values->type().elementType(), std::move(shape))},
                    place);
}

} // namespace

void setWeightOperand(const WeightUse &use, ir::Value *values, WeightOrder order,
                      ComponentEditor &editor, Place place) {
  ir::Node &node = *use.node;
  if (use.kind == WeightUse::Kind::MatMulRight && order == WeightOrder::Rows)
    values = turned(values, editor, place);
  if (use.kind == WeightUse::Kind::Gemm) {
    llvm::erase_if(node.attributes(),
                   [](const ir::Attribute &each) { return each.name == "transB"; });
    node.attributes().emplace_back("transB", int64_t{order == WeightOrder::Rows});
  }
  editor.setOperand(node, use.operand, values);
}

} // namespace optrun
