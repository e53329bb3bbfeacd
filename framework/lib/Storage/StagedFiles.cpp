// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Single files staged in a folder that has other files, and published by renaming them one by one.
///
/// The order makes a half-published state recognizable and undoable: a journal is written, then the
/// old manifest goes (so that nothing describes a mixture), then what is replaced or stale, then
/// the new files come, the new manifest last. Old files are kept under temporary names until then.

#include "StagedBase.h"
#include "StagedFolders.h"
#include "Staging.h"

#include "llvm/ADT/STLExtras.h"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun::staging {
namespace {

class FilesInFolder final : public StagedBase {
public:
  FilesInFolder(llvm::StringRef shown, FileNames names, ScopedDescriptor lock,
                std::vector<std::string> replaces)
      : StagedBase(shown), names(std::move(names)), lock(std::move(lock)),
        replaces(std::move(replaces)) {}
  ~FilesInFolder() override { discard(); }

  bool isWholeFolder() const override { return false; }
  std::string stagedName(llvm::StringRef name) const override { return names.staged(name); }
  void finalFile(llvm::StringRef name) override { lastName = name.str(); }

private:
  llvm::Expected<std::string> addFile(llvm::StringRef name) override {
    if (llvm::Error error = checkReplaceable(name))
      return error;
    if (!llvm::is_contained(stagedFiles, name))
      stagedFiles.push_back(name.str());
    return names.path(names.staged(name));
  }

  std::string addScratch(llvm::StringRef name) override {
    // Whatever has the run's tag and is not published goes in the end.
    return names.path(names.staged("scratch-" + name.str()));
  }

  llvm::Error check() const override { return makePlan().takeError(); }

  llvm::Error publish() override {
    const ScopedDescriptor turn = lockFolder(names.folder);
    llvm::Error error = moveFiles();
    // Where all was moved, this removes what was replaced; else it puts that back.
    std::string lost = undoAndRemove(names);
    lock.reset();
    if (error && !lost.empty())
      error = llvm::joinErrors(
          std::move(error),
          llvm::createStringError(std::errc::io_error,
                                  "and could not put back in '%s': %s (their earlier versions "
                                  "have names that start with '%s')",
                                  shown.c_str(), lost.c_str(), names.backup("").c_str()));
    return error;
  }

  void remove() override {
    undoAndRemove(names);
    lock.reset();
  }

  /// An error when \p name exists and is not to be replaced, or cannot be.
  llvm::Error checkReplaceable(llvm::StringRef name) const {
    struct stat status;
    if (::lstat(names.path(name).c_str(), &status) != 0)
      return llvm::Error::success();
    if (S_ISDIR(status.st_mode))
      return llvm::createStringError(std::errc::is_a_directory,
                                     "cannot write '%s' in '%s': it is a folder",
                                     name.str().c_str(), shown.c_str());
    if (!llvm::is_contained(replaces, name))
      return llvm::createStringError(std::errc::file_exists,
                                     "'%s' exists in '%s' already and is not to be overwritten",
                                     name.str().c_str(), shown.c_str());
    return llvm::Error::success();
  }

  llvm::Error moveFiles() const {
    // Anew, since another run may have published before it was our turn.
    llvm::Expected<Journal> plan = makePlan();
    if (!plan)
      return plan.takeError();
    if (plan->removed.empty() && plan->placed.empty())
      return llvm::Error::success();
    if (llvm::Error error = plan->write(names))
      return error;
    for (const std::string &name : plan->removed)
      if (::rename(names.path(name).c_str(), names.path(names.backup(name)).c_str()) != 0)
        return systemError(errno, "cannot replace '" + llvm::Twine(name) + "' in '" + shown + "'");
    for (const Journal::Placed &file : plan->placed) {
      if (renameNew(names.path(names.staged(file.name)), names.path(file.name)) == 0)
        continue;
      if (errno == EEXIST)
        return llvm::createStringError(std::errc::file_exists,
                                       "'%s' appeared in '%s' during the run", file.name.c_str(),
                                       shown.c_str());
      return systemError(errno, "cannot move '" + llvm::Twine(file.name) + "' to '" + shown + "'");
    }
    return llvm::Error::success();
  }

  llvm::Expected<Journal> makePlan() const {
    Journal plan;
    for (const std::string &name : stagedFiles) {
      if (llvm::Error error = checkReplaceable(name))
        return error;
      struct stat status;
      if (::lstat(names.path(names.staged(name)).c_str(), &status) != 0)
        return systemError(errno, "'" + llvm::Twine(name) + "' was to be written to '" + shown +
                                      "', but is missing");
      plan.placed.push_back({name, status.st_ino});
    }
    auto isLast = [&](const Journal::Placed &file) { return file.name == lastName; };
    std::stable_partition(plan.placed.begin(), plan.placed.end(), std::not_fn(isLast));

    for (const std::string &name : replaces) {
      struct stat status;
      if (::lstat(names.path(name).c_str(), &status) != 0 || llvm::is_contained(plan.removed, name))
        continue;
      if (S_ISDIR(status.st_mode))
        return llvm::createStringError(std::errc::is_a_directory,
                                       "cannot remove '%s' from '%s': it is a folder", name.c_str(),
                                       shown.c_str());
      plan.removed.push_back(name);
    }
    std::stable_partition(plan.removed.begin(), plan.removed.end(),
                          [&](const std::string &name) { return name == lastName; });
    return plan;
  }

  FileNames names;
  ScopedDescriptor lock;
  std::vector<std::string> replaces;
  std::vector<std::string> stagedFiles; // in order of stage()
  std::string lastName;
};

} // namespace

llvm::Expected<std::unique_ptr<StagedFolder>> makeFilesInFolder(llvm::StringRef shown,
                                                                llvm::StringRef folder,
                                                                std::vector<std::string> replaces) {
  llvm::Expected<std::pair<FileNames, ScopedDescriptor>> locked = lockNewFiles(folder);
  if (!locked)
    return locked.takeError();
  return std::make_unique<FilesInFolder>(shown, std::move(locked->first), std::move(locked->second),
                                         std::move(replaces));
}

} // namespace optrun::staging
