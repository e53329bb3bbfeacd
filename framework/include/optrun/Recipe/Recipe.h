// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recipes: YAML files that say which passes run, in which order, with which options. This reads
/// them, with their base recipes, into one list of passes whose options are located configuration
/// nodes; it knows no pass. The format is described in docs/recipes.md.

#ifndef OPTRUN_RECIPE_RECIPE_H
#define OPTRUN_RECIPE_RECIPE_H

#include "optrun/Options/ConfigNode.h"
#include "optrun/Options/Options.h"
#include "optrun/Support/Diagnostics.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/MemoryBuffer.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace optrun {

/// The recipe format that this version reads: `recipe: 1`.
inline constexpr int recipeVersion = 1;

struct RecipeParameter {
  enum class Type { String, Int, Float, Bool, Size, Path, List };

  std::string name;
  Type type = Type::String;
  std::string help;
  /// What `${name}` stands for: set or default, of the right type. Nothing when it is required and
  /// was not set, which has been reported.
  std::optional<ConfigNode> value;
  bool isSet = false; // by --set
  llvm::SMRange nameRange;
};

/// A library named under `plugins:`.
struct RecipePlugin {
  std::string path; // resolved
  llvm::SMRange range;
};

/// One step of a recipe.
struct RecipePass {
  std::string id; // of the pass
  /// `as: NAME`, by which recipes that extend this one refer to the step; the id by default.
  std::string name;
  llvm::SMRange idRange;
  /// A mapping or null, without any `${…}` left. Its range is that of the id: what is missing from
  /// it is reported there.
  ConfigNode options;
};

struct Recipe {
  std::string name; // the file's name without extension by default
  std::string description;
  std::string path; // as given
  std::vector<RecipeParameter> parameters;
  std::vector<RecipePlugin> plugins;
  std::vector<RecipePass> passes; // at least one
};

/// `--set` pairs, name and value; of several for one name the last counts.
using RecipeSettings = llvm::ArrayRef<std::pair<std::string, std::string>>;

/// Reads the recipe at \p path and those it extends. Every problem is reported to \p diagnostics,
/// in whose source manager the texts stay, so it must outlive the recipe. Nothing when there was an
/// error. Relative paths in a recipe are relative to its folder, those in \p settings to \p
/// callerFolder (the working folder when empty).
std::optional<Recipe> loadRecipe(llvm::StringRef path, RecipeSettings settings,
                                 llvm::StringRef callerFolder, Diagnostics &diagnostics);

/// The same, but hands out what could be read even when there were errors, so that plugins and
/// options can be checked and reported in the same go: values that could not be found out are nodes
/// of kind Error, which option readers skip. Nothing when there is no recipe to speak of. Do not
/// run it without a look at diagnostics.errorCount().
std::optional<Recipe> readRecipe(llvm::StringRef path, RecipeSettings settings,
                                 llvm::StringRef callerFolder, Diagnostics &diagnostics);

/// The same for a text in memory; its identifier is taken as path.
std::optional<Recipe> readRecipe(std::unique_ptr<llvm::MemoryBuffer> text, RecipeSettings settings,
                                 llvm::StringRef callerFolder, Diagnostics &diagnostics);

/// The recipe as YAML that loads to the same passes: no parameters, no base. To make it independent
/// of the folder it is saved in, replace each pass's options by what its OptionSchema resolves them
/// to, which makes paths out of texts, and load with absolute path and caller's folder.
void printRecipe(const Recipe &recipe, llvm::raw_ostream &os);

/// What the schema of recipes must know about a pass.
struct PassSchema {
  std::string id;
  std::string summary;
  OptionSchema options;
};

/// A JSON Schema (draft 2020-12) of recipes made of \p passes, for editors. Pretty-printed, ends
/// with a newline.
std::string recipeJsonSchema(llvm::ArrayRef<PassSchema> passes);

} // namespace optrun

#endif // OPTRUN_RECIPE_RECIPE_H
