// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Recipes of fixture passes, run by the real opt-run.

#ifndef OPTRUN_INTEGRATION_PLUGINS_DRIVERTEST_H
#define OPTRUN_INTEGRATION_PLUGINS_DRIVERTEST_H

#include "TestSupport/Process.h"
#include "TestSupport/TestPaths.h"

#include <gmock/gmock.h>

namespace optrun::test {

class DriverTest : public testing::Test {
protected:
  static std::string plugin(const std::string &name) {
    return buildDir() + "/tests/plugins/" + name + ".so";
  }

  /// A recipe of these list entries; returns its path.
  std::string recipe(const std::vector<std::string> &passes, const std::string &head = "") {
    std::string text = "recipe: 1\n" + head + "passes:\n";
    for (const std::string &pass : passes)
      text += "  - " + pass + "\n";
    return folder.write("recipe.yaml", text);
  }

  /// Arguments for a run with the plugins that load.
  std::vector<std::string> arguments(const std::string &recipePath,
                                     std::vector<std::string> more = {}) {
    std::vector<std::string> all = {recipePath, "--load-plugin=" + plugin("good"),
                                    "--load-plugin=" + plugin("misbehaving")};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
  ProcessResult run(const std::vector<std::string> &passes, std::vector<std::string> more = {}) {
    return runOptRun(arguments(recipe(passes), std::move(more)));
  }

  std::string writeFile() const { return "write-file: {output: " + folder.path("out") + "}"; }

  /// What lies in the folder, but for the recipe.
  std::vector<std::string> leftovers() const {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(folder.path("")))
      if (entry.path().filename() != "recipe.yaml")
        names.push_back(entry.path().filename());
    return names;
  }

  TemporaryFolder folder;
};

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_PLUGINS_DRIVERTEST_H
