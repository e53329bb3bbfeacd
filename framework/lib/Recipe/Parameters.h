// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The parameters of a recipe: how they are declared, overridden, set and typed.

#ifndef OPTRUN_LIB_RECIPE_PARAMETERS_H
#define OPTRUN_LIB_RECIPE_PARAMETERS_H

#include "optrun/Recipe/Recipe.h"

namespace optrun {

/// A parameter as one recipe file, or a chain of them, declares it.
struct ParameterDeclaration {
  std::string name;
  llvm::SMRange nameRange;
  std::optional<RecipeParameter::Type> type;
  bool isTypeInferred = false; // from the default
  std::optional<ConfigNode> defaultValue;
  std::optional<std::string> help;
  std::optional<ConfigNode> minimum, maximum;
  bool isBroken = false;          // an error that makes its value unknown was reported
  std::vector<ConfigNode> values; // the only ones allowed, when there are any
};

/// Reads the mapping `parameters:` of one file.
std::vector<ParameterDeclaration> readDeclarations(const ConfigNode &parameters,
                                                   Diagnostics &diagnostics);

/// Lays \p derived over \p base: what a declaration does not say stays as it was.
void mergeDeclarations(std::vector<ParameterDeclaration> &base,
                       std::vector<ParameterDeclaration> derived);

/// Checks the defaults, applies \p settings, and reports what is wrong with either and which
/// parameters have no value. Every declaration yields a parameter, if need be without value.
std::vector<RecipeParameter> resolveParameters(llvm::ArrayRef<ParameterDeclaration> declarations,
                                               RecipeSettings settings,
                                               llvm::StringRef callerFolder,
                                               Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_PARAMETERS_H
