// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// "Did you mean": which of the names known is nearest to a misspelt one.

#include "optrun/Support/Diagnostics.h"

#include <algorithm>

namespace optrun {
namespace {

constexpr size_t longestName = 100; // beyond it nobody misspelt anything
constexpr size_t shortestPrefix = 3;

/// Upper case and '_' are slips of another kind than a wrong letter: they count nothing.
std::string normalized(llvm::StringRef text) {
  std::string result = text.lower();
  std::replace(result.begin(), result.end(), '_', '-');
  return result;
}

/// Insertions, deletions, replacements and swaps of neighbours that make \p to out of \p from
/// (optimal string alignment).
size_t editDistance(llvm::StringRef from, llvm::StringRef to) {
  std::vector<size_t> beforeLast, last, row(to.size() + 1);
  for (size_t j = 0; j <= to.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= from.size(); ++i) {
    beforeLast = std::move(last);
    last = std::move(row);
    row.assign(to.size() + 1, i);
    for (size_t j = 1; j <= to.size(); ++j) {
      size_t replaced = last[j - 1] + (from[i - 1] == to[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1])
        row[j] = std::min(row[j], beforeLast[j - 2] + 1);
    }
  }
  return row.back();
}

} // namespace

std::string suggestName(llvm::StringRef name, llvm::ArrayRef<std::string> candidates) {
  if (name.empty() || name.size() > longestName)
    return {};
  std::string wanted = normalized(name);
  size_t bestDistance = std::max<size_t>(1, name.size() / 3) + 1;
  llvm::StringRef best, prefixed;
  for (const std::string &candidate : candidates) {
    if (candidate.size() > longestName)
      continue;
    std::string known = normalized(candidate);
    size_t distance = editDistance(wanted, known);
    if (distance < bestDistance && distance < known.size()) {
      bestDistance = distance;
      best = candidate;
    }
    size_t common = std::min(wanted.size(), known.size());
    if (prefixed.empty() && common >= shortestPrefix &&
        wanted.compare(0, common, known, 0, common) == 0)
      prefixed = candidate;
  }
  return (best.empty() ? prefixed : best).str();
}

} // namespace optrun
