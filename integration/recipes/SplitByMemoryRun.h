// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs of split-by-memory, and what their results have to have in common.

#ifndef OPTRUN_INTEGRATION_RECIPES_SPLITBYMEMORYRUN_H
#define OPTRUN_INTEGRATION_RECIPES_SPLITBYMEMORYRUN_H

#include "RecipeRunTest.h"
#include "TestSupport/TestModels.h"

#include <sstream>

namespace optrun::test {

class SplitByMemoryRun : public RecipeRunTest {
protected:
  using Components = std::vector<std::unique_ptr<ir::Component>>;

  /// "capture" of a model for writeRecipe(), and the pass with these options.
  static std::string capture(const std::string &model) { return "capture: {model: " + model + "}"; }
  static std::string splitPass(const std::string &options) {
    return "split-by-memory: {" + options + "}";
  }

  /// Plans and cuts; writes nothing.
  ProcessResult plan(const std::string &model, const std::string &options) const {
    return runOptRun({writeRecipe({capture(model), splitPass(options)}), "--stats"});
  }

  /// Writes the components to out/ and compares them with the model.
  ProcessResult splitAndVerify(const std::string &model, const std::string &options) const {
    return runOptRun(
        {writeRecipe({capture(model), splitPass(options), "export: {output: out, overwrite: true}",
                      "verify: {samples: 2}"}),
         "--stats"});
  }

  /// A number that the pass has counted, from the table of --stats.
  static uint64_t statistic(const ProcessResult &run, const std::string &name) {
    std::istringstream words(run.out + run.err);
    for (std::string word; words >> word;)
      if (uint64_t value = 0; word == name && words >> value)
        return value;
    throw std::runtime_error("no statistic " + name + " in\n" + run.out + run.err);
  }

  static Components componentsOf(const std::string &output) {
    Components components;
    for (const Manifest::Component &component : manifestOf(output).components)
      components.push_back(readModel(output + "/" + component.file));
    return components;
  }

  /// What a folder's files hold is what was planned for them, and is within the budget: by the
  /// files themselves.
  static void expectWithinBudgets(const std::string &output) {
    const Manifest manifest = manifestOf(output);
    const Components components = componentsOf(output);
    for (size_t i = 0; i < components.size(); ++i) {
      const Manifest::Component &component = manifest.components[i];
      EXPECT_EQ(component.plannedBytes, component.weightBytes) << component.name;
      EXPECT_EQ(ir::weightBytes(*components[i]), component.weightBytes) << component.name;
      ASSERT_TRUE(component.budgetBytes) << component.name;
      EXPECT_LE(component.weightBytes, *component.budgetBytes) << component.name;
    }
  }

  /// The bytes of each component's file, summed.
  static uint64_t bytesOf(const Components &components) {
    uint64_t bytes = 0;
    for (const auto &component : components)
      bytes += ir::weightBytes(*component);
    return bytes;
  }
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_RECIPES_SPLITBYMEMORYRUN_H
