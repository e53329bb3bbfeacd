// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recipes from texts.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_RECIPE_RECIPEFIXTURE_H
#define OPTRUN_UNITTESTS_FRAMEWORK_RECIPE_RECIPEFIXTURE_H

#include "optrun/Options/ConfigPrinter.h"
#include "optrun/Recipe/Recipe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace optrun::test {

using Settings = std::vector<std::pair<std::string, std::string>>;

/// What reading a recipe gives: all that could be read, and the diagnostics, each on a line.
struct ReadRecipe {
  std::unique_ptr<Diagnostics> owner = std::make_unique<Diagnostics>(nullptr);
  Diagnostics &diagnostics = *owner;
  std::optional<Recipe> recipe;
  std::string messages;

  explicit ReadRecipe(llvm::StringRef text, const Settings &settings = {},
                      llvm::StringRef callerFolder = "", llvm::StringRef path = "recipe.yaml")
      : recipe(readRecipe(llvm::MemoryBuffer::getMemBufferCopy(text, path), settings, callerFolder,
                          diagnostics)) {
    collect();
  }

  struct File {
    std::string path;
  };
  explicit ReadRecipe(const File &file, const Settings &settings = {},
                      llvm::StringRef callerFolder = "")
      : recipe(readRecipe(file.path, settings, callerFolder, diagnostics)) {
    collect();
  }

  /// The steps, one a line: "id (name) options".
  std::string steps() const {
    std::string text;
    if (recipe)
      for (const RecipePass &pass : recipe->passes)
        text += pass.id + (pass.name == pass.id ? "" : " (" + pass.name + ")") + " " +
                toFlowYaml(pass.options) + "\n";
    return text;
  }

  /// The value of an option of the first step.
  ConfigNode option(llvm::StringRef name) const {
    const ConfigNode *value =
        recipe && !recipe->passes.empty() ? recipe->passes.front().options.find(name) : nullptr;
    EXPECT_TRUE(value) << "no option " << name.str() << "\n" << messages;
    return value ? *value : ConfigNode();
  }

private:
  void collect() {
    for (const Diagnostic &each : diagnostics.all())
      messages += diagnostics.format(each) + "\n";
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_RECIPE_RECIPEFIXTURE_H
