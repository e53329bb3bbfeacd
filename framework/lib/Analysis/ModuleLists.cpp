// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds numbered lists of modules.

#include "ModuleLists.h"

#include <map>

namespace optrun {

std::vector<ModuleList> findModuleLists(const ModuleTree &tree, const llvm::BitVector &used,
                                        Numbering numbering) {
  std::vector<ModuleList> lists;
  std::map<std::pair<ModuleTree::Id, llvm::StringRef>, size_t> byParent;
  for (unsigned module : used.set_bits()) {
    if (module == ModuleTree::Root)
      continue;
    const llvm::StringRef component = tree.component(module);
    const llvm::StringRef base = component.rtrim("0123456789");
    const bool isPlainNumber = base.empty();
    const std::optional<uint64_t> number = moduleNumber(component.drop_front(base.size()));
    if (!number || isPlainNumber != (numbering == Numbering::Component))
      continue;
    const ModuleTree::Id parent = tree.parent(module);
    auto [entry, isNew] = byParent.try_emplace({parent, base}, lists.size());
    if (isNew) {
      std::string path = tree.path(parent);
      if (!base.empty())
        path += (path.empty() ? "" : ".") + base.str();
      lists.push_back({std::move(path), parent, {}});
    }
    lists[entry->second].members.push_back({module, *number});
  }
  return lists;
}

llvm::BitVector usedModules(const ModuleTree &tree, llvm::ArrayRef<ModuleTree::Id> modules) {
  llvm::BitVector used(static_cast<unsigned>(tree.size()));
  for (ModuleTree::Id module : modules)
    for (; module != ModuleTree::None && !used.test(module); module = tree.parent(module))
      used.set(module); // the root is its own parent
  return used;
}

} // namespace optrun
