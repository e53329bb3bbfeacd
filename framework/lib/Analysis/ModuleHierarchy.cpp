// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Chooses the best evidence for a component's modules and fills in Node::modulePath.

#include "optrun/Analysis/ModuleHierarchy.h"

#include "ModuleEvidence.h"
#include "ModuleLists.h"

namespace optrun {
namespace {

struct Candidate {
  HierarchyEvidence source;
  ModuleEvidence modules;
};

bool namesLayers(const ModuleTree &tree, const ModuleEvidence &modules, Numbering numbering) {
  for (const ModuleList &list : findModuleLists(tree, usedModules(tree, modules), numbering))
    if (list.members.size() >= 2)
      return true;
  return false;
}

size_t countNamed(const ModuleEvidence &modules) {
  return static_cast<size_t>(llvm::count_if(modules, [](ModuleTree::Id module) {
    return module != ModuleTree::None && module != ModuleTree::Root;
  }));
}

class Recovery {
public:
  Recovery(const Dataflow &flow, ir::Component &component) : flow(flow), component(component) {}

  ModuleHierarchy run() {
    const ir::Graph &graph = component.graph;
    candidates.push_back({HierarchyEvidence::Metadata, metadataEvidence(flow, tree)});
    candidates.push_back({HierarchyEvidence::NodeNames, nodeNameEvidence(flow, graph, tree)});
    candidates.push_back({HierarchyEvidence::ParameterNames, parameterNameEvidence(flow, tree)});

    for (Numbering numbering : {Numbering::Component, Numbering::Suffix})
      for (size_t index = 0; index < candidates.size(); ++index)
        if (namesLayers(tree, candidates[index].modules, numbering))
          return assignNames(index);
    ModuleEvidence structure = structuralEvidence(flow, tree);
    if (countNamed(structure) > 0)
      return assignBlocks(std::move(structure));
    return assignNames(mostNamed());
  }

private:
  size_t mostNamed() const {
    size_t best = 0;
    for (size_t index = 1; index < candidates.size(); ++index)
      if (countNamed(candidates[index].modules) > countNamed(candidates[best].modules))
        best = index;
    return best;
  }

  ModuleHierarchy assignNames(size_t chosen) {
    ModuleEvidence modules = std::move(candidates[chosen].modules);
    // Weaker evidence speaks for a node without better when it names a module that is known: a
    // fused operator has lost its name, but not its parameters.
    const llvm::BitVector known = usedModules(tree, modules);
    for (size_t weaker = chosen + 1; weaker < candidates.size(); ++weaker)
      for (uint32_t node = 0; node < flow.size(); ++node) {
        const ModuleTree::Id module = candidates[weaker].modules[node];
        if (modules[node] == ModuleTree::None && module != ModuleTree::None &&
            module != ModuleTree::Root && known.test(module))
          modules[node] = module;
      }
    ModuleHierarchy result;
    result.evidence = candidates[chosen].source;
    result.namedNodes = countNamed(modules);
    spreadEvidence(flow, tree, modules);
    return writePaths(modules, result);
  }

  /// Where there are names, but none of layers, they go inside of the blocks.
  ModuleHierarchy assignBlocks(ModuleEvidence modules) {
    ModuleHierarchy result;
    result.evidence = HierarchyEvidence::Structure;
    result.namedNodes = countNamed(modules);
    spreadEvidence(flow, tree, modules);
    const ModuleEvidence &names = candidates[mostNamed()].modules;
    for (uint32_t node = 0; node < flow.size(); ++node) {
      if (names[node] == ModuleTree::None || names[node] == ModuleTree::Root)
        continue;
      if (modules[node] == ModuleTree::None || modules[node] == ModuleTree::Root)
        modules[node] = names[node];
      else if (ModuleTree::Id inner =
                   tree.intern(tree.path(modules[node]) + "." + tree.path(names[node]));
               inner != ModuleTree::None)
        modules[node] = inner;
    }
    return writePaths(modules, result);
  }

  ModuleHierarchy writePaths(const ModuleEvidence &modules, ModuleHierarchy result) {
    uint32_t index = 0;
    for (ir::Node &node : component.graph.nodes()) {
      const ModuleTree::Id module = modules[index++];
      node.modulePath = module == ModuleTree::None ? "" : tree.path(module);
      if (node.modulePath.empty())
        ++result.unnamedNodes;
      writeNestedPaths(node, result.evidence);
    }
    result.inheritedNodes = flow.size() - result.unnamedNodes -
                            std::min<size_t>(result.namedNodes, flow.size() - result.unnamedNodes);
    return result;
  }

  /// Nodes of nested graphs: by their own evidence, else the module of the node that holds them.
  void writeNestedPaths(const ir::Node &holder, HierarchyEvidence evidence) {
    holder.forEachSubgraph([&](ir::Graph &nested) {
      for (ir::Node &node : nested.nodes()) {
        std::optional<std::string> path;
        if (evidence == HierarchyEvidence::Metadata)
          path = metadataModulePath(node);
        else if (evidence == HierarchyEvidence::NodeNames)
          path = nodeNameModulePath(node.name);
        node.modulePath = path && !path->empty() ? *path : holder.modulePath;
        writeNestedPaths(node, evidence);
      }
    });
  }

  const Dataflow &flow;
  ir::Component &component;
  ModuleTree tree;
  std::vector<Candidate> candidates;
};

} // namespace

llvm::Expected<ModuleHierarchy> recoverModuleHierarchy(ir::Component &component) {
  llvm::Expected<Dataflow> flow = Dataflow::build(component.graph);
  if (!flow)
    return flow.takeError();
  return recoverModuleHierarchy(component, *flow);
}

ModuleHierarchy recoverModuleHierarchy(ir::Component &component, const Dataflow &flow) {
  return Recovery(flow, component).run();
}

} // namespace optrun
