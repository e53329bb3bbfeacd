// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whether each pass of a chain finds what it reads.

#include "Pass/AttachmentFlow.h"

#include "llvm/ADT/STLExtras.h"

#include <set>

using namespace optrun;

namespace {

/// The passes that have \p property, for advice: "'a' or 'b'"; empty when there is none.
std::string namesOf(PassResolver &resolver, llvm::function_ref<bool(const PassInfo &)> property) {
  std::string names;
  for (const std::string &id : resolver.knownIds()) {
    auto entry = resolver.resolve(id);
    if (!entry) {
      llvm::consumeError(entry.takeError());
      continue;
    }
    if (*entry && property((*entry)->info))
      names += (names.empty() ? "'" : " or '") + id + "'";
  }
  return names;
}

void reportMissing(const FlowStep &reader, const std::string &attachment,
                   llvm::ArrayRef<FlowStep> later, PassResolver &resolver,
                   Diagnostics &diagnostics) {
  std::string message = "pass '" + reader.entry->info.id + "' needs " + attachment +
                        ", which no pass before it writes";
  const auto writes = [&](const PassInfo &info) {
    return llvm::is_contained(info.writes, attachment);
  };
  auto writer = llvm::find_if(
      later, [&](const FlowStep &step) { return step.entry && writes(step.entry->info); });
  if (writer != later.end())
    message += "; '" + writer->entry->info.id + "' does, and must come before it";
  else if (std::string names = namesOf(resolver, writes); !names.empty())
    message += "; put " + names + " before it";
  diagnostics.error(reader.location, message);
}

void checkSource(const FlowStep &step, bool isFirst, PassResolver &resolver,
                 Diagnostics &diagnostics) {
  const PassInfo &info = step.entry->info;
  if (isFirst && !info.isSource) {
    std::string names = namesOf(resolver, [](const PassInfo &each) { return each.isSource; });
    diagnostics.error(step.location, "pass '" + info.id +
                                         "' works on a model, and none is there: "
                                         "the first pass must be one that makes it" +
                                         (names.empty() ? "" : " (" + names + ")"));
  }
  if (!isFirst && info.isSource)
    diagnostics.error(step.location, "pass '" + info.id +
                                         "' makes the model, so it must be the first pass and "
                                         "there can be only one such");
}

} // namespace

void optrun::checkFlow(llvm::ArrayRef<FlowStep> steps, PassResolver &resolver,
                       Diagnostics &diagnostics) {
  std::set<std::string> written;
  bool unknownBefore = false;
  bool isFirst = true; // of those that have to do with the model
  for (size_t i = 0; i < steps.size(); ++i) {
    const FlowStep &step = steps[i];
    if (!step.entry) {
      // Who knows what it would have written: no follow-up errors.
      unknownBefore = true;
      isFirst = false;
      continue;
    }
    if (step.entry->info.needsModel) {
      checkSource(step, isFirst, resolver, diagnostics);
      isFirst = false;
    }
    if (!unknownBefore)
      for (const std::string &attachment : step.entry->info.reads)
        if (!written.contains(attachment))
          reportMissing(step, attachment, steps.drop_front(i + 1), resolver, diagnostics);
    written.insert(step.entry->info.writes.begin(), step.entry->info.writes.end());
  }
}
