// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the framework gives to a running pass: diagnostics, progress, parallel loops, memory
/// budget, spool, staged output, statistics.

#ifndef OPTRUN_PASS_PASSCONTEXT_H
#define OPTRUN_PASS_PASSCONTEXT_H

#include "optrun/IR/Package.h"
#include "optrun/Pass/RunRecord.h"
#include "optrun/Storage/Spool.h"
#include "optrun/Storage/StagedOutput.h"
#include "optrun/Support/Diagnostics.h"
#include "optrun/Support/Table.h"

#include "llvm/ADT/STLFunctionalExtras.h"

#include <functional>

namespace optrun {

/// A running count shown to the user: a bar on a terminal, plain lines elsewhere. advance() is
/// thread safe and cheap. Ends when destroyed.
class Progress {
public:
  virtual ~Progress();
  virtual void advance(uint64_t amount) = 0;
  /// Bytes are printed as sizes and rates, Items as counts.
  enum class Unit { Items, Bytes };
};

/// Handed to Pass::check.
class CheckContext {
public:
  virtual ~CheckContext();
  /// Reports an error at the place in the recipe of \p option (of the pass when empty or
  /// defaulted).
  virtual void error(llvm::StringRef option, const llvm::Twine &message) = 0;
  virtual void warning(llvm::StringRef option, const llvm::Twine &message) = 0;

  /// Says that this run will not write \p attachment, one of PassInfo::mayWrite.
  virtual void leavesOut(llvm::StringRef attachment) = 0;
  /// For an attachment that is read with some options only: false when it is certain that no pass
  /// before this one writes it.
  virtual bool mayHave(llvm::StringRef attachment) const = 0;
};

class PassContext {
public:
  virtual ~PassContext();

  // To the user.
  virtual void warning(const llvm::Twine &message) = 0;
  /// Facts worth a line ("12 layers in model.layers"); not shown with --quiet.
  virtual void remark(const llvm::Twine &message) = 0;
  virtual std::unique_ptr<Progress> progress(llvm::StringRef label, uint64_t total,
                                             Progress::Unit unit) = 0;
  /// A result for standard output, printed when the run has succeeded.
  virtual void result(const Table &table) = 0;
  /// Shown by --stats; deterministic values only.
  virtual void statistic(llvm::StringRef name, int64_t value) = 0;

  // Work.
  /// Runs body(0) … body(count - 1) on the run's threads. Stops early on an error or interruption
  /// and returns the error of the lowest index. Results by index make output independent of
  /// threads.
  virtual llvm::Error parallelFor(size_t count, llvm::function_ref<llvm::Error(size_t)> body) = 0;
  /// The same, admitting body(i) only while the bytes in flight, bytes(i) each, stay within the
  /// memory budget; one oversize item runs alone.
  virtual llvm::Error parallelFor(size_t count, llvm::function_ref<uint64_t(size_t)> bytes,
                                  llvm::function_ref<llvm::Error(size_t)> body) = 0;
  virtual unsigned threads() const = 0;
  virtual uint64_t memoryBudget() const = 0;
  virtual Spool &spool() = 0;
  /// An error once the user has asked to stop (SIGINT, SIGTERM); call it in long loops.
  virtual llvm::Error checkInterrupted() const = 0;

  // Around the pass.
  virtual const ir::Package &package() const = 0;
  virtual const RunRecord &run() const = 0;
  /// A folder whose files appear when the whole run has succeeded, and not at all otherwise.
  virtual llvm::Expected<StagedFolder *> stageFolder(llvm::StringRef folder,
                                                     StagedFolder::Options options) = 0;
  /// Called when every pass has succeeded, before staged folders are published, in order of
  /// registration. For what needs the whole run's record (the manifest).
  virtual void
  onSuccess(std::function<llvm::Error(const ir::Package &, const RunRecord &)> hook) = 0;
};

} // namespace optrun

#endif // OPTRUN_PASS_PASSCONTEXT_H
