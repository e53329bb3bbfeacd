// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Numbered lists of modules ("model.layers.0", "model.layers.1" …): where the repeated block of a
/// model is looked for.

#ifndef OPTRUN_LIB_ANALYSIS_MODULELISTS_H
#define OPTRUN_LIB_ANALYSIS_MODULELISTS_H

#include "ModuleTree.h"

#include "llvm/ADT/BitVector.h"

#include <string>

namespace optrun {

struct ModuleList {
  struct Member {
    ModuleTree::Id module;
    uint64_t number;
  };
  /// What the members' paths have in common: "model.layers", or "encoder/layer_" as
  /// "encoder.layer_".
  std::string path;
  /// The module that holds the list.
  ModuleTree::Id parent;
  std::vector<Member> members;
};

enum class Numbering {
  Component, // "layers.3", as PyTorch names the members of module lists
  Suffix     // "layer_3", "block3", as TensorFlow models have it
};

/// All lists among the \p used modules, in order of their first member.
std::vector<ModuleList> findModuleLists(const ModuleTree &tree, const llvm::BitVector &used,
                                        Numbering numbering);

/// The modules in \p modules (None skipped) and all that contain them.
llvm::BitVector usedModules(const ModuleTree &tree, llvm::ArrayRef<ModuleTree::Id> modules);

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_MODULELISTS_H
