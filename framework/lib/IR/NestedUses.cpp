// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the analyses of nested graphs share.

#include "NestedUses.h"

namespace optrun::ir {

void forEachUsedValue(const Node &node, llvm::function_ref<void(Value &)> visit) {
  for (const Use &use : node.inputs())
    if (use.value())
      visit(*use.value());
  node.forEachSubgraph([&](Graph &graph) {
    for (const Node &nested : graph.nodes())
      forEachUsedValue(nested, visit);
    for (Value *output : graph.outputs())
      visit(*output);
  });
}

llvm::Error checkDepth(const Graph &graph) {
  if (graph.depth() <= Graph::MaxDepth)
    return llvm::Error::success();
  return llvm::createStringError(std::errc::invalid_argument,
                                 "graph '%s' is nested more than %u graphs deep",
                                 graph.name.c_str(), Graph::MaxDepth);
}

std::string describe(const Node &node) {
  std::string op = node.domain().empty() ? "" : node.domain().str() + ".";
  op += node.opType();
  if (!node.name.empty())
    return "node '" + node.name + "' (" + op + ")";
  for (const Value *output : node.outputs())
    if (output)
      return "the " + op + " node that produces '" + output->name().str() + "'";
  return "a " + op + " node without name and outputs";
}

} // namespace optrun::ir
