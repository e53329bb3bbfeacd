// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Each function is counted once; the sums saturate.

#include "FunctionCalls.h"

#include "ProtoSupport.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace optrun::onnx {

namespace {

/// Inference takes two seconds for as many.
constexpr uint64_t MaxNodes = 1000000;

/// Whoever expands recurses over calls and graphs alike.
constexpr unsigned MaxLevels = ir::Graph::MaxDepth;

struct Size {
  uint64_t nodes = 0;    // with those of nested graphs, without expansion
  uint64_t expanded = 0; // what calls add
  unsigned levels = 0;   // of graphs and calls inside

  uint64_t total() const { return llvm::SaturatingAdd(nodes, expanded); }
  void add(const Size &other) {
    nodes = llvm::SaturatingAdd(nodes, other.nodes);
    expanded = llvm::SaturatingAdd(expanded, other.expanded);
    levels = std::max(levels, other.levels);
  }
  void addNested(Size inner) {
    ++inner.levels;
    add(inner);
  }
};

/// ONNX's domain has two names.
std::string keyOf(llvm::StringRef domain, llvm::StringRef name, llvm::StringRef overload) {
  return llvm::join_items(':', domain == "ai.onnx" ? "" : domain, name, overload);
}

bool isReference(const ir::Attribute &attribute) {
  return std::holds_alternative<ir::AttributeReference>(attribute.value);
}

llvm::SmallVector<const ir::Graph *> graphsOf(const ir::Attribute &attribute) {
  llvm::SmallVector<const ir::Graph *> graphs;
  if (const auto *single = std::get_if<std::unique_ptr<ir::Graph>>(&attribute.value))
    graphs.push_back(single->get());
  if (const auto *several = std::get_if<std::vector<std::unique_ptr<ir::Graph>>>(&attribute.value))
    for (const std::unique_ptr<ir::Graph> &graph : *several)
      graphs.push_back(graph.get());
  return graphs;
}

std::string labelOf(const ir::Function &function) {
  return "'" + function.domain + ":" + function.name + "'";
}

/// At most so many nodes come of a function with these graphs as attributes.
uint64_t copies(const Size &function, const Size &graphs) {
  return llvm::SaturatingMultiply(function.total(), std::max<uint64_t>(graphs.total(), 1));
}

class CallCounter {
public:
  llvm::Error run(const ir::Component &component) {
    for (const auto &function : component.functions)
      functions.try_emplace(keyOf(function->domain, function->name, function->overload),
                            function.get());
    for (const auto &function : component.functions)
      sizeOf(*function, 1);
    sizeOf(component.graph, 0);
    return problem.empty() ? llvm::Error::success() : makeError(problem);
  }

private:
  /// \p level: the number of graphs and calls around what is counted.
  Size sizeOf(const ir::Graph &graph, unsigned level) {
    Size size;
    for (const ir::Node &node : graph.nodes()) {
      if (!problem.empty())
        break;
      addNode(size, node, level);
    }
    return size;
  }

  void addNode(Size &size, const ir::Node &node, unsigned level) {
    Size graphs;
    node.forEachSubgraph([&](ir::Graph &graph) { graphs.add(sizeOf(graph, level + 1)); });
    // A graph that the function is called with can come to stand at each such reference.
    size.nodes += 1 + static_cast<uint64_t>(llvm::count_if(node.attributes(), isReference));
    if (graphs.nodes != 0)
      size.addNested(graphs);
    auto callee = functions.find(keyOf(node.domain(), node.opType(), node.overload()));
    if (callee == functions.end())
      return;
    Size called = sizeOf(*callee->second, level + 1);
    called = {0, copies(called, graphs), called.levels};
    size.addNested(called);
    if (size.expanded > MaxNodes)
      refuse("the calls of the function " + labelOf(*callee->second) + " expand to more than " +
             llvm::Twine(MaxNodes) + " nodes");
  }

  Size sizeOf(const ir::Function &function, unsigned level) {
    if (llvm::is_contained(callers, &function)) {
      refuse("the function " + labelOf(function) + " calls itself" +
             (callers.back() == &function ? "" : " through " + labelOf(*callers.back())));
      return {};
    }
    auto known = sizes.find(&function);
    if (level + (known == sizes.end() ? 0 : known->second.levels) > MaxLevels)
      refuse("calls of functions are nested more than " + llvm::Twine(MaxLevels) +
             " levels deep, at " + labelOf(function));
    if (!problem.empty())
      return {};
    if (known != sizes.end())
      return known->second;

    callers.push_back(&function);
    Size size = sizeOf(function.body, level), defaults;
    for (const ir::Attribute &attribute : function.attributesWithDefaults)
      for (const ir::Graph *graph : graphsOf(attribute))
        defaults.add(sizeOf(*graph, level + 1));
    callers.pop_back();
    if (defaults.nodes != 0) {
      size.expanded = copies(size, defaults);
      size.addNested({0, 0, defaults.levels});
    }
    return sizes[&function] = size;
  }

  /// The first problem is the one to report: the rest is counted no further.
  void refuse(const llvm::Twine &message) {
    if (problem.empty())
      problem = message.str();
  }

  llvm::StringMap<const ir::Function *> functions;
  llvm::DenseMap<const ir::Function *, Size> sizes;
  llvm::SmallVector<const ir::Function *> callers;
  std::string problem;
};

} // namespace

llvm::Error checkFunctionCalls(const ir::Component &component) {
  return component.functions.empty() ? llvm::Error::success() : CallCounter().run(component);
}

} // namespace optrun::onnx
