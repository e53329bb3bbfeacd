// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Plans a chain of passes: everything that can be wrong before the first pass runs.

#include "optrun/Pass/Pipeline.h"

#include "Pass/AttachmentFlow.h"
#include "Pass/OptionPath.h"
#include "Pass/PassCall.h"

#include "optrun/Options/ConfigPrinter.h"
#include "optrun/Pass/PassContext.h"

#include <set>

using namespace optrun;

namespace {

/// The attachments that passes may find, as far as the passes before them have been checked.
using Attachments = std::set<std::string, std::less<>>;

/// What Pass::check reports goes to the place of the option in the recipe.
class RecipeCheckContext final : public CheckContext {
public:
  RecipeCheckContext(const PassRequest &request, const Attachments &before, Attachments &written,
                     Diagnostics &diagnostics)
      : request(request), before(before), written(written), diagnostics(diagnostics) {}

  void error(llvm::StringRef option, const llvm::Twine &message) override {
    diagnostics.error(locateOption(request, option), request.id + ": " + message);
  }
  void warning(llvm::StringRef option, const llvm::Twine &message) override {
    diagnostics.warning(locateOption(request, option), request.id + ": " + message);
  }

  void leavesOut(llvm::StringRef attachment) override { written.erase(attachment.str()); }
  bool mayHave(llvm::StringRef attachment) const override {
    // With errors before, who knows what would have been written: no follow-up errors.
    return before.contains(attachment) || diagnostics.errorCount() > 0;
  }

private:
  const PassRequest &request;
  const Attachments &before;
  Attachments &written;
  Diagnostics &diagnostics;
};

class Planner {
public:
  Planner(PassResolver &resolver, Diagnostics &diagnostics)
      : resolver(resolver), diagnostics(diagnostics) {}

  const PassEntry *resolve(const PassRequest &request) {
    auto entry = resolver.resolve(request.id);
    if (!entry)
      diagnostics.error(request.location, llvm::toString(entry.takeError()));
    else if (!*entry)
      reportUnknown(request);
    return entry ? *entry : nullptr;
  }

  /// The pass with its options, or nothing when they were wrong.
  std::optional<PlannedPass> create(const PassEntry &entry, const PassRequest &request) {
    PlannedPass planned{
        &entry, request.name.empty() ? request.id : request.name, nullptr, {}, request};
    guarded(entry, request, "creating", [&] {
      planned.pass = entry.create(request.options, diagnostics);
      if (!planned.pass)
        return;
      Diagnostics silent(nullptr);
      if (auto options = entry.options.resolve(request.options, silent))
        planned.options = std::move(*options);
    });
    if (planned.pass)
      return planned;
    // With errors before, it may have stopped at a value that was reported when the recipe was
    // read.
    if (diagnostics.errorCount() == 0)
      diagnostics.error(request.location,
                        describePass(entry) + " refuses its options without giving a reason");
    return std::nullopt;
  }

  void check(const PlannedPass &planned, const PassRequest &request) {
    const PassInfo &info = planned.entry->info;
    Attachments written(info.mayWrite.begin(), info.mayWrite.end());
    guarded(*planned.entry, request, "checking", [&] {
      RecipeCheckContext context(request, attachments, written, diagnostics);
      planned.pass->check(context);
    });
    attachments.insert(info.writes.begin(), info.writes.end());
    attachments.merge(written);
  }

private:
  void guarded(const PassEntry &entry, const PassRequest &request, llvm::StringRef activity,
               llvm::function_ref<void()> call) {
    llvm::Error error = callPass(entry, activity, [&] {
      call();
      return llvm::Error::success();
    });
    if (error)
      diagnostics.error(request.location, llvm::toString(prefixWithPass(entry, std::move(error))));
  }

  void reportUnknown(const PassRequest &request) {
    std::string message = "unknown pass '" + request.id + "'";
    if (std::string known = suggestName(request.id, resolver.knownIds()); !known.empty())
      message += "; did you mean '" + known + "'?";
    else
      message += "; opt-run --list-passes shows the passes there are";
    diagnostics.error(request.location, message);
    // One of these may have been the library that has it. Once is enough.
    if (!problemsShown)
      for (const std::string &problem : resolver.problems())
        diagnostics.note({}, problem);
    problemsShown = true;
  }

  PassResolver &resolver;
  Diagnostics &diagnostics;
  Attachments attachments;
  bool problemsShown = false;
};

} // namespace

std::optional<Pipeline> optrun::planPipeline(const PipelineRequest &request, PassResolver &resolver,
                                             Diagnostics &diagnostics) {
  const unsigned errorsBefore = diagnostics.errorCount();
  Planner planner(resolver, diagnostics);
  Pipeline pipeline{request.recipeName, request.recipePath, {}};
  if (request.passes.empty() && errorsBefore == 0) // else they may be what is wrong
    diagnostics.error("the recipe has no passes");

  std::vector<FlowStep> steps;
  for (const PassRequest &each : request.passes)
    steps.push_back({planner.resolve(each), each.location});
  std::vector<std::pair<size_t, const PassRequest *>> created; // index in the pipeline
  for (size_t i = 0; i < steps.size(); ++i) {
    if (!steps[i].entry)
      continue;
    if (auto planned = planner.create(*steps[i].entry, request.passes[i])) {
      created.emplace_back(pipeline.passes.size(), &request.passes[i]);
      pipeline.passes.push_back(std::move(*planned));
    }
  }
  checkFlow(steps, resolver, diagnostics);
  // Passes whose own options are good check the world, whatever is wrong with the others.
  for (auto [index, passRequest] : created)
    planner.check(pipeline.passes[index], *passRequest);

  if (diagnostics.errorCount() != errorsBefore)
    return std::nullopt;
  return pipeline;
}

void optrun::printPlan(const Pipeline &pipeline, llvm::raw_ostream &os) {
  os << (pipeline.recipeName.empty() ? "recipe" : pipeline.recipeName) << ": "
     << pipeline.passes.size() << (pipeline.passes.size() == 1 ? " pass\n" : " passes\n");
  for (const PlannedPass &planned : pipeline.passes) {
    const PassInfo &info = planned.entry->info;
    os << "  " << info.id << " (version " << info.version << "): " << toFlowYaml(planned.options)
       << '\n';
  }
}
