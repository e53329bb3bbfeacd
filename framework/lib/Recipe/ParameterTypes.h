// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The types of parameters by name.

#ifndef OPTRUN_LIB_RECIPE_PARAMETERTYPES_H
#define OPTRUN_LIB_RECIPE_PARAMETERTYPES_H

#include "optrun/Recipe/Recipe.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun {

struct ParameterTypeName {
  RecipeParameter::Type type;
  llvm::StringLiteral name;
  llvm::StringLiteral placeholder; // in "--set name=PLACEHOLDER"
};

inline constexpr ParameterTypeName parameterTypes[] = {
    {RecipeParameter::Type::String, "string", "TEXT"},
    {RecipeParameter::Type::Int, "int", "INTEGER"},
    {RecipeParameter::Type::Float, "float", "NUMBER"},
    {RecipeParameter::Type::Bool, "bool", "true|false"},
    {RecipeParameter::Type::Size, "size", "SIZE"},
    {RecipeParameter::Type::Path, "path", "PATH"},
    {RecipeParameter::Type::List, "list", "'[A, B]'"},
};

inline const ParameterTypeName &nameOf(RecipeParameter::Type type) {
  return *llvm::find_if(parameterTypes,
                        [&](const ParameterTypeName &each) { return each.type == type; });
}

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_PARAMETERTYPES_H
