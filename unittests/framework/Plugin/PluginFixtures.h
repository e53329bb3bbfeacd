// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Where the fixture plugins are.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_PLUGIN_PLUGINFIXTURES_H
#define OPTRUN_UNITTESTS_FRAMEWORK_PLUGIN_PLUGINFIXTURES_H

#include "TestSupport/TestPaths.h"

#include <fstream>
#include <iterator>

namespace optrun::test {

inline std::string pluginFixture(const std::string &name) {
  return buildDir() + "/tests/plugins/" + name + ".so";
}

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_PLUGIN_PLUGINFIXTURES_H
