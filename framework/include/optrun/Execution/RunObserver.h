// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What happens in a run, for those who show or record it.

#ifndef OPTRUN_EXECUTION_RUNOBSERVER_H
#define OPTRUN_EXECUTION_RUNOBSERVER_H

#include "optrun/Support/Diagnostics.h"

#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace optrun {

/// Every call may come from any thread of the run, several at a time.
class RunObserver {
public:
  virtual ~RunObserver();

  struct Run {
    llvm::StringRef recipeName, recipePath;
    size_t passes = 0;
    unsigned threads = 0;
    uint64_t memoryBudget = 0; // bytes
  };
  struct PassStep {
    llvm::StringRef id;
    unsigned version = 0;
    size_t index = 0; // position in the recipe, from 0
    llvm::StringRef optionsJson;
  };
  struct PassUsage {
    double wallSeconds = 0;
    double cpuSeconds = 0; // of all threads
    uint64_t rssBytes = 0;
    uint64_t peakRssBytes = 0;
    bool failed = false;
  };
  /// State of one Progress; sent when it starts, at most ten times a second, and when it ends.
  struct ProgressState {
    const void *key = nullptr; // tells concurrent ones apart
    llvm::StringRef pass, label;
    uint64_t done = 0, total = 0;
    bool bytes = false; // else items
    double seconds = 0; // since it started
    bool ended = false;
  };
  enum class Outcome { Done, Failed, Interrupted };

  virtual void runStarted(const Run &run) { (void)run; }
  virtual void passStarted(const PassStep &pass) { (void)pass; }
  virtual void passEnded(const PassStep &pass, const PassUsage &usage) { (void)pass, (void)usage; }
  /// \p pass is empty for messages that belong to none. Warnings were shown through Diagnostics
  /// already; the error that ends a run is shown by who started it.
  virtual void message(Severity severity, llvm::StringRef pass, llvm::StringRef text) {
    (void)severity, (void)pass, (void)text;
  }
  virtual void progress(const ProgressState &state) { (void)state; }
  virtual void runEnded(Outcome outcome, double seconds) { (void)outcome, (void)seconds; }
};

} // namespace optrun

#endif // OPTRUN_EXECUTION_RUNOBSERVER_H
