// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the library of a pass.

#include "optrun/Plugin/PluginLoader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cstdlib>
#include <dlfcn.h>

using namespace optrun;
namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

static std::string realPath(llvm::StringRef file) {
  llvm::SmallString<256> result;
  return fs::real_path(file, result) ? file.str() : result.str().str();
}

std::string PluginLoader::builtInFolder() {
  // bin/ and lib/ may be moved together, in a build tree as in an installation.
  static const char inThisLibrary = 0;
  Dl_info info;
  if (!dladdr(&inThisLibrary, &info) || !info.dli_fname)
    return {};
  llvm::SmallString<256> folder(realPath(info.dli_fname));
  path::remove_filename(folder);
  path::append(folder, "optrun", "passes");
  return folder.str().str();
}

std::vector<std::string> PluginLoader::foldersFromEnvironment() {
  std::vector<std::string> folders;
  if (const char *value = std::getenv("OPT_RUN_PLUGIN_PATH"))
    for (llvm::StringRef folder : llvm::split(value, ':'))
      if (!folder.empty())
        folders.push_back(folder.str());
  return folders;
}

/// Files named after pass \p id, one for each folder that has one, without the same file twice.
std::vector<std::string> PluginLoader::filesNamedAfter(llvm::StringRef id) const {
  std::vector<std::string> files, real;
  for (const std::string &folder : searchFolders) {
    llvm::SmallString<256> file(folder);
    path::append(file, "optrun-pass-" + id + ".so");
    if (!fs::exists(file) || llvm::is_contained(real, realPath(file)))
      continue;
    files.push_back(file.str().str());
    real.push_back(realPath(file));
  }
  return files;
}

std::string PluginLoader::duplicateMessage(llvm::StringRef id, llvm::StringRef first,
                                           llvm::StringRef second) {
  return ("pass '" + id + "' is in two libraries, '" + first + "' and '" + second +
          "'; remove or rename one")
      .str();
}

llvm::Expected<const PassEntry *> PluginLoader::resolve(llvm::StringRef id) {
  // Ids come from recipes and become file names.
  if (!isPassId(id))
    return nullptr;
  const auto error = [](const std::string &message) {
    return llvm::createStringError(llvm::inconvertibleErrorCode(), message);
  };
  std::vector<std::string> files = filesNamedAfter(id);
  if (files.size() > 1)
    return error(duplicateMessage(id, files[0], files[1]));
  if (!registry.find(id) && files.size() == 1) {
    if (llvm::Error failed = load(files[0]))
      return failed;
    if (!registry.find(id))
      return error("plugin '" + files[0] + "' has no pass '" + id.str() +
                   "', which its file name promises");
  }
  if (!registry.find(id))
    loadAll();
  if (auto conflict = conflicts.find(id); conflict != conflicts.end())
    return error(conflict->second);
  const PassEntry *entry = registry.find(id);
  if (entry && files.size() == 1 && realPath(entry->plugin) != realPath(files[0]))
    return error(duplicateMessage(id, entry->plugin, files[0]));
  return entry;
}

std::vector<std::string> PluginLoader::knownIds() {
  loadAll();
  std::vector<std::string> ids;
  for (const PassEntry *entry : registry.all())
    ids.push_back(entry->info.id);
  return ids;
}

void PluginLoader::loadAll() {
  if (scanned)
    return;
  scanned = true;
  for (const std::string &folder : searchFolders) {
    std::vector<std::string> files;
    std::error_code code;
    for (fs::directory_iterator it(folder, code), end; it != end && !code; it.increment(code))
      if (path::extension(it->path()) == ".so")
        files.push_back(it->path());
    if (code)
      scanProblems.push_back("cannot read plugin folder '" + folder + "': " + code.message());
    llvm::sort(files); // the order of a folder is chance
    for (const std::string &file : files)
      if (llvm::Error error = load(file))
        scanProblems.push_back(llvm::toString(std::move(error)));
  }
}
