// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a planned chain of passes. For programs that run passes; plugins do not use it.

#ifndef OPTRUN_PASS_PASSMANAGER_H
#define OPTRUN_PASS_PASSMANAGER_H

#include "optrun/Execution/Interruption.h"
#include "optrun/Execution/RunObserver.h"
#include "optrun/Pass/Pipeline.h"
#include "optrun/Pass/RunRecord.h"
#include "optrun/Support/Table.h"

namespace optrun {

struct RunSettings {
  unsigned threads = 0;                      // 0: one for each processor
  uint64_t memoryBudget = uint64_t(1) << 30; // bytes in flight in parallel loops
  /// Where the spool goes; a disk rather than memory. Empty: TMPDIR, else /var/tmp.
  std::string scratchFolder;
  /// Check the structure of every graph, and with the ONNX checker, after every pass.
  bool verifyEach = false;
  /// Steps (see PlannedPass::name) after which the package is printed, "*" for all.
  std::vector<std::string> dumpAfter;
  /// One file a dump, "<number>-<step>.txt"; empty: dumps go to standard error.
  std::string dumpFolder;
  /// The last step to run; empty: all. What ran has succeeded, so its output is published.
  std::string stopAfter;
  const Interruption *interruption = nullptr;
};

/// How one pass ran.
struct PassReport {
  std::string name;
  RunObserver::PassUsage usage;
  std::map<std::string, int64_t> statistics;
};

/// What a run leaves, whole or up to the pass that failed.
struct RunResult {
  ir::Package package;
  RunRecord record;
  std::vector<PassReport> passes;
  std::vector<Table> tables; // results of passes for standard output, in order
};

class PassManager {
public:
  PassManager(RunSettings settings, Diagnostics &diagnostics);

  /// Told about everything that happens, in order of registration. Must outlive the runs.
  void addObserver(RunObserver &observer) { observers.push_back(&observer); }

  /// An error when settings name a step that \p pipeline has not.
  llvm::Error checkSettings(const Pipeline &pipeline) const;

  /// Runs all passes in order. After each: it wrote exactly the attachments that it declares, and
  /// left a package that makes sense. After the last: the hooks, then all staged output is
  /// published. On an error or interruption (InterruptedError) nothing is, with one exception: when
  /// something goes wrong while several folders are being published, one by one, the error names
  /// those that were published before. A wish to stop that comes during publication is not heeded.
  ///
  /// Errors name the pass; those that are nobody's but a plugin's fault (exceptions) name its
  /// library as well.
  llvm::Error run(Pipeline &pipeline, RunResult &result);

private:
  RunSettings settings;
  Diagnostics &diagnostics;
  std::vector<RunObserver *> observers;
};

/// For --time-passes: wall and CPU time, memory after the pass and its peak so far.
void printTimes(const RunResult &result, llvm::raw_ostream &os);

/// For --stats: what passes counted; nothing that depends on the machine.
void printStatistics(const RunResult &result, llvm::raw_ostream &os);

} // namespace optrun

#endif // OPTRUN_PASS_PASSMANAGER_H
