// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Names the modules that lie whole in one part.

#include "Analysis/ModuleTree.h"

#include "optrun/Transforms/Partition.h"

namespace optrun {

std::vector<std::vector<std::string>> modulesOfParts(const Dataflow &flow,
                                                     const Partition &partition) {
  constexpr uint32_t Divided = Unassigned - 1;
  ModuleTree tree;
  std::vector<uint32_t> partOf{Unassigned}; // by module
  auto add = [&](ModuleTree::Id module, uint32_t part) {
    if (partOf[module] == Unassigned)
      partOf[module] = part;
    else if (partOf[module] != part)
      partOf[module] = Divided;
  };
  for (uint32_t node = 0; node < flow.size(); ++node) {
    if (partition.isCopied(flow, node))
      continue;
    const ModuleTree::Id module = tree.intern(flow.node(node).modulePath);
    partOf.resize(tree.size(), Unassigned);
    if (module != ModuleTree::None)
      add(module, partition.partOf[node]);
  }
  // Children have larger numbers than their parents.
  for (auto module = static_cast<ModuleTree::Id>(tree.size()); module-- > 1;)
    if (partOf[module] != Unassigned)
      add(tree.parent(module), partOf[module]);

  std::vector<std::vector<std::string>> modules(partition.parts);
  for (ModuleTree::Id module = 1; module < tree.size(); ++module) {
    const ModuleTree::Id parent = tree.parent(module);
    if (partOf[module] < partition.parts &&
        (parent == ModuleTree::Root || partOf[parent] == Divided))
      modules[partOf[module]].push_back(tree.path(module));
  }
  return modules;
}

} // namespace optrun
