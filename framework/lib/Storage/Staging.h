// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Names, locks and removal of what a run stages beside its final place.
///
/// Everything staged starts with ".optrun-". A run holds an flock on its staging folder or on the
/// lock file of its staged files until it ends in whatever way, so that later runs can tell what a
/// dead run left behind from what a live one is writing.

#ifndef OPTRUN_LIB_STORAGE_STAGING_H
#define OPTRUN_LIB_STORAGE_STAGING_H

#include "SystemCall.h"

#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>
#include <vector>

namespace optrun::staging {

inline constexpr llvm::StringLiteral Prefix = ".optrun-";

/// "<pid>-<six letters and digits>": names the run in what it stages.
std::string newTag();

/// A staging folder and the lock on it.
struct LockedFolder {
  std::string path;
  ScopedDescriptor lock;
};

/// Makes the folder ".optrun-<name>-<tag>" in \p parent.
llvm::Expected<LockedFolder> makeLockedFolder(llvm::StringRef parent, llvm::StringRef name);

/// Removes staging folders for \p name that dead runs of this user left in \p parent.
void removeDeadFolders(llvm::StringRef parent, llvm::StringRef name);

/// The names of the files that one run stages in a folder that has other files.
struct FileNames {
  std::string folder, tag;

  std::string lock() const { return (Prefix + tag + ".lock").str(); }
  std::string journal() const { return (Prefix + tag + ".commit").str(); }
  std::string staged(llvm::StringRef name) const { return (Prefix + tag + "-" + name).str(); }
  std::string backup(llvm::StringRef name) const { return (Prefix + tag + "~" + name).str(); }
  std::string path(llvm::StringRef name) const { return folder + "/" + name.str(); }
};

/// Makes and locks the lock file for a new tag in \p folder.
llvm::Expected<std::pair<FileNames, ScopedDescriptor>> lockNewFiles(llvm::StringRef folder);

/// What a commit is about to do, written down before its first step, so that the next run can undo
/// the commit of a run that was killed in the middle of it.
struct Journal {
  struct Placed {
    std::string name;
    uint64_t inode = 0;
  };
  std::vector<std::string> removed; // moved to backup(), in this order
  std::vector<Placed> placed;       // renamed from staged(), in this order; the last one commits

  llvm::Error write(const FileNames &names) const;
  /// nullopt where there is none of this user's, or none that was finished: then no step had begun.
  static std::optional<Journal> read(const FileNames &names);
};

/// Undoes a commit that has not placed its last file, then removes every file of the tag: the
/// journal first, the lock last. Says what could not be put back; empty otherwise.
std::string undoAndRemove(const FileNames &names);

/// Makes other runs wait that publish into \p folder or undo a commit there: two commits that take
/// turns file by file would undo each other. The lock ends with the descriptor. It is on the folder
/// itself, so somebody else may hold it, as `flock FOLDER opt-run …` does, and some file systems
/// have none; after a few seconds the run goes on without.
ScopedDescriptor lockFolder(const std::string &folder);

/// undoAndRemove for the files that dead runs of this user left in \p folder.
void removeDeadFiles(llvm::StringRef folder);

/// rename(2) that fails with EEXIST when \p to exists.
int renameNew(const std::string &from, const std::string &to);

/// The names in \p folder without "." and "..".
llvm::Expected<std::vector<std::string>> listFolder(llvm::StringRef folder);

} // namespace optrun::staging

#endif // OPTRUN_LIB_STORAGE_STAGING_H
