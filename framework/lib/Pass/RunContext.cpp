// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The PassContext that a running pass is given.

#include "Pass/RunContext.h"

#include "Execution/ProgressMeter.h"

using namespace optrun;

void RunContext::say(Severity severity, std::string message) {
  if (delivery == Delivery::AtOnce)
    return state.message(severity, planned.name, message);
  std::lock_guard lock(mutex);
  messages.emplace_back(severity, std::move(message));
}

std::unique_ptr<Progress> RunContext::progress(llvm::StringRef label, uint64_t total,
                                               Progress::Unit unit) {
  return std::make_unique<ProgressMeter>(
      planned.name, label.str(), total, unit,
      [&state = state](const RunObserver::ProgressState &progressState) {
        state.notify([&](RunObserver &observer) { observer.progress(progressState); });
      });
}

void RunContext::result(const Table &table) {
  std::lock_guard lock(mutex);
  tables.push_back(table);
}

void RunContext::statistic(llvm::StringRef name, int64_t value) {
  std::lock_guard lock(mutex);
  statistics[name.str()] += value;
}

void RunContext::onSuccess(SuccessHook hook) {
  std::lock_guard lock(mutex);
  hooks.push_back(std::move(hook));
}

void RunContext::deliver(PassReport &report) {
  for (const auto &[severity, text] : messages)
    state.message(severity, planned.name, text);
  for (Table &table : tables)
    state.result.tables.push_back(std::move(table));
  for (const auto &[name, value] : statistics)
    report.statistics[name] += value;
  for (SuccessHook &hook : hooks)
    state.hooks.push_back({planned.entry, std::move(hook)});
}
