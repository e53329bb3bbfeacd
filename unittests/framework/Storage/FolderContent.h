// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What the tests of staged output share: folders as maps from names to contents.

#ifndef OPTRUN_UNITTESTS_FRAMEWORK_STORAGE_FOLDERCONTENT_H
#define OPTRUN_UNITTESTS_FRAMEWORK_STORAGE_FOLDERCONTENT_H

#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include "optrun/Storage/OutputFile.h"
#include "optrun/Storage/StagedOutput.h"

#include <map>

namespace optrun::test {

using Content = std::map<std::string, std::string>;

/// Every file below \p folder by its relative path, and every empty folder with the content "/".
inline Content contentOf(const std::filesystem::path &folder) {
  Content content;
  for (const auto &entry : std::filesystem::recursive_directory_iterator(folder)) {
    std::string name = entry.path().lexically_relative(folder).string();
    if (entry.is_regular_file()) {
      std::ifstream stream(entry.path(), std::ios::binary);
      content[name] = {std::istreambuf_iterator<char>(stream), {}};
    } else if (entry.is_directory() && std::filesystem::is_empty(entry.path())) {
      content[name] = "/";
    }
  }
  return content;
}

/// Stages and writes one file.
inline void writeStaged(StagedFolder &output, llvm::StringRef name, llvm::StringRef text) {
  OutputFile file = valueOf(OutputFile::create(valueOf(output.stage(name))));
  if (llvm::Error error = file.append(text))
    throw std::runtime_error(llvm::toString(std::move(error)));
  if (llvm::Error error = file.close())
    throw std::runtime_error(llvm::toString(std::move(error)));
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_FRAMEWORK_STORAGE_FOLDERCONTENT_H
