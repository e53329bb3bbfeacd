// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Staged output: chooses between staging a whole folder and staging single files.

#include "optrun/Storage/StagedOutput.h"

#include "StagedBase.h"
#include "StagedFolders.h"
#include "Staging.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace optrun {
namespace {

namespace path = llvm::sys::path;

/// An output path, split where it stops to exist.
struct Place {
  std::string existing; // resolved through symlinks
  std::string missing;  // what is to be made in it; empty when the whole path exists

  std::string path() const {
    return missing.empty() ? existing : existing + (existing == "/" ? "" : "/") + missing;
  }
};

/// Whether the entry of a folder that is at \p candidate exists; an error unless it is a folder.
llvm::Expected<bool> isFolder(const std::string &candidate, llvm::StringRef wanted) {
  struct stat status;
  if (::stat(candidate.c_str(), &status) != 0) {
    if (errno != ENOENT)
      return systemError(errno, "cannot examine '" + llvm::Twine(candidate) + "'");
    if (::lstat(candidate.c_str(), &status) == 0 && S_ISLNK(status.st_mode))
      return llvm::createStringError(
          std::errc::no_such_file_or_directory,
          "the output folder cannot be '%s': '%s' is a symbolic link to something that does not "
          "exist",
          wanted.str().c_str(), candidate.c_str());
    return false;
  }
  if (!S_ISDIR(status.st_mode))
    return llvm::createStringError(
        std::errc::not_a_directory, "the output folder cannot be '%s': '%s' is %s",
        wanted.str().c_str(), candidate.c_str(), describeFileKind(status.st_mode));
  return true;
}

/// Goes down the path part by part, as the system does: ".." leads out of the folder that a
/// symbolic link leads to.
llvm::Expected<Place> locate(llvm::StringRef folder) {
  if (folder.empty())
    return llvm::createStringError(std::errc::invalid_argument, "the output folder has no name");
  llvm::SmallString<256> absolute(folder);
  if (std::error_code code = llvm::sys::fs::make_absolute(absolute))
    return systemError(code.value(), "cannot resolve '" + folder + "'");
  Place place{"/", ""};
  for (llvm::StringRef part : llvm::split(absolute, '/')) {
    if (part.empty() || part == ".")
      continue;
    if (!place.missing.empty()) {
      // The system knows no such path, and what it means once the folder exists depends on what the
      // folder is then.
      if (part == "..")
        return llvm::createStringError(std::errc::no_such_file_or_directory,
                                       "the output folder cannot be '%s': '..' comes after '%s', "
                                       "which does not exist",
                                       folder.str().c_str(), place.path().c_str());
      place.missing += "/" + part.str();
      continue;
    }
    const std::string candidate = Place{place.existing, part.str()}.path();
    llvm::Expected<bool> exists = isFolder(candidate, folder);
    if (!exists)
      return exists.takeError();
    if (!*exists) {
      place.missing = part.str();
      continue;
    }
    llvm::SmallString<256> real;
    if (std::error_code code = llvm::sys::fs::real_path(candidate, real))
      return systemError(code.value(), "cannot resolve '" + llvm::Twine(candidate) + "'");
    place.existing = real.str().str();
  }
  return place;
}

/// Whether an empty folder can be exchanged for a new one without anybody noticing: not when it is
/// a mount point, the current folder or somebody else's, or lies where we may not write.
bool isReplaceable(const std::string &folder, const std::string &parent) {
  struct statx entry;
  struct stat here, above;
  if (::statx(AT_FDCWD, folder.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &entry) != 0 ||
      (entry.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0 || ::stat(parent.c_str(), &above) != 0 ||
      ::access(parent.c_str(), W_OK | X_OK) != 0)
    return false;
  if (::stat(folder.c_str(), &here) != 0 || here.st_dev != above.st_dev ||
      here.st_uid != ::geteuid() || here.st_gid != ::getegid() || (here.st_mode & S_ISGID) != 0)
    return false;
  struct stat current;
  return ::stat(".", &current) != 0 || current.st_dev != here.st_dev ||
         current.st_ino != here.st_ino;
}

} // namespace

StagedFolder::~StagedFolder() = default;

llvm::Expected<std::string> StagedFolder::resolve(llvm::StringRef folder) {
  llvm::Expected<Place> place = locate(folder);
  if (!place)
    return place.takeError();
  return place->path();
}

llvm::Expected<std::unique_ptr<StagedFolder>> StagedFolder::create(llvm::StringRef folder,
                                                                   Options options) {
  for (const std::string &name : options.replaces)
    if (llvm::Error error = staging::checkFileName(name))
      return error;
  llvm::StringRef shown = folder.rtrim('/');
  if (shown.empty())
    shown = folder.take_front(); // all of it is '/', or nothing
  llvm::Expected<Place> place = locate(shown);
  if (!place)
    return place.takeError();

  if (!place->missing.empty()) {
    llvm::StringRef top = *path::begin(place->missing);
    staging::removeDeadFolders(place->existing, top);
    return staging::makeWholeFolder(shown, place->existing, place->missing);
  }

  std::string parent = path::parent_path(place->existing).str();
  std::string name = path::filename(place->existing).str();
  if (!parent.empty())
    staging::removeDeadFolders(parent, name);
  staging::removeDeadFiles(place->existing);
  llvm::Expected<std::vector<std::string>> entries = staging::listFolder(place->existing);
  if (!entries)
    return entries.takeError();
  if (entries->empty() && !parent.empty() && isReplaceable(place->existing, parent))
    return staging::makeWholeFolder(shown, parent, name);
  return staging::makeFilesInFolder(shown, place->existing, std::move(options.replaces));
}

} // namespace optrun
