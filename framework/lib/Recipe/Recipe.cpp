// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Putting a recipe together: its files, their parameters, what these stand for.

#include "optrun/Recipe/Recipe.h"

#include "Options/Scalars.h"
#include "Recipe/Extends.h"
#include "Recipe/Substitution.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Path.h"

namespace optrun {
namespace {

/// Names given with `as:` tell steps apart, so none may be there twice.
void checkNames(llvm::ArrayRef<RecipeStep> steps, Diagnostics &diagnostics) {
  llvm::StringMap<const RecipeStep *> named;
  for (const RecipeStep &step : steps) {
    auto [earlier, isNew] = named.try_emplace(step.name, &step);
    if (!isNew && (step.hasOwnName || earlier->second->hasOwnName)) {
      diagnostics.error(step.nameRange.Start, "there is another step '" + step.name + "'");
      diagnostics.note(earlier->second->nameRange.Start, "it stands here");
    }
  }
}

void warnOfUnused(const RecipeFile &file, const Substitution &substitution,
                  Diagnostics &diagnostics) {
  for (const ParameterDeclaration &parameter : file.parameters)
    if (!substitution.isUsed(parameter.name))
      diagnostics.warning(parameter.nameRange.Start,
                          "parameter '" + parameter.name + "' is not used");
}

void addPlugins(llvm::ArrayRef<RecipeFile> chain, Substitution &substitution, Recipe &recipe,
                Diagnostics &diagnostics) {
  for (const RecipeFile &file : llvm::reverse(chain))
    for (const ConfigNode &written : file.plugins) {
      ConfigNode node = substitution.apply(written);
      if (node.kind == ConfigNode::Kind::Error)
        continue;
      llvm::Expected<std::string> path = readPath(node);
      if (!path) {
        diagnostics.error(written.location(), "a plugin " + llvm::toString(path.takeError()));
        continue;
      }
      auto isSame = [&](const RecipePlugin &plugin) { return plugin.path == *path; };
      if (llvm::none_of(recipe.plugins, isSame))
        recipe.plugins.push_back({*path, written.range});
    }
}

std::optional<Recipe> assemble(std::vector<RecipeFile> chain, RecipeSettings settings,
                               llvm::StringRef callerFolder, Diagnostics &diagnostics) {
  const RecipeFile &own = chain.front();
  Recipe recipe;
  recipe.path = own.path;
  recipe.name = own.name.value_or(llvm::sys::path::stem(own.path).str());
  recipe.description = own.description.value_or("");

  std::vector<ParameterDeclaration> declarations;
  std::vector<RecipeStep> steps;
  bool stepsAreBroken = false;
  for (RecipeFile &file : llvm::reverse(chain)) {
    mergeDeclarations(declarations, file.parameters);
    stepsAreBroken |= file.stepsAreBroken;
    steps = file.hasExtends ? mergeSteps(std::move(steps), std::move(file.steps), diagnostics)
                            : std::move(file.steps);
  }
  checkNames(steps, diagnostics);
  if (steps.empty() && !stepsAreBroken)
    diagnostics.error(own.location, own.hasExtends ? "no step is left; a recipe has at least one"
                                                   : "missing key 'passes', the list of steps");

  recipe.parameters = resolveParameters(declarations, settings, callerFolder, diagnostics);
  Substitution substitution(recipe.parameters, diagnostics);
  addPlugins(chain, substitution, recipe, diagnostics);
  for (RecipeStep &step : steps)
    recipe.passes.push_back(
        {std::move(step.id), std::move(step.name), step.idRange, substitution.apply(step.options)});
  if (!stepsAreBroken)
    warnOfUnused(own, substitution, diagnostics);
  return recipe;
}

} // namespace

std::optional<Recipe> readRecipe(std::unique_ptr<llvm::MemoryBuffer> text, RecipeSettings settings,
                                 llvm::StringRef callerFolder, Diagnostics &diagnostics) {
  std::optional<std::vector<RecipeFile>> chain = readChain(std::move(text), diagnostics);
  if (!chain)
    return std::nullopt;
  return assemble(std::move(*chain), settings, callerFolder, diagnostics);
}

std::optional<Recipe> readRecipe(llvm::StringRef path, RecipeSettings settings,
                                 llvm::StringRef callerFolder, Diagnostics &diagnostics) {
  std::unique_ptr<llvm::MemoryBuffer> text = openRecipe(path, llvm::SMLoc(), diagnostics);
  if (!text)
    return std::nullopt;
  return readRecipe(std::move(text), settings, callerFolder, diagnostics);
}

std::optional<Recipe> loadRecipe(llvm::StringRef path, RecipeSettings settings,
                                 llvm::StringRef callerFolder, Diagnostics &diagnostics) {
  unsigned errorsBefore = diagnostics.errorCount();
  std::optional<Recipe> recipe = readRecipe(path, settings, callerFolder, diagnostics);
  return diagnostics.errorCount() == errorsBefore ? std::move(recipe) : std::nullopt;
}

} // namespace optrun
