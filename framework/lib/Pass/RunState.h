// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What all passes of one run share.

#ifndef OPTRUN_LIB_PASS_RUNSTATE_H
#define OPTRUN_LIB_PASS_RUNSTATE_H

#include "Execution/Executor.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Pass/PassManager.h"

namespace optrun {

using SuccessHook = std::function<llvm::Error(const ir::Package &, const RunRecord &)>;

/// A hook with the pass whose code it is.
struct OwnedHook {
  const PassEntry *owner;
  SuccessHook hook;
};

struct RunState {
  RunState(const RunSettings &settings, Diagnostics &diagnostics,
           llvm::ArrayRef<RunObserver *> observers, RunResult &result);

  /// Shows and records a message.
  void message(Severity severity, llvm::StringRef pass, const std::string &text);
  template <typename Event> void notify(Event event) {
    for (RunObserver *observer : observers)
      event(*observer);
  }

  /// The folder's staged output, shared by all who write into it. Thread safe.
  llvm::Expected<StagedFolder *> stageFolder(llvm::StringRef folder, StagedFolder::Options options);
  /// After this, commit() fails only when something goes wrong while it publishes.
  llvm::Error prepare();
  /// Publishes everything staged, folder by folder. An error leaves the rest unpublished and names
  /// what was published before.
  llvm::Error commit();
  void discard();

  Diagnostics &diagnostics;
  llvm::ArrayRef<RunObserver *> observers;
  RunResult &result;
  Executor executor;
  Spool spool;
  std::vector<OwnedHook> hooks;

private:
  struct Staged {
    std::string path; // resolved
    std::unique_ptr<StagedFolder> folder;
  };
  std::mutex stagingMutex;
  std::vector<Staged> staged;
};

} // namespace optrun

#endif // OPTRUN_LIB_PASS_RUNSTATE_H
