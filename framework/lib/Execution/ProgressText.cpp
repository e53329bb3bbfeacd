// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Progress in words.

#include "Execution/ProgressText.h"

#include "optrun/Support/ByteSize.h"

#include "llvm/Support/FormatVariadic.h"

#include <algorithm>
#include <cmath>

using namespace optrun;
using State = RunObserver::ProgressState;

// Before this the rate is noise.
static constexpr double LeastSecondsForRate = 0.5;

static std::string amount(uint64_t count, bool bytes) {
  return bytes ? formatByteSize(count) : std::to_string(count);
}

static std::string rate(double perSecond, bool bytes) {
  if (bytes)
    return formatByteSize(static_cast<uint64_t>(perSecond)) + "/s";
  return llvm::formatv("{0:F1}/s", perSecond);
}

static std::string details(const State &state) {
  std::string text = amount(state.done, state.bytes) + " of " + amount(state.total, state.bytes);
  if (state.ended)
    return text + ", " + formatDuration(state.seconds);
  if (state.seconds < LeastSecondsForRate || state.done == 0)
    return text;
  const double perSecond = static_cast<double>(state.done) / state.seconds;
  text += ", " + rate(perSecond, state.bytes);
  if (state.done < state.total)
    text +=
        ", " + formatDuration(static_cast<double>(state.total - state.done) / perSecond) + " left";
  return text;
}

static unsigned percent(const State &state) {
  if (state.total == 0)
    return state.ended ? 100 : 0;
  return static_cast<unsigned>(
      100.0 * std::min(1.0, static_cast<double>(state.done) / static_cast<double>(state.total)));
}

static std::string title(const State &state) {
  return state.pass.empty() ? state.label.str() : (state.pass + ": " + state.label).str();
}

std::string optrun::formatDuration(double seconds) {
  const auto whole = static_cast<uint64_t>(std::llround(std::max(0.0, seconds)));
  if (whole < 60)
    return llvm::formatv("{0} s", whole);
  if (whole < 3600)
    return llvm::formatv("{0} min {1} s", whole / 60, whole % 60);
  return llvm::formatv("{0} h {1} min", whole / 3600, whole % 3600 / 60);
}

std::string optrun::progressLine(const State &state) {
  return llvm::formatv("{0} {1} % ({2})", title(state), percent(state), details(state));
}

std::string optrun::progressBar(const State &state, unsigned width) {
  constexpr unsigned Cells = 20;
  const unsigned filled = percent(state) * Cells / 100;
  std::string text =
      llvm::formatv("{0} [{1}{2}] {3,3} % {4}", title(state), std::string(filled, '='),
                    std::string(Cells - filled, ' '), percent(state), details(state));
  // One column less than there are: a full line would wrap, and then could not be taken back.
  if (text.size() >= width)
    text.resize(width - 1);
  return text;
}
