// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Module paths as a tree: small numbers to pass around instead of strings.

#ifndef OPTRUN_LIB_ANALYSIS_MODULETREE_H
#define OPTRUN_LIB_ANALYSIS_MODULETREE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/DenseMap.h"
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
  static constexpr Id Root = 0;   // the empty path
  static constexpr Id None = ~0u; // no path known
  /// Deeper and longer paths are no module paths but hostile input. Every node has a copy of its
  /// module's path, inherited ones too.
  static constexpr size_t MaxDepth = 64, MaxLength = 512;

  ModuleTree();

  /// The module at \p path, added with its parents when new; None when the path is too deep, too
  /// long, or has an empty component.
  Id intern(llvm::StringRef path);
  /// The module \p component of \p parent, added when new; None when that is too deep or too long.
  Id child(Id parent, llvm::StringRef component);
  /// The same if it is there, else None.
  Id findChild(Id parent, llvm::StringRef component) const;

  std::string path(Id module) const;
  /// The last component of the path.
  llvm::StringRef component(Id module) const { return modules[module].component; }
  /// Parents have smaller numbers than their children; the root is its own parent.
  Id parent(Id module) const { return modules[module].parent; }
  size_t size() const { return modules.size(); }

  Id commonAncestor(Id left, Id right) const;
  /// The outermost numbered module on the way from the root to \p module ("model.layers.3" for
  /// "model.layers.3.mlp.experts.7"); None when no component is a number.
  Id outermostNumbered(Id module) const { return modules[module].numbered; }

private:
  struct Module {
    llvm::StringRef component; // a key in componentNumbers
    Id parent;
    Id numbered;
    uint16_t depth, length; // of the path
  };

  llvm::StringMap<uint32_t> componentNumbers;
  llvm::DenseMap<uint64_t, Id> children; // by parent and number of the component
  llvm::StringMap<Id> internedPaths;     // a shortcut for intern()
  std::vector<Module> modules;
};

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_MODULETREE_H
