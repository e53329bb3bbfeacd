// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What all passes of one run share.

#include "Pass/RunState.h"

#include "llvm/ADT/STLExtras.h"

#include <cstdlib>

using namespace optrun;

static std::string scratchFolder(const RunSettings &settings) {
  if (!settings.scratchFolder.empty())
    return settings.scratchFolder;
  const char *folder = std::getenv("TMPDIR");
  // /tmp is memory on many systems, and a spool may be as large as a model.
  return folder && *folder ? folder : "/var/tmp";
}

RunState::RunState(const RunSettings &settings, Diagnostics &diagnostics,
                   llvm::ArrayRef<RunObserver *> observers, RunResult &result)
    : diagnostics(diagnostics), observers(observers), result(result),
      executor(settings.threads, settings.memoryBudget, settings.interruption),
      spool(scratchFolder(settings)) {}

void RunState::message(Severity severity, llvm::StringRef pass, const std::string &text) {
  if (severity == Severity::Warning)
    diagnostics.warning(pass + ": " + text);
  notify([&](RunObserver &observer) { observer.message(severity, pass, text); });
}

llvm::Expected<StagedFolder *> RunState::stageFolder(llvm::StringRef folder,
                                                     StagedFolder::Options options) {
  llvm::Expected<std::string> path = StagedFolder::resolve(folder);
  if (!path)
    return path.takeError();
  std::lock_guard lock(stagingMutex);
  auto place = llvm::find_if(staged, [&](const Staged &each) { return each.path == *path; });
  if (place != staged.end()) {
    // A report beside the model, say. A whole new folder has nothing to replace.
    if (!options.replaces.empty() && !place->folder->isWholeFolder())
      return llvm::createStringError(
          llvm::inconvertibleErrorCode(),
          "another pass of this run writes into '" + folder +
              "' already, and files are to be replaced there; choose another folder");
    return place->folder.get();
  }
  auto created = StagedFolder::create(folder, std::move(options));
  if (!created)
    return created.takeError();
  staged.push_back({std::move(*path), std::move(*created)});
  return staged.back().folder.get();
}

llvm::Error RunState::prepare() {
  // A folder before those inside of it: they can join it, but it could not replace them.
  llvm::sort(staged, [](const Staged &a, const Staged &b) { return a.path < b.path; });
  for (Staged &each : staged)
    if (llvm::Error error = each.folder->prepare())
      return error;
  return llvm::Error::success();
}

llvm::Error RunState::commit() {
  std::string published;
  for (Staged &each : staged) {
    if (llvm::Error error = each.folder->commit()) {
      if (published.empty())
        return error;
      return llvm::joinErrors(
          std::move(error),
          llvm::createStringError(llvm::inconvertibleErrorCode(),
                                  "and this was published before that: " + published));
    }
    published += (published.empty() ? "'" : ", '") + each.folder->folder().str() + "'";
  }
  return llvm::Error::success();
}

void RunState::discard() {
  for (Staged &each : staged)
    each.folder->discard();
  staged.clear();
}
