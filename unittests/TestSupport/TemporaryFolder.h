// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// A folder that lives as long as the object.

#ifndef OPTRUN_UNITTESTS_TESTSUPPORT_TEMPORARYFOLDER_H
#define OPTRUN_UNITTESTS_TESTSUPPORT_TEMPORARYFOLDER_H

#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <string>
#include <string_view>

namespace optrun::test {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "optrun-test-XXXXXX").string();
    root = mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(root, ignored);
  }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::string path(const std::string &name) const { return (root / name).string(); }

  /// Writes a file, folders included, and returns its path.
  std::string write(const std::string &name, std::string_view content) const {
    std::filesystem::create_directories((root / name).parent_path());
    std::ofstream(root / name, std::ios::binary) << content;
    return path(name);
  }

private:
  std::filesystem::path root;
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_TESTSUPPORT_TEMPORARYFOLDER_H
