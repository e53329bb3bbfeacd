// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Module paths, each stored once, as a tree: small numbers to pass around instead of strings.

#ifndef OPTRUN_LIB_ANALYSIS_MODULETREE_H
#define OPTRUN_LIB_ANALYSIS_MODULETREE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"

#include <optional>
#include <string>
#include <vector>

namespace optrun {

/// The decimal number that a component of a module path is ("3" of "model.layers.3"), if it is one.
std::optional<uint64_t> moduleNumber(llvm::StringRef component);

/// Dots between the components of a path that is written with slashes, or in Keras' way with "_._"
/// before a number ("layer_._3").
std::string dottedPath(llvm::StringRef path);

class ModuleTree {
public:
  using Id = uint32_t;
  static constexpr Id Root = 0;    // the empty path
  static constexpr Id None = ~0u;  // no path known
  /// Deeper and longer paths are no module paths but hostile input.
  static constexpr size_t MaxDepth = 64, MaxLength = 4096;

  ModuleTree();

  /// The module at \p path, added with its parents when new; None when the path is too deep, too
  /// long, or has an empty component.
  Id intern(llvm::StringRef path);
  /// The module at \p path if it has been interned, else None.
  Id find(llvm::StringRef path) const;

  llvm::StringRef path(Id module) const { return modules[module].path; }
  /// The last component of the path.
  llvm::StringRef component(Id module) const;
  Id parent(Id module) const { return modules[module].parent; }
  unsigned depth(Id module) const { return modules[module].depth; }
  size_t size() const { return modules.size(); }

  Id commonAncestor(Id left, Id right) const;
  bool contains(Id ancestor, Id module) const;
  /// The outermost numbered module on the way from the root to \p module ("model.layers.3" for
  /// "model.layers.3.mlp.experts.7"); None when no component is a number.
  Id outermostNumbered(Id module) const { return modules[module].numbered; }

private:
  struct Module {
    llvm::StringRef path; // the key in byPath
    Id parent;
    Id numbered;
    unsigned depth;
  };
  Id add(llvm::StringRef path, Id parent);

  llvm::StringMap<Id> byPath;
  std::vector<Module> modules;
};

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_MODULETREE_H
