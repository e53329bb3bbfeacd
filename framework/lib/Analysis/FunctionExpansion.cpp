// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Inlines calls in a copy of the graph.

#include "FunctionExpansion.h"

#include "IR/FunctionKey.h"
#include "Onnx/FunctionCalls.h"

#include "llvm/ADT/StringMap.h"

namespace optrun {
namespace {

class Expander {
public:
  explicit Expander(const ir::Component &source) : source(source) {
    for (const std::unique_ptr<ir::Function> &function : source.functions)
      functions.try_emplace(ir::functionKey(function->domain, function->name, function->overload),
                            function.get());
  }

  llvm::Expected<ExpandedComponent> run() {
    if (llvm::Error error = onnx::checkFunctionCalls(source))
      return error;
    result.component = std::make_unique<ir::Component>();
    ir::Component &copy = *result.component;
    copy.name = source.name;
    copy.irVersion = source.irVersion;
    copy.opsets = source.opsets;
    for (const std::unique_ptr<ir::Function> &function : source.functions)
      for (const ir::OpsetImport &opset : function->opsets)
        if (!copy.opsetVersion(opset.domain))
          copy.opsets.push_back(opset);
    if (llvm::Error error = ir::cloneGraph(source.graph, copy.graph))
      return error;
    uint32_t index = 0;
    for (const ir::Node &node : copy.graph.nodes())
      result.origin[&node] = index++;
    if (llvm::Error error = expandGraph(copy.graph))
      return error;
    return std::move(result);
  }

private:
  const ir::Function *functionOf(const ir::Node &node) const {
    return functions.lookup(ir::functionKey(node.domain(), node.opType(), node.overload()));
  }

  llvm::Error expandGraph(ir::Graph &graph) {
    for (auto position = graph.nodes().begin(); position != graph.nodes().end();) {
      ir::Node &node = *position++;
      if (const ir::Function *function = functionOf(node)) {
        llvm::Expected<ir::Node *> first = inlineCall(node, *function);
        if (!first)
          return first.takeError();
        if (*first)
          position = (*first)->getIterator(); // the body may call other functions
        continue;
      }
      llvm::Error error = llvm::Error::success();
      node.forEachSubgraph([&](ir::Graph &nested) {
        if (!error)
          error = expandGraph(nested);
      });
      if (error)
        return error;
    }
    return llvm::Error::success();
  }

  llvm::Expected<ir::Value *> newValue(ir::Graph &graph, llvm::StringRef name) {
    std::string unique;
    do
      unique = (name + "__" + llvm::Twine(++counter)).str();
    while (graph.findValue(unique));
    return graph.addValue(unique);
  }

  /// Puts the body in the place of the call. Gives the first node of it, or null when it is empty.
  llvm::Expected<ir::Node *> inlineCall(ir::Node &call, const ir::Function &function) {
    ir::Graph &graph = call.graph();
    llvm::DenseMap<const ir::Value *, ir::Value *> values;
    llvm::SmallVector<ir::Value *, 4> omitted;
    llvm::ArrayRef<ir::Value *> formal = function.body.inputs();
    for (unsigned index = 0; index < formal.size(); ++index) {
      ir::Value *actual = call.input(index);
      if (!actual) {
        llvm::Expected<ir::Value *> placeholder = newValue(graph, formal[index]->name());
        if (!placeholder)
          return placeholder.takeError();
        omitted.push_back(actual = *placeholder);
      }
      values[formal[index]] = actual;
    }
    const llvm::SmallVector<ir::Value *, 4> results(call.outputs());
    graph.releaseOutputs(call);
    llvm::ArrayRef<ir::Value *> formalResults = function.body.outputs();
    for (size_t index = 0; index < std::min(results.size(), formalResults.size()); ++index)
      if (results[index])
        values.try_emplace(formalResults[index], results[index]);

    ir::Node *first = nullptr;
    auto place = [&](ir::Node &node) {
      graph.nodes().splice(call.getIterator(), graph.nodes(), node.getIterator());
      if (auto origin = result.origin.find(&call); origin != result.origin.end()) {
        const uint32_t number = origin->second;
        result.origin[&node] = number;
      }
      first = first ? first : &node;
    };
    auto mapInput = [&](ir::Value &value) -> llvm::Expected<ir::Value *> {
      return values.lookup(&value);
    };
    auto mapOutput = [&](ir::Value &value) -> llvm::Expected<ir::Value *> {
      if (ir::Value *known = values.lookup(&value))
        return known;
      llvm::Expected<ir::Value *> added = newValue(graph, value.name());
      if (added)
        values[&value] = *added;
      return added;
    };
    for (const ir::Node &node : function.body.nodes()) {
      llvm::Expected<ir::Node *> copy = ir::cloneNode(node, graph, mapInput, mapOutput);
      if (!copy)
        return copy.takeError();
      for (unsigned index = 0; index < (*copy)->numInputs(); ++index)
        if (llvm::is_contained(omitted, (*copy)->input(index)))
          (*copy)->setInput(index, nullptr);
      if (llvm::Error error = bindAttributes(**copy, call, function))
        return error;
      place(**copy);
    }
    if (llvm::Error error = passOn(call, results, formalResults, values, place))
      return error;
    result.origin.erase(&call);
    graph.eraseNode(call);
    return first;
  }

  /// Results that no node of the body produces for this output: formal inputs that are handed
  /// through, and values that are listed twice.
  llvm::Error passOn(ir::Node &call, llvm::ArrayRef<ir::Value *> results,
                     llvm::ArrayRef<ir::Value *> formalResults,
                     const llvm::DenseMap<const ir::Value *, ir::Value *> &values,
                     llvm::function_ref<void(ir::Node &)> place) {
    for (size_t index = 0; index < std::min(results.size(), formalResults.size()); ++index) {
      ir::Value *value = values.lookup(formalResults[index]);
      if (!results[index] || results[index] == value || !value)
        continue;
      ir::NodeSpec spec;
      spec.opType = "Identity";
      spec.inputs = value;
      spec.outputs = results[index];
      llvm::Expected<ir::Node *> node = call.graph().addNode(spec);
      if (!node)
        return node.takeError();
      place(**node);
    }
    return llvm::Error::success();
  }

  /// Attributes that refer to the function's own get the value that the call has for them.
  static llvm::Error bindAttributes(ir::Node &node, const ir::Node &call,
                                    const ir::Function &function) {
    std::vector<ir::Attribute> bound;
    for (ir::Attribute &attribute : node.attributes()) {
      const auto *reference = std::get_if<ir::AttributeReference>(&attribute.value);
      if (!reference) {
        bound.push_back(std::move(attribute));
        continue;
      }
      const ir::Attribute *actual = call.attribute(reference->functionAttribute);
      for (const ir::Attribute &preset : function.attributesWithDefaults)
        if (!actual && preset.name == reference->functionAttribute)
          actual = &preset;
      if (!actual)
        continue;
      llvm::Expected<ir::Attribute> copy = ir::cloneAttribute(*actual, &node);
      if (!copy)
        return copy.takeError();
      copy->name = attribute.name;
      bound.push_back(std::move(*copy));
    }
    node.attributes() = std::move(bound);
    llvm::Error error = llvm::Error::success();
    node.forEachSubgraph([&](ir::Graph &nested) {
      for (ir::Node &inner : nested.nodes())
        if (!error)
          error = bindAttributes(inner, call, function);
    });
    return error;
  }

  const ir::Component &source;
  llvm::StringMap<const ir::Function *> functions;
  ExpandedComponent result;
  uint64_t counter = 0;
};

} // namespace

llvm::Expected<ExpandedComponent> expandFunctions(const ir::Component &component) {
  return Expander(component).run();
}

} // namespace optrun
