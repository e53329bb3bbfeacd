// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The constant behind a value.

#include "optrun/IR/Constants.h"

namespace optrun::ir {

TensorRef constantOf(const Node &node) {
  const Attribute *attribute = node.isOp("Constant") ? node.attribute("value") : nullptr;
  const auto *tensor = attribute ? std::get_if<TensorRef>(&attribute->value) : nullptr;
  return tensor ? *tensor : nullptr;
}

TensorRef constantOf(const Value &value) {
  if (value.tensor())
    return value.tensor();
  return value.producer() ? constantOf(*value.producer()) : nullptr;
}

void forEachConstant(const Graph &graph,
                     llvm::function_ref<void(Value &, const TensorRef &)> visit) {
  for (Value *value : graph.initializers())
    if (value->tensor())
      visit(*value, value->tensor());
  for (const Node &node : graph.nodes()) {
    if (const TensorRef tensor = constantOf(node); tensor && node.output(0))
      visit(*node.output(0), tensor);
    node.forEachSubgraph([&](Graph &nested) { forEachConstant(nested, visit); });
  }
}

} // namespace optrun::ir
