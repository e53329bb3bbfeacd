// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tree of module paths.

#include "ModuleTree.h"

#include "llvm/ADT/StringExtras.h"

namespace optrun {

std::optional<uint64_t> moduleNumber(llvm::StringRef component) {
  uint64_t number = 0;
  if (component.empty() || !llvm::all_of(component, [](char c) { return llvm::isDigit(c); }) ||
      component.getAsInteger(10, number))
    return std::nullopt;
  return number;
}

std::string dottedPath(llvm::StringRef path) {
  std::string dotted;
  dotted.reserve(path.size());
  while (!path.empty()) {
    const bool isKeras = path.consume_front("_._");
    const char next = isKeras ? '.' : path.front();
    if (!isKeras)
      path = path.drop_front();
    dotted += next == '/' ? '.' : next;
  }
  return dotted;
}

ModuleTree::ModuleTree() {
  auto root = byPath.try_emplace("", Root).first;
  modules.push_back({root->getKey(), Root, None, 0});
}

ModuleTree::Id ModuleTree::find(llvm::StringRef path) const {
  auto found = byPath.find(path);
  return found == byPath.end() ? None : found->second;
}

ModuleTree::Id ModuleTree::intern(llvm::StringRef path) {
  if (Id known = find(path); known != None)
    return known;
  if (path.size() > MaxLength || path.count('.') >= MaxDepth || path.contains("..") ||
      path.starts_with(".") || path.ends_with("."))
    return None;
  Id parent = Root;
  for (size_t end = path.find('.');; end = path.find('.', end + 1)) {
    const llvm::StringRef prefix = path.take_front(end);
    const Id known = find(prefix);
    parent = known != None ? known : add(prefix, parent);
    if (end == llvm::StringRef::npos)
      return parent;
  }
}

ModuleTree::Id ModuleTree::add(llvm::StringRef path, Id parent) {
  const Id id = static_cast<Id>(modules.size());
  auto entry = byPath.try_emplace(path, id).first;
  Module module{entry->getKey(), parent, modules[parent].numbered, modules[parent].depth + 1};
  modules.push_back(module);
  if (module.numbered == None && moduleNumber(component(id)))
    modules[id].numbered = id;
  return id;
}

llvm::StringRef ModuleTree::component(Id module) const {
  const Module &entry = modules[module];
  const size_t parentLength = modules[entry.parent].path.size();
  return entry.path.drop_front(parentLength == 0 ? 0 : parentLength + 1);
}

ModuleTree::Id ModuleTree::commonAncestor(Id left, Id right) const {
  while (left != right) {
    if (depth(left) < depth(right))
      std::swap(left, right);
    left = parent(left);
  }
  return left;
}

bool ModuleTree::contains(Id ancestor, Id module) const {
  while (depth(module) > depth(ancestor))
    module = parent(module);
  return module == ancestor;
}

} // namespace optrun
