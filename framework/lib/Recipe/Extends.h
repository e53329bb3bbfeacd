// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recipes that extend others.

#ifndef OPTRUN_LIB_RECIPE_EXTENDS_H
#define OPTRUN_LIB_RECIPE_EXTENDS_H

#include "Recipe/RecipeFile.h"

namespace optrun {

/// Reads the recipe \p text and those it extends, that first. Nothing when one of them cannot be
/// read: what the others say could not be judged.
std::optional<std::vector<RecipeFile>> readChain(std::unique_ptr<llvm::MemoryBuffer> text,
                                                 Diagnostics &diagnostics);

/// The steps of \p base as \p derived changes them: options of a step of the same name are laid
/// over those of the base, key by key, where null takes a key out; `off` takes a step out; others
/// are added at their place or at the end.
std::vector<RecipeStep> mergeSteps(std::vector<RecipeStep> base, std::vector<RecipeStep> derived,
                                   Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_EXTENDS_H
