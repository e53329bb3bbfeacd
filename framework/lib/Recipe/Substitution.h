// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// `${name}` in the values of a recipe.

#ifndef OPTRUN_LIB_RECIPE_SUBSTITUTION_H
#define OPTRUN_LIB_RECIPE_SUBSTITUTION_H

#include "optrun/Recipe/Recipe.h"

#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

namespace optrun {

/// Letters, digits, '_' and '-', a letter or '_' first.
bool isParameterName(llvm::StringRef name);

/// Replaces `${name}` by the parameter's value, with its type when it is all of a text, else as
/// part of the text; `$${` stands for `${`. Relative paths that start with a parameter's value are
/// relative to where that value was given.
class Substitution {
public:
  Substitution(llvm::ArrayRef<RecipeParameter> parameters, Diagnostics &diagnostics);

  /// For values that cannot refer to parameters, because of \p reason ("a default …"): only `$${`.
  Substitution(std::string reason, Diagnostics &diagnostics);

  /// \p node with everything replaced; parts that could not be are nodes of kind Error.
  ConfigNode apply(const ConfigNode &node);

  bool isUsed(llvm::StringRef parameter) const { return used.contains(parameter); }

private:
  ConfigNode applyToScalar(const ConfigNode &node);
  /// The parameter \p name, or null after an error at \p location.
  const RecipeParameter *find(llvm::StringRef name, llvm::SMLoc location);
  ConfigNode failed(const ConfigNode &node) const;
  bool charge(const ConfigNode &node, const ConfigNode &use);

  llvm::StringMap<const RecipeParameter *> byName;
  std::vector<std::string> names;
  std::string refusal; // why there are no parameters here
  Diagnostics &diagnostics;
  llvm::StringSet<> used;
  size_t nodes = 0, bytes = 0;
  bool isExhausted = false;
};

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_SUBSTITUTION_H
