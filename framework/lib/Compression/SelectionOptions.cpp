// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checks patterns where options have them.

#include "optrun/Compression/SelectionOptions.h"

#include "llvm/ADT/STLExtras.h"

namespace optrun {
namespace {

void check(std::string option, llvm::StringRef pattern, std::vector<OptionProblem> &problems) {
  if (llvm::Error error = checkPattern(pattern))
    problems.push_back({std::move(option), toString(std::move(error))});
}

} // namespace

std::vector<OptionProblem> findPatternProblems(const WeightSelection &selection) {
  std::vector<OptionProblem> problems;
  for (const auto &[index, pattern] : llvm::enumerate(selection.include))
    check("include[" + std::to_string(index) + "]", pattern, problems);
  for (const auto &[index, pattern] : llvm::enumerate(selection.exclude))
    check("exclude[" + std::to_string(index) + "]", pattern, problems);
  for (const auto &[index, pattern] : llvm::enumerate(selection.rules))
    check("rules[" + std::to_string(index) + "].match", pattern, problems);
  return problems;
}

} // namespace optrun
