// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// The values given with `--set`.

#ifndef OPTRUN_LIB_RECIPE_SETTINGS_H
#define OPTRUN_LIB_RECIPE_SETTINGS_H

#include "Recipe/Parameters.h"

namespace optrun {

/// One `--set` as the text "name=value" in a source of its own, so that errors can point into it.
struct Setting {
  std::string name;
  llvm::SMLoc location;
  llvm::StringRef value;
};

/// Adds the settings to the sources of \p diagnostics; of several for one name the last remains.
std::vector<Setting> addSettings(RecipeSettings settings, Diagnostics &diagnostics);

/// The value given with --set as a node. Scalars are taken as they are, so that globs and the like
/// need no quotes beyond the shell's; quoted texts and lists are read as YAML, and any other text
/// for a list is its one element.
std::optional<ConfigNode> readSetting(const Setting &setting, RecipeParameter::Type type,
                                      llvm::StringRef callerFolder, Diagnostics &diagnostics);

void reportUnknownSettings(llvm::ArrayRef<Setting> settings,
                           llvm::ArrayRef<ParameterDeclaration> declarations,
                           Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_RECIPE_SETTINGS_H
