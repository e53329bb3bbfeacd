// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Structural checks of graphs, in one pass over nodes and values.

#include "NestedUses.h"

#include "optrun/IR/Graph.h"

#include "llvm/ADT/DenseSet.h"

namespace optrun::ir {
namespace {

class Verifier {
public:
  explicit Verifier(const Graph &root) : rootDepth(root.depth()) {
    // A nested graph by itself: what it captures is taken to be available.
    for (const Graph *outer = root.parentGraph(); outer; outer = outer->parentGraph())
      enclosing.insert(enclosing.begin(), outer);
  }

  llvm::Error checkGraph(const Graph &graph) {
    if (llvm::Error error = checkDepth(graph))
      return error;
    enclosing.push_back(&graph);
    for (const std::unique_ptr<Value> &value : graph.values())
      if (llvm::Error error = checkValue(*value, graph))
        return error;
    for (const Node &node : graph.nodes()) {
      if (llvm::Error error = checkNode(node, graph))
        return error;
      done.insert(&node);
    }
    for (const Value *output : graph.outputs())
      if (llvm::Error error =
              checkAvailable(*output, [&] { return "an output of graph '" + graph.name + "'"; }))
        return error;
    enclosing.pop_back();
    return llvm::Error::success();
  }

private:
  template <typename... Args> static llvm::Error problem(const char *format, const Args &...args) {
    return llvm::createStringError(std::errc::invalid_argument, format, args...);
  }

  static llvm::Error checkValue(const Value &value, const Graph &graph) {
    auto name = [&] { return value.name().str(); };
    if (value.name().empty() || graph.findValue(value.name()) != &value || &value.graph() != &graph)
      return problem("graph '%s' does not find its value '%s' by name", graph.name.c_str(),
                     name().c_str());
    const Node *producer = value.producer();
    if (!producer)
      return llvm::Error::success();
    if (value.isInput() || value.isInitializer())
      return problem("value '%s' of graph '%s' is both an %s and the result of %s", name().c_str(),
                     graph.name.c_str(), value.isInput() ? "input" : "initializer",
                     describe(*producer).c_str());
    if (&producer->graph() != &graph || producer->output(value.outputIndex()) != &value)
      return problem("value '%s' of graph '%s' names %s as its producer, which does not produce it",
                     name().c_str(), graph.name.c_str(), describe(*producer).c_str());
    return llvm::Error::success();
  }

  llvm::Error checkNode(const Node &node, const Graph &graph) {
    if (&node.graph() != &graph)
      return problem("%s is in graph '%s' but belongs to another graph", describe(node).c_str(),
                     graph.name.c_str());
    for (const Use &use : node.inputs())
      if (use.value())
        if (llvm::Error error =
                checkAvailable(*use.value(), [&] { return "an input of " + describe(node); }))
          return error;
    for (const Value *output : node.outputs())
      if (output && output->producer() != &node)
        return problem("%s lists the output '%s', which it does not produce",
                       describe(node).c_str(), output->name().str().c_str());
    llvm::Error result = llvm::Error::success();
    node.forEachSubgraph([&](Graph &nested) {
      if (result)
        return;
      if (nested.parentNode() != &node)
        result = problem("nested graph '%s' of %s has another node as its parent",
                         nested.name.c_str(), describe(node).c_str());
      else
        result = checkGraph(nested);
    });
    return result;
  }

  /// A value can be used once something gives it a value, in this graph or one around it. \p place
  /// says where it is used; called for messages only.
  llvm::Error checkAvailable(const Value &value, llvm::function_ref<std::string()> place) {
    auto name = [&] { return value.name().str(); };
    unsigned depth = value.graph().depth();
    if (depth >= enclosing.size() || enclosing[depth] != &value.graph())
      return problem("'%s' is %s, but belongs to a graph that cannot be seen from there",
                     name().c_str(), place().c_str());
    if (depth < rootDepth)
      return llvm::Error::success();
    if (const Node *producer = value.producer()) {
      if (!done.contains(producer))
        return problem("'%s' is %s, but %s, which produces it, does not come before",
                       name().c_str(), place().c_str(), describe(*producer).c_str());
      return llvm::Error::success();
    }
    if (!value.isInput() && !value.isInitializer())
      return problem("'%s' is %s, but no node, input or initializer provides it", name().c_str(),
                     place().c_str());
    return llvm::Error::success();
  }

  unsigned rootDepth;
  llvm::SmallVector<const Graph *, 8> enclosing; // by depth
  llvm::DenseSet<const Node *> done;
};

} // namespace

llvm::Error verifyGraph(const Graph &graph) { return Verifier(graph).checkGraph(graph); }

} // namespace optrun::ir
