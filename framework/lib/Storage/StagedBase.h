// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What both kinds of staged output share: names are checked, and every step comes in its turn.

#ifndef OPTRUN_LIB_STORAGE_STAGEDBASE_H
#define OPTRUN_LIB_STORAGE_STAGEDBASE_H

#include "optrun/Storage/StagedOutput.h"

#include "llvm/ADT/StringSet.h"

namespace optrun::staging {

/// An error unless \p name is a plain file name: no folder part, no control characters, and not one
/// of our temporary names.
llvm::Error checkFileName(llvm::StringRef name);

/// The destructors of derived classes call discard().
class StagedBase : public StagedFolder {
public:
  llvm::StringRef folder() const final { return shown; }
  llvm::Expected<std::string> stage(llvm::StringRef name) final;
  llvm::Expected<std::string> scratch(llvm::StringRef name) final;
  llvm::Error prepare() final;
  llvm::Error commit() final;
  void discard() final;

protected:
  explicit StagedBase(llvm::StringRef shown) : shown(shown) {}

  // The steps themselves. Names are plain file names.
  virtual llvm::Expected<std::string> addFile(llvm::StringRef name) = 0;
  virtual std::string addScratch(llvm::StringRef name) = 0;
  virtual llvm::Error check() const = 0;
  /// Leaves nothing staged: all of it is in its place, or removed.
  virtual llvm::Error publish() = 0;
  virtual void remove() = 0;

  const std::string shown; // the path as the user wrote it

private:
  enum class State { Open, Prepared, Committed, Discarded };

  llvm::Error checkCanAdd(llvm::StringRef name) const;

  State state = State::Open;
  llvm::StringSet<> names; // of files, each staged once
};

} // namespace optrun::staging

#endif // OPTRUN_LIB_STORAGE_STAGEDBASE_H
