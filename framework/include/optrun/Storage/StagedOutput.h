// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Output of a run that becomes visible when the run has succeeded, and leaves no trace otherwise.

#ifndef OPTRUN_STORAGE_STAGEDOUTPUT_H
#define OPTRUN_STORAGE_STAGEDOUTPUT_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>
#include <string>
#include <vector>

namespace optrun {

/// Files that belong together in one folder.
///
/// A new or empty folder is built under a temporary name beside its place and renamed at commit:
/// atomic, missing parents included. In a folder that holds other files already (and in the current
/// folder, a mount point, somebody else's folder), each file is written there under a temporary
/// name and renamed at commit: what is replaced or stale goes first, the file named by finalFile()
/// (the manifest) first of all; then the new files come, that one as the very last.
///
/// Names that start with ".optrun-" are ours. A run that is killed leaves some; the next run into
/// the same folder removes those of the same user's dead runs (it knows them by their locks) and
/// undoes a commit that was cut short, so that the folder holds the old result or the new one. In
/// between, a folder whose commit was cut short holds no manifest.
///
/// Commits into one folder wait for one another.
///
/// Nothing is flushed to the disk (fsync): after a loss of power the files may be incomplete
/// although they have their names, as after cp.
class StagedFolder {
public:
  struct Options {
    /// Files of an earlier run that the commit replaces or removes (names inside the folder).
    std::vector<std::string> replaces;
  };

  /// An error when the folder cannot be made or written, or when a file to be written exists and is
  /// not listed in \p options.replaces (found out at commit for names not known yet).
  static llvm::Expected<std::unique_ptr<StagedFolder>> create(llvm::StringRef folder,
                                                              Options options);
  virtual ~StagedFolder();

  /// The absolute path of \p folder, which need not exist, without "..", and without symbolic links
  /// as far as it exists: equal for all ways to write the same output folder. An error for what
  /// cannot become a folder.
  static llvm::Expected<std::string> resolve(llvm::StringRef folder);

  /// Where the result will be.
  virtual llvm::StringRef folder() const = 0;
  /// The path to write \p name to until commit(). The folder part is the same for all names, so
  /// that ONNX external data can refer to its neighbours by stagedName().
  virtual llvm::Expected<std::string> stage(llvm::StringRef name) = 0;
  /// The file name under which \p name is found in the staging folder before commit(): equal to
  /// \p name when a whole folder is staged.
  virtual std::string stagedName(llvm::StringRef name) const = 0;
  /// True when a whole new folder is staged, so that names do not change at commit.
  virtual bool isWholeFolder() const = 0;
  virtual void finalFile(llvm::StringRef name) = 0;
  /// The path of a file that is wanted until commit() only, in the same folder as stage() gives: a
  /// copy of a model that refers to its neighbours by their staged names, say.
  virtual llvm::Expected<std::string> scratch(llvm::StringRef name) = 0;

  /// Finds out what stands in the way of commit() and can be known before it; from then on nothing
  /// can be added. On an error everything staged is gone. The pass manager prepares all folders of
  /// a run before it commits the first. Idempotent.
  virtual llvm::Error prepare() = 0;
  /// Publishes, prepared or not. Called by the pass manager when every pass has succeeded.
  /// Idempotent.
  virtual llvm::Error commit() = 0;
  /// Removes everything staged. Called on failure and interruption; the destructor does it too.
  virtual void discard() = 0;
};

} // namespace optrun

#endif // OPTRUN_STORAGE_STAGEDOUTPUT_H
