// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Small graphs by hand, in few words.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_IR_GRAPHBUILDER_H
#define OPTRUN_UNITTESTS_FRAMEWORK_IR_GRAPHBUILDER_H

#include "TestSupport/Errors.h"

#include "optrun/IR/Package.h"

#include <cstring>

namespace optrun::ir {

/// Builds into a graph; values come into being when they are named first.
class GraphBuilder {
public:
  explicit GraphBuilder(Graph &graph) : graph(graph) {}

  /// The value of that name in this graph or the nearest enclosing one; made here if there is none.
  Value *value(llvm::StringRef name) {
    if (name.empty())
      return nullptr;
    for (Graph *scope = &graph; scope; scope = scope->parentGraph())
      if (Value *found = scope->findValue(name))
        return found;
    return test::valueOf(graph.addValue(name.str()));
  }

  /// A value of this graph, also where an enclosing one has the name.
  Value *local(llvm::StringRef name) {
    Value *found = graph.findValue(name);
    return found ? found : test::valueOf(graph.addValue(name.str()));
  }

  Value *input(llvm::StringRef name, Type type = {}) {
    Value *result = local(name);
    result->setType(std::move(type));
    graph.markInput(*result);
    return result;
  }

  Value *output(llvm::StringRef name) {
    Value *result = value(name);
    graph.markOutput(*result);
    return result;
  }

  Value *initializer(llvm::StringRef name, std::vector<float> elements = {0}) {
    Value *result = local(name);
    graph.setInitializer(*result, floats(name, elements));
    return result;
  }

  Node *node(llvm::StringRef op, std::vector<llvm::StringRef> inputs,
             std::vector<llvm::StringRef> outputs, llvm::StringRef name = "") {
    std::vector<Value *> operands, results;
    for (llvm::StringRef input : inputs)
      operands.push_back(value(input));
    for (llvm::StringRef output : outputs)
      results.push_back(output.empty() ? nullptr : local(output));
    return test::valueOf(graph.addNode({.domain = "",
                                        .opType = op,
                                        .overload = "",
                                        .name = name.str(),
                                        .inputs = operands,
                                        .outputs = results}));
  }

  /// An empty nested graph under the attribute \p attribute of \p node.
  static Graph &nested(Node &node, llvm::StringRef attribute) {
    auto graph = std::make_unique<Graph>(&node);
    graph->name = attribute.str();
    Graph &result = *graph;
    node.attributes().emplace_back(attribute.str(), std::move(graph));
    return result;
  }

  static TensorRef floats(llvm::StringRef name, const std::vector<float> &elements) {
    std::vector<uint8_t> bytes(elements.size() * sizeof(float));
    std::memcpy(bytes.data(), elements.data(), bytes.size());
    return test::valueOf(Tensor::create(name.str(), DataType::Float32,
                                        {static_cast<int64_t>(elements.size())},
                                        makeInlineSource(std::move(bytes))));
  }

  Graph &graph;
};

/// Names of the nodes' first outputs, in order: "a b c".
inline std::string nodeOrder(const Graph &graph) {
  std::string order;
  for (const Node &node : graph.nodes())
    order += (order.empty() ? "" : " ") + node.output(0)->name().str();
  return order;
}

} // namespace optrun::ir

#endif // OPTRUN_UNITTESTS_FRAMEWORK_IR_GRAPHBUILDER_H
