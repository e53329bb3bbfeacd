// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The PassContext that a running pass is given.

#ifndef OPTRUN_LIB_PASS_RUNCONTEXT_H
#define OPTRUN_LIB_PASS_RUNCONTEXT_H

#include "Pass/RunState.h"

namespace optrun {

/// For one call of a pass's run. What the pass says is kept here and delivered by deliver(): a pass
/// that runs on many components at a time is heard in the order of the components.
class RunContext final : public PassContext {
public:
  enum class Delivery { AtOnce, Later };

  RunContext(RunState &state, const PlannedPass &planned, Delivery delivery)
      : state(state), planned(planned), delivery(delivery) {}

  /// Hands on messages and hooks, and adds tables and statistics to the run's.
  void deliver(PassReport &report);

  void warning(const llvm::Twine &message) override { say(Severity::Warning, message.str()); }
  void remark(const llvm::Twine &message) override { say(Severity::Remark, message.str()); }
  std::unique_ptr<Progress> progress(llvm::StringRef label, uint64_t total,
                                     Progress::Unit unit) override;
  void result(const Table &table) override;
  void statistic(llvm::StringRef name, int64_t value) override;

  llvm::Error parallelFor(size_t count, llvm::function_ref<llvm::Error(size_t)> body) override {
    return state.executor.parallelFor(count, body);
  }
  llvm::Error parallelFor(size_t count, llvm::function_ref<uint64_t(size_t)> bytes,
                          llvm::function_ref<llvm::Error(size_t)> body) override {
    return state.executor.parallelFor(count, bytes, body);
  }
  unsigned threads() const override { return state.executor.threads(); }
  uint64_t memoryBudget() const override { return state.executor.memoryBudget(); }
  Spool &spool() override { return state.spool; }
  llvm::Error checkInterrupted() const override { return state.executor.checkInterrupted(); }

  const ir::Package &package() const override { return state.result.package; }
  const RunRecord &run() const override { return state.result.record; }
  llvm::Expected<StagedFolder *> stageFolder(llvm::StringRef folder,
                                             StagedFolder::Options options) override {
    return state.stageFolder(folder, std::move(options));
  }
  void onSuccess(SuccessHook hook) override;

private:
  void say(Severity severity, std::string message);

  RunState &state;
  const PlannedPass &planned;
  const Delivery delivery;

  std::mutex mutex; // passes call from parallel loops
  std::vector<std::pair<Severity, std::string>> messages;
  std::vector<Table> tables;
  std::map<std::string, int64_t> statistics;
  std::vector<SuccessHook> hooks;
};

} // namespace optrun

#endif // OPTRUN_LIB_PASS_RUNCONTEXT_H
