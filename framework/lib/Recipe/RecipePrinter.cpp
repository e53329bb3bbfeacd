// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// A resolved recipe as YAML.

#include "optrun/Options/ConfigPrinter.h"
#include "optrun/Recipe/Recipe.h"

namespace optrun {
namespace {

ConfigNode textNode(llvm::StringRef text) {
  ConfigNode node;
  node.kind = ConfigNode::Kind::Scalar;
  node.quoted = true;
  node.scalar = text;
  return node;
}

/// `${` in a value is text by now: keep it so.
ConfigNode escaped(ConfigNode node) {
  size_t position = 0;
  while ((position = node.scalar.find("${", position)) != std::string::npos) {
    node.scalar.insert(position, "$");
    position += 3;
  }
  for (ConfigNode &item : node.items)
    item = escaped(std::move(item));
  for (ConfigEntry &entry : node.entries)
    entry.value = escaped(std::move(entry.value));
  return node;
}

ConfigNode stepNode(const RecipePass &pass) {
  ConfigNode options = escaped(pass.options);
  if (options.kind == ConfigNode::Kind::Null)
    options.kind = ConfigNode::Kind::Mapping;
  ConfigNode step;
  step.kind = ConfigNode::Kind::Mapping;
  step.entries.push_back({pass.id, {}, std::move(options)});
  if (pass.name != pass.id)
    step.entries.push_back({"as", {}, textNode(pass.name)});
  return step;
}

} // namespace

void printRecipe(const Recipe &recipe, llvm::raw_ostream &os) {
  ConfigNode root;
  root.kind = ConfigNode::Kind::Mapping;
  ConfigNode version = textNode(std::to_string(recipeVersion));
  version.quoted = false;
  root.entries.push_back({"recipe", {}, std::move(version)});
  root.entries.push_back({"name", {}, textNode(recipe.name)});
  if (!recipe.description.empty())
    root.entries.push_back({"description", {}, textNode(recipe.description)});
  if (!recipe.plugins.empty()) {
    ConfigNode plugins;
    plugins.kind = ConfigNode::Kind::Sequence;
    for (const RecipePlugin &plugin : recipe.plugins)
      plugins.items.push_back(escaped(textNode(plugin.path)));
    root.entries.push_back({"plugins", {}, std::move(plugins)});
  }
  printYaml(root, os);

  // One step a line, or several lines for one step: never all in one.
  os << "passes:\n";
  ConfigNode passes;
  passes.kind = ConfigNode::Kind::Sequence;
  for (const RecipePass &pass : recipe.passes)
    passes.items.push_back(stepNode(pass));
  printYaml(passes, os, /*indent=*/2);
}

} // namespace optrun
