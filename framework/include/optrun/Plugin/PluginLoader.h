// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds and loads plugins. For programs that run passes; plugins do not use it.

#ifndef OPTRUN_PLUGIN_PLUGINLOADER_H
#define OPTRUN_PLUGIN_PLUGINLOADER_H

#include "optrun/Pass/PassRegistry.h"

#include <string>
#include <vector>

struct OptRunPluginDescriptor;

namespace optrun {

/// A library that was loaded. It stays loaded until the process ends.
struct LoadedPlugin {
  std::string path; // as it was found
  std::string name, version;
  std::vector<std::string> passes;
};

/// Fills a registry from shared libraries, as late as it can: a pass is looked for as
/// <folder>/optrun-pass-<id>.so, and only an id that no folder has a file for makes it load
/// everything in the folders. Not thread safe.
class PluginLoader final : public PassResolver {
public:
  /// \p folders in order of search.
  PluginLoader(PassRegistry &registry, std::vector<std::string> folders);

  /// The pass folder of this build or installation, found from where libOptRun.so lies.
  static std::string builtInFolder();
  /// The folders in OPT_RUN_PLUGIN_PATH (separated by ':'; empty ones are skipped).
  static std::vector<std::string> foldersFromEnvironment();

  /// Loads one library. An error names the file and the reason, and leaves the registry as it was.
  /// No error when the file is loaded already. ABI and fingerprint are compared before a line of
  /// the library runs; docs/plugin-abi.md lists the checks.
  llvm::Error load(llvm::StringRef path) override;

  /// Finds the pass, loading the library that has it. Null when no library has it. An error when
  /// that library cannot be loaded or when two libraries have the pass.
  llvm::Expected<const PassEntry *> resolve(llvm::StringRef id) override;
  /// Ids of all passes that can be found, for suggestions and lists; loads everything.
  std::vector<std::string> knownIds() override;

  /// Loads all libraries in all folders. What cannot be loaded is in problems() afterwards.
  void loadAll();
  /// Messages about libraries that were met in a folder, not asked for, and could not be loaded.
  std::vector<std::string> problems() const override { return scanProblems; }

  llvm::ArrayRef<LoadedPlugin> plugins() const { return loaded; }
  llvm::ArrayRef<std::string> folders() const { return searchFolders; }

private:
  llvm::Error registerPasses(const OptRunPluginDescriptor &descriptor, const std::string &path);
  std::vector<std::string> filesNamedAfter(llvm::StringRef id) const;
  static std::string duplicateMessage(llvm::StringRef id, llvm::StringRef first,
                                      llvm::StringRef second);

  PassRegistry &registry;
  std::vector<std::string> searchFolders;
  std::vector<LoadedPlugin> loaded;
  std::vector<std::string> loadedFiles; // resolved through symlinks
  std::vector<std::string> scanProblems;
  std::map<std::string, std::string, std::less<>> conflicts; // pass id to message
  bool scanned = false;
};

} // namespace optrun

#endif // OPTRUN_PLUGIN_PLUGINLOADER_H
