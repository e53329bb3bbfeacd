// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Takes every node through the versions of its operator. All of it is tried on a copy of the graph
/// first, which shares the constants, so that a refusal leaves the component as it was.

#include "optrun/Transforms/OpsetConversion.h"

#include "Steps.h"

#include "optrun/Analysis/Dataflow.h"
#include "optrun/Onnx/Checks.h"
#include "optrun/Onnx/Schemas.h"

#include "llvm/ADT/StringMap.h"

namespace optrun {
namespace {

using opset::makeError;
using opset::Step;

bool isOnnxDomain(llvm::StringRef domain) { return domain.empty() || domain == "ai.onnx"; }

ir::OpsetImport *findImport(std::vector<ir::OpsetImport> &imports) {
  auto found = llvm::find_if(
      imports, [](const ir::OpsetImport &import) { return isOnnxDomain(import.domain); });
  return found == imports.end() ? nullptr : &*found;
}

bool isBelow(std::vector<ir::OpsetImport> &imports, int64_t target) {
  const ir::OpsetImport *import = findImport(imports);
  return import && import->version < target;
}

/// Raises graphs of one component from one opset to another.
class GraphRaiser {
public:
  GraphRaiser(opset::NodeRewriter &rewriter, int64_t source, int64_t target)
      : rewriter(rewriter), source(source), target(target) {}

  llvm::Error raise(ir::Graph &graph) {
    // First, as rewriting adds nodes.
    std::vector<ir::Node *> nodes;
    for (ir::Node &node : graph.nodes())
      nodes.push_back(&node);
    for (ir::Node *node : nodes) {
      llvm::Error error = llvm::Error::success();
      node->forEachSubgraph([&](ir::Graph &nested) {
        if (!error)
          error = raise(nested);
      });
      if (error)
        return error;
      if (isOnnxDomain(node->domain()))
        if (llvm::Error failed = raise(*node))
          return failed;
    }
    return llvm::Error::success();
  }

  /// Whether a check or rewrite of a node in \p graph may look at types.
  bool looksAtTypes(const ir::Graph &graph) {
    for (const ir::Node &node : graph.nodes()) {
      bool looks = false;
      node.forEachSubgraph([&](const ir::Graph &nested) { looks |= looksAtTypes(nested); });
      if (looks || (isOnnxDomain(node.domain()) &&
                    llvm::any_of(stepsOf(node.opType()),
                                 [](const Step &step) { return step.looksAtTypes; })))
        return true;
    }
    return false;
  }

private:
  /// The changes of an operator above source, up to target, in order.
  llvm::ArrayRef<Step> stepsOf(llvm::StringRef opType) {
    auto [entry, added] = steps.try_emplace(opType);
    if (added)
      for (int64_t newest = target; newest > source;) {
        const std::optional<int64_t> version = onnx::sinceVersion("", opType, newest);
        if (!version || *version <= source)
          break;
        entry->second.insert(entry->second.begin(), opset::findStep(opType, *version));
        newest = *version - 1;
      }
    return entry->second;
  }

  const Step *nextStep(llvm::StringRef opType, int64_t version) {
    llvm::ArrayRef<Step> all = stepsOf(opType);
    const auto *next = llvm::find_if(all, [&](const Step &step) { return step.version > version; });
    return next == all.end() ? nullptr : next;
  }

  llvm::Error raise(ir::Node &first) {
    if (!onnx::sinceVersion("", first.opType(), source))
      return makeError(describeNode(first) + ": opset " + llvm::Twine(source) +
                       " has no such operator");
    if (stepsOf(first.opType()).empty())
      return llvm::Error::success();
    const std::string subject = describeNode(first);
    ir::Node *node = &first;
    int64_t version = source;
    // A rewrite may make another operator of it.
    while (const Step *step = nextStep(node->opType(), version)) {
      const std::optional<int64_t> before = onnx::sinceVersion("", node->opType(), version);
      llvm::Expected<ir::Node *> result = take(*step, *node);
      if (!result)
        return makeError(subject + " cannot go from version " +
                         llvm::Twine(before.value_or(version)) + " of " + node->opType() +
                         " to version " + llvm::Twine(step->version) + ": " +
                         llvm::toString(result.takeError()));
      node = *result;
      version = step->version;
    }
    return llvm::Error::success();
  }

  llvm::Expected<ir::Node *> take(const Step &step, ir::Node &node) {
    if (step.change == OpsetChange::Unknown)
      return makeError("it is not known what changed");
    if (step.change == OpsetChange::Refused)
      return makeError(step.reason);
    if (step.check)
      if (llvm::Error error = step.check(node))
        return error;
    if (!step.rewrite)
      return &node;
    return step.rewrite(node, rewriter);
  }

  opset::NodeRewriter &rewriter;
  int64_t source, target;
  llvm::StringMap<llvm::SmallVector<Step, 4>> steps;
};

/// Raises a graph with the import that says how to read it.
llvm::Error raiseImport(ir::Graph &graph, std::vector<ir::OpsetImport> &imports, int64_t target,
                        opset::NodeRewriter &rewriter) {
  if (!isBelow(imports, target))
    return llvm::Error::success();
  int64_t &version = findImport(imports)->version;
  if (version < OldestConvertibleOpset)
    return makeError("opset " + llvm::Twine(version) + " is older than " +
                     llvm::Twine(OldestConvertibleOpset) + ", the oldest that can be raised");
  if (llvm::Error error = GraphRaiser(rewriter, version, target).raise(graph))
    return error;
  version = target;
  return llvm::Error::success();
}

llvm::Error raiseComponent(ir::Component &component, int64_t target) {
  opset::NodeRewriter rewriter(component);
  const int64_t source = findImport(component.opsets)->version;
  if (GraphRaiser(rewriter, source, target).looksAtTypes(component.graph))
    if (llvm::Error error = onnx::inferShapes(component))
      return error;
  if (llvm::Error error = raiseImport(component.graph, component.opsets, target, rewriter))
    return error;
  for (const std::unique_ptr<ir::Function> &function : component.functions)
    if (llvm::Error error = raiseImport(function->body, function->opsets, target, rewriter))
      return makeError("function '" + function->name + "': " + llvm::toString(std::move(error)));
  raiseIrVersion(component, onnx::irVersionOfOpset(target));
  return llvm::Error::success();
}

} // namespace

void raiseIrVersion(ir::Component &component, int64_t target) {
  constexpr int64_t ConstantsAreNoInputs = 4;
  if (component.irVersion >= target)
    return;
  if (component.irVersion < ConstantsAreNoInputs && target >= ConstantsAreNoInputs)
    for (ir::Value *value : component.graph.initializers())
      if (value->isInput())
        component.graph.unmarkInput(*value);
  component.irVersion = target;
}

llvm::Error convertOpset(ir::Component &component, int64_t target) {
  const std::string subject =
      (component.name.empty() ? "the model" : "component '" + component.name + "'") +
      " cannot be raised to opset " + std::to_string(target) + ": ";
  const int64_t newest = onnx::newestOpset();
  if (target < OldestTargetOpset)
    return makeError(subject + "models are raised to " + llvm::Twine(OldestTargetOpset) +
                     " at least");
  if (target > newest)
    return makeError(subject + "the newest opset that is known is " + llvm::Twine(newest));
  if (!findImport(component.opsets))
    return makeError(subject + "it imports none of ai.onnx");
  const bool functionsAreBelow = llvm::any_of(
      component.functions, [&](const auto &function) { return isBelow(function->opsets, target); });
  if (!isBelow(component.opsets, target) && !functionsAreBelow)
    return llvm::Error::success();
  llvm::Expected<std::unique_ptr<ir::Component>> copy = ir::cloneComponent(component);
  if (!copy)
    return copy.takeError();
  if (llvm::Error error = raiseComponent(**copy, target))
    return makeError(subject + llvm::toString(std::move(error)));
  return raiseComponent(component, target);
}

} // namespace optrun
