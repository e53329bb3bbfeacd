// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs of the recipes in configs/, by the real opt-run, in a folder of their own.

#ifndef OPTRUN_INTEGRATION_RECIPES_RECIPERUNTEST_H
#define OPTRUN_INTEGRATION_RECIPES_RECIPERUNTEST_H

#include "TestSupport/Errors.h"
#include "TestSupport/Process.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestPaths.h"

#include "optrun/Results/Manifest.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gmock/gmock.h>
#include <map>

namespace optrun::test {

class RecipeRunTest : public testing::Test {
protected:
  using Settings = std::map<std::string, std::string>;

  /// The command line of a recipe in configs/ with these parameters.
  static std::vector<std::string> configArguments(const std::string &config,
                                                  const Settings &settings) {
    std::vector<std::string> arguments = {sourceDir() + "/configs/" + config + ".yaml"};
    for (const auto &[name, value] : settings) {
      arguments.push_back("--set");
      arguments.push_back(name + "=" + value);
    }
    return arguments;
  }
  static ProcessResult runConfig(const std::string &config, const Settings &settings) {
    return runOptRun(configArguments(config, settings));
  }
  static std::vector<std::string> splitArguments(const Settings &settings) {
    return configArguments("split-by-count", settings);
  }
  static ProcessResult split(const Settings &settings,
                             const std::vector<std::string> &environment = {}) {
    return runOptRun(splitArguments(settings), environment);
  }

  static std::string contentOf(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static Manifest manifestOf(const std::string &output) {
    return valueOf(parseManifest(contentOf(output + "/manifest.json")));
  }

  /// The names in a folder, in order.
  static std::vector<std::string> namesIn(const std::string &path) {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(path))
      names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }

  /// A recipe with these list entries in the test's folder; returns its path.
  std::string writeRecipe(const std::vector<std::string> &passes) const {
    std::string text = "recipe: 1\npasses:\n";
    for (const std::string &pass : passes)
      text += "  - " + pass + "\n";
    return folder.write("recipe.yaml", text);
  }

  /// A decoder of \p arguments in model/; returns the path of its .onnx file.
  std::string makeDecoder(std::vector<std::string> arguments) const {
    std::filesystem::create_directories(folder.path("model"));
    std::string path = folder.path("model/model.onnx");
    arguments.insert(arguments.begin(), {buildDir() + "/tests/make-decoder", path});
    ProcessResult made = runProcess(arguments);
    EXPECT_EQ(made.exitCode, 0) << made.err;
    return path;
  }

  TemporaryFolder folder;
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_RECIPES_RECIPERUNTEST_H
