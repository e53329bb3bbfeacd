// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Times runs, and weighs the process around the first.

#include "MeasuredModel.h"

#include "optrun/Execution/Clock.h"
#include "optrun/Tokens/TokenInputs.h"

using namespace llvm;

namespace optrun::evaluate {
namespace {

using runtime::RuntimeValue;

/// What was held at most between two looks at the process, beyond what was held at the first. Its
/// peak tells, if it was reached in between; else what is held now, which is less than that.
uint64_t growth(const ProcessUsage &before, const ProcessUsage &after) {
  const uint64_t most =
      after.peakRssBytes > before.peakRssBytes ? after.peakRssBytes : after.rssBytes;
  return most > before.rssBytes ? most - before.rssBytes : 0;
}

} // namespace

Error MeasuredModel::inRole(Error error) const {
  return createStringError("the " + role + " '" + files.name + "': " + toString(std::move(error)));
}

Expected<RuntimeValue> MeasuredModel::timedRun(ArrayRef<int64_t> ids) {
  Expected<runtime::NamedValues> inputs = makeInputs(model, ids);
  if (!inputs)
    return inputs.takeError();
  const double begin = wallSeconds();
  Expected<RuntimeValue> logits = chain->run(std::move(*inputs), model.logits);
  Runs &runs = first.tokens == 0 ? first : others;
  runs.seconds += wallSeconds() - begin;
  runs.tokens += ids.size();
  return logits;
}

Expected<RuntimeValue> MeasuredModel::loadAndRun(ArrayRef<int64_t> ids) {
  const ProcessUsage before = processUsage();
  const double begin = wallSeconds();
  Expected<runtime::ModelChain> opened = runtime::ModelChain::open(files.links, options);
  if (!opened)
    return opened.takeError();
  loadSeconds = wallSeconds() - begin;
  chain.emplace(std::move(*opened));
  Expected<RuntimeValue> logits = timedRun(ids);
  memoryBytes = growth(before, processUsage());
  return logits;
}

Expected<RuntimeValue> MeasuredModel::run(ArrayRef<int64_t> ids) {
  Expected<RuntimeValue> logits = chain ? timedRun(ids) : loadAndRun(ids);
  if (!logits)
    return inRole(logits.takeError());
  return logits;
}

SpeedFigures MeasuredModel::speed() const {
  const Runs &runs = others.tokens > 0 ? others : first;
  return {loadSeconds, static_cast<double>(runs.tokens) / runs.seconds, memoryBytes};
}

} // namespace optrun::evaluate
