// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Puts into words what an estimate does not know.

#include "optrun/Analysis/CostNotes.h"

#include "llvm/ADT/StringExtras.h"

namespace optrun {
namespace {

/// "a, b, c and 4 more"
std::string listSome(llvm::ArrayRef<std::string> names) {
  constexpr size_t MaxListed = 3;
  const std::string listed = llvm::join(names.take_front(MaxListed), ", ");
  return names.size() <= MaxListed
             ? listed
             : listed + " and " + std::to_string(names.size() - MaxListed) + " more";
}

} // namespace

CostNotes notesOn(const GraphCost &cost) {
  CostNotes notes;
  if (!cost.unexplainedDimensions.empty())
    notes.remarks.push_back("taken to be 1, as nothing tells what they mean: " +
                            listSome(cost.unexplainedDimensions));
  if (!cost.unknownOperators.empty())
    notes.warnings.push_back("the FLOPs of operators that are not known do not count: " +
                             listSome(cost.unknownOperators));
  if (cost.incompleteNodes > 0)
    notes.warnings.push_back(std::to_string(cost.incompleteNodes) + " of " +
                             std::to_string(cost.nodes.size()) +
                             " nodes count too little, as shapes or numbers of iterations are "
                             "unknown");
  return notes;
}

} // namespace optrun
