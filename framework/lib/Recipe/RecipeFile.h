// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// One recipe file as it is written, before base recipes and parameters come in.

#ifndef OPTRUN_LIB_RECIPE_RECIPEFILE_H
#define OPTRUN_LIB_RECIPE_RECIPEFILE_H

#include "Recipe/Parameters.h"

namespace optrun {

/// An element of `passes:`.
struct RecipeStep {
  std::string id;   // of the pass
  std::string name; // `as:`, else the id
  llvm::SMRange idRange, nameRange;
  bool hasOwnName = false;
  ConfigNode options; // a mapping or null
  bool isOff = false; // `verify: off` takes the base recipe's step out

  /// `before:` or `after:`, the step of the base recipe beside which a new one goes.
  struct Place {
    bool before = false;
    std::string neighbour;
    llvm::SMLoc location;
  };
  std::optional<Place> place;
};

struct RecipeFile {
  std::string path, folder;
  llvm::SMLoc location; // of what is missing from the file
  std::optional<std::string> name, description;
  std::optional<ConfigNode> extends; // a text
  bool hasExtends = false;           // as written, readable or not
  std::vector<ParameterDeclaration> parameters;
  std::vector<ConfigNode> plugins;
  std::vector<RecipeStep> steps;
  bool stepsAreBroken = false; // some could not be read: do not complain that there are none
};

/// Opens a file that may be a recipe; reports at \p location when it cannot be.
std::unique_ptr<llvm::MemoryBuffer> openRecipe(llvm::StringRef path, llvm::SMLoc location,
                                               Diagnostics &diagnostics);

/// Reports every problem; nothing when it is not a recipe of this version.
std::optional<RecipeFile> readRecipeFile(std::unique_ptr<llvm::MemoryBuffer> text,
                                         Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_RECIPEFILE_H
