// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Module paths from hierarchical node names, as the TorchScript exporter, optimum, the ONNX
/// Runtime GenAI builder and TensorFlow converters write them: scopes with '/' between them, the
/// operator last.

#include "ModuleEvidence.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"

namespace optrun {
namespace {

/// The name without the "_k" of a repetition ("rotary_emb_1"); the whole name when there is none.
llvm::StringRef withoutRepetition(llvm::StringRef component) {
  auto [base, number] = component.rsplit('_');
  if (base.empty() || number.empty() || number.front() == '0' || !moduleNumber(number))
    return component;
  return base;
}

/// The builder names the norm after the last layer as if it were one more layer:
/// "model.layers.32.final_norm_layernorm" is "model.final_norm_layernorm".
std::string withoutFinalNormLayer(std::string path) {
  const size_t norm = path.find(".final_norm_layernorm");
  if (norm == std::string::npos)
    return path;
  llvm::SmallVector<llvm::StringRef, 8> before;
  llvm::StringRef(path).take_front(norm).split(before, '.');
  if (before.size() < 2 || !moduleNumber(before.back()))
    return path;
  before.pop_back_n(2);
  before.push_back(llvm::StringRef(path).drop_front(norm + 1));
  return llvm::join(before, ".");
}

/// Names of parameters' modules that look like repetitions and are none ("norm_1").
llvm::StringSet<> numberedParameterModules(const ir::Graph &graph) {
  llvm::StringSet<> names;
  for (const ir::Value *initializer : graph.initializers()) {
    llvm::StringRef rest = initializer->name();
    while (!rest.empty()) {
      const size_t end = rest.find_first_of("./");
      const llvm::StringRef component = rest.take_front(end);
      if (withoutRepetition(component).size() != component.size())
        names.insert(component);
      rest = end == llvm::StringRef::npos ? "" : rest.drop_front(end + 1);
    }
  }
  return names;
}

} // namespace

std::optional<std::string> nodeNameModulePath(llvm::StringRef nodeName) {
  if (!nodeName.contains('/'))
    return std::nullopt;
  llvm::SmallVector<llvm::StringRef, 8> scopes;
  llvm::StringRef rest = nodeName.rsplit('/').first; // without the operator
  while (!rest.empty()) {
    auto [scope, tail] = rest.split('/');
    rest = tail;
    if (scope.empty())
      continue;
    // Inside of a Sequential, the exporter repeats its name: "/layer1/layer1.0/conv1/Conv".
    if (!scopes.empty() && scope.starts_with(scopes.back()) &&
        scope.drop_front(scopes.back().size()).starts_with("."))
      scopes.back() = scope;
    else
      scopes.push_back(scope);
  }
  return withoutFinalNormLayer(dottedPath(llvm::join(scopes, ".")));
}

ModuleEvidence nodeNameEvidence(const Dataflow &flow, const ir::Graph &graph, ModuleTree &tree) {
  ModuleEvidence evidence(flow.size(), ModuleTree::None);
  for (uint32_t node = 0; node < flow.size(); ++node)
    if (std::optional<std::string> path = nodeNameModulePath(flow.node(node).name))
      evidence[node] = tree.intern(*path);

  // A module that is called again gets "_1": "/model/rotary_emb_1/Cos" belongs to rotary_emb. A
  // number that belongs to the name is told from that by the missing sibling, or by parameters.
  const llvm::StringSet<> genuine = numberedParameterModules(graph);
  std::vector<ModuleTree::Id> canonical(tree.size(), ModuleTree::Root);
  for (ModuleTree::Id module = 1; module < canonical.size(); ++module) {
    const ModuleTree::Id parent = tree.parent(module);
    llvm::StringRef component = tree.component(module);
    const llvm::StringRef base = withoutRepetition(component);
    if (base.size() != component.size() && !genuine.contains(component) &&
        tree.findChild(parent, base) != ModuleTree::None)
      component = base;
    canonical[module] = tree.child(canonical[parent], component);
  }
  for (ModuleTree::Id &module : evidence)
    if (module != ModuleTree::None)
      module = canonical[module];
  return evidence;
}

} // namespace optrun
