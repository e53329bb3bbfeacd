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

ModuleTree::ModuleTree() { modules.push_back({"", Root, None, 0, 0}); }

ModuleTree::Id ModuleTree::intern(llvm::StringRef path) {
  if (path.empty())
    return Root;
  if (path.size() > MaxLength)
    return None;
  auto [known, isNew] = internedPaths.try_emplace(path, None);
  if (!isNew)
    return known->second;
  Id module = Root;
  for (size_t begin = 0, end = 0; module != None && end != llvm::StringRef::npos; begin = end + 1) {
    end = path.find('.', begin);
    module = child(module, path.slice(begin, end));
  }
  return known->second = module;
}

ModuleTree::Id ModuleTree::child(Id parent, llvm::StringRef component) {
  const size_t length = modules[parent].length + (parent == Root ? 0 : 1) + component.size();
  if (component.empty() || length > MaxLength || modules[parent].depth >= MaxDepth)
    return None;
  auto name =
      componentNumbers.try_emplace(component, static_cast<uint32_t>(componentNumbers.size())).first;
  const Id id = static_cast<Id>(modules.size());
  auto [entry, isNew] = children.try_emplace(uint64_t(parent) << 32 | name->second, id);
  if (!isNew)
    return entry->second;
  const bool isNumber = moduleNumber(component).has_value();
  const Id numbered = modules[parent].numbered == None && isNumber ? id : modules[parent].numbered;
  modules.push_back({name->getKey(), parent, numbered,
                     static_cast<uint16_t>(modules[parent].depth + 1),
                     static_cast<uint16_t>(length)});
  return id;
}

ModuleTree::Id ModuleTree::findChild(Id parent, llvm::StringRef component) const {
  auto name = componentNumbers.find(component);
  if (name == componentNumbers.end())
    return None;
  auto found = children.find(uint64_t(parent) << 32 | name->second);
  return found == children.end() ? None : found->second;
}

std::string ModuleTree::path(Id module) const {
  std::string path(modules[module].length, '.');
  for (size_t end = path.size(); module != Root; module = modules[module].parent) {
    const llvm::StringRef component = modules[module].component;
    path.replace(end - component.size(), component.size(), component.data(), component.size());
    end -= component.size() + 1; // and the dot; past the beginning after the outermost
  }
  return path;
}

ModuleTree::Id ModuleTree::commonAncestor(Id left, Id right) const {
  while (left != right) {
    if (modules[left].depth < modules[right].depth)
      std::swap(left, right);
    left = parent(left);
  }
  return left;
}

} // namespace optrun
