// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a planned chain of passes.

#include "optrun/Pass/PassManager.h"

#include "Execution/ExceptionFirewall.h"
#include "Pass/OptionPath.h"
#include "Pass/PackageChecks.h"
#include "Pass/PackageDump.h"
#include "Pass/PassCall.h"
#include "Pass/RunContext.h"
#include "Pass/RunState.h"

#include "optrun/Execution/Clock.h"
#include "optrun/Execution/CrashReport.h"
#include "optrun/Options/ConfigPrinter.h"
#include "optrun/Support/OptionError.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

#include <deque>

using namespace optrun;

namespace {

/// One run, from the first pass to publication.
class Run {
public:
  Run(const RunSettings &settings, Diagnostics &diagnostics,
      llvm::ArrayRef<RunObserver *> observers, Pipeline &pipeline, RunResult &result)
      : settings(settings), pipeline(pipeline), result(result),
        state(settings, diagnostics, observers, result) {}

  llvm::Error all() {
    const double start = wallSeconds();
    setOutputAppears(false);
    state.notify([&](RunObserver &observer) {
      observer.runStarted({pipeline.recipeName, pipeline.recipePath, pipeline.passes.size(),
                           state.executor.threads(), state.executor.memoryBudget()});
    });
    llvm::Error error = catchExceptions([&] { return passesAndCommit(); });
    if (error)
      state.discard();
    if (error && !committing && settings.interruption && settings.interruption->requested()) {
      // What failed did so because everything is being stopped. A commit does not stop: there the
      // error says what became of the output.
      llvm::consumeError(std::move(error));
      error = llvm::make_error<InterruptedError>();
    }
    const auto outcome = !error                          ? RunObserver::Outcome::Done
                         : error.isA<InterruptedError>() ? RunObserver::Outcome::Interrupted
                                                         : RunObserver::Outcome::Failed;
    if (outcome == RunObserver::Outcome::Failed)
      state.message(Severity::Error, "", llvm::toStringWithoutConsuming(error));
    state.notify([&](RunObserver &observer) { observer.runEnded(outcome, wallSeconds() - start); });
    return error;
  }

private:
  llvm::Error passesAndCommit() {
    for (size_t i = 0; i < pipeline.passes.size(); ++i) {
      PlannedPass &planned = pipeline.passes[i];
      if (llvm::Error error = state.executor.checkInterrupted())
        return error;
      if (llvm::Error error = timedPass(planned, i))
        return prefixWithPass(*planned.entry, placeInRecipe(planned, std::move(error)));
      if (planned.name == settings.stopAfter)
        break;
    }
    for (const OwnedHook &owned : state.hooks) {
      llvm::Error error = callPass(*owned.owner, "finishing",
                                   [&] { return owned.hook(result.package, result.record); });
      if (error)
        return prefixWithPass(*owned.owner, std::move(error));
    }
    if (llvm::Error error = state.prepare())
      return error;
    if (llvm::Error error = state.executor.checkInterrupted())
      return error;
    // From here on the output appears, so a wish to stop comes too late.
    committing = true;
    setOutputAppears(true);
    return state.commit();
  }

  /// Runs one pass, with all that is measured and recorded about it.
  llvm::Error timedPass(PlannedPass &planned, size_t index) {
    const std::string options = toJson(planned.options);
    const RunObserver::PassStep step{planned.name, planned.entry->info.version, index, options};
    state.notify([&](RunObserver &observer) { observer.passStarted(step); });
    const double wallBefore = wallSeconds();
    const double cpuBefore = processUsage().cpuSeconds;

    PassReport report{planned.name, {}, {}};
    llvm::Error error = checkedPass(planned, index, report);

    const ProcessUsage usage = processUsage();
    report.usage = {.wallSeconds = wallSeconds() - wallBefore,
                    .cpuSeconds = usage.cpuSeconds - cpuBefore,
                    .rssBytes = usage.rssBytes,
                    .peakRssBytes = usage.peakRssBytes,
                    .failed = static_cast<bool>(error)};
    state.notify([&](RunObserver &observer) { observer.passEnded(step, report.usage); });
    if (!error)
      result.record.passes.push_back({planned.entry->info.id, planned.entry->info.version, options,
                                      report.usage.wallSeconds, usage.peakRssBytes});
    result.passes.push_back(std::move(report));
    return error;
  }

  /// Runs one pass and checks that it kept its promises.
  llvm::Error checkedPass(PlannedPass &planned, size_t index, PassReport &report) {
    const PassInfo &info = planned.entry->info;
    ir::Package &package = result.package;
    if (llvm::Error error = checkReads(info, package.attachments))
      return error;
    const AttachmentSnapshot before = snapshot(package.attachments);
    llvm::Error error = planned.entry->anchor == PassAnchor::Component
                            ? runOnComponents(planned, report)
                            : runOnPackage(planned, report);
    if (error)
      return error;
    if (llvm::Error broken = checkWrites(info, before, package.attachments))
      return broken;
    if (info.needsModel || !package.components.empty())
      if (llvm::Error broken = checkPackage(package))
        return broken;
    if (isNamed(settings.dumpAfter, planned.name))
      if (llvm::Error failed = dumpPackage(package, planned.name, index, settings.dumpFolder))
        return failed;
    return settings.verifyEach ? verifyPackage(package) : llvm::Error::success();
  }

  llvm::Error runOnPackage(PlannedPass &planned, PassReport &report) {
    RunContext context(state, planned, RunContext::Delivery::AtOnce);
    auto &pass = static_cast<PackagePass &>(*planned.pass);
    llvm::Error error =
        callPass(*planned.entry, "running", [&] { return pass.run(result.package, context); });
    context.deliver(report);
    return error;
  }

  llvm::Error runOnComponents(PlannedPass &planned, PassReport &report) {
    auto &components = result.package.components;
    auto &pass = static_cast<ComponentPass &>(*planned.pass);
    const auto delivery =
        components.size() == 1 ? RunContext::Delivery::AtOnce : RunContext::Delivery::Later;
    std::deque<RunContext> contexts;
    for (size_t i = 0; i < components.size(); ++i)
      contexts.emplace_back(state, planned, delivery);
    llvm::Error error = callPass(*planned.entry, "running", [&] {
      return state.executor.parallelFor(components.size(), [&](size_t i) -> llvm::Error {
        llvm::Error failed = pass.run(*components[i], contexts[i]);
        if (!failed || components.size() == 1)
          return failed;
        return inComponent(components[i]->name, std::move(failed));
      });
    });
    for (RunContext &context : contexts)
      context.deliver(report);
    return error;
  }

  static llvm::Error inComponent(const std::string &name, llvm::Error error) {
    if (error.isA<InterruptedError>() || error.isA<UncaughtException>())
      return error;
    const std::string component = "component '" + name + "': ";
    return llvm::handleErrors(
        std::move(error),
        [&](const OptionError &info) {
          return llvm::make_error<OptionError>(info.option(), component + info.message());
        },
        [&](const llvm::ErrorInfoBase &info) {
          return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                         component + info.message());
        });
  }

  static llvm::Error placeInRecipe(const PlannedPass &planned, llvm::Error error) {
    return llvm::handleErrors(std::move(error), [&](const OptionError &info) {
      return llvm::make_error<OptionError>(info.option(), info.message(),
                                           locateOption(planned.request, info.option()));
    });
  }

  static bool isNamed(llvm::ArrayRef<std::string> names, const std::string &name) {
    return llvm::is_contained(names, name) || llvm::is_contained(names, "*");
  }

  const RunSettings &settings;
  Pipeline &pipeline;
  RunResult &result;
  RunState state;
  bool committing = false;
};

} // namespace

PassManager::PassManager(RunSettings settings, Diagnostics &diagnostics)
    : settings(std::move(settings)), diagnostics(diagnostics) {}

llvm::Error PassManager::checkSettings(const Pipeline &pipeline) const {
  std::vector<std::string> steps;
  for (const PlannedPass &planned : pipeline.passes)
    steps.push_back(planned.name);
  const auto check = [&](llvm::StringRef option, const std::string &name) -> llvm::Error {
    if (name.empty() || name == "*" || llvm::is_contained(steps, name))
      return llvm::Error::success();
    std::string known = suggestName(name, steps);
    return llvm::createStringError(llvm::inconvertibleErrorCode(),
                                   option + ": the recipe has no pass '" + name + "'; " +
                                       (known.empty() ? "it has " + llvm::join(steps, ", ")
                                                      : "did you mean '" + known + "'?"));
  };
  llvm::Error error = check("--stop-after", settings.stopAfter);
  for (const std::string &name : settings.dumpAfter)
    error = llvm::joinErrors(std::move(error), check("--dump-after", name));
  return error;
}

llvm::Error PassManager::run(Pipeline &pipeline, RunResult &result) {
  result.record.recipeName = pipeline.recipeName;
  result.record.recipePath = pipeline.recipePath;
  return Run(settings, diagnostics, observers, pipeline, result).all();
}
