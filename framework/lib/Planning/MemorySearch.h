// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Plans by memory: Objective::Fewest and Balanced.

#ifndef OPTRUN_LIB_PLANNING_MEMORYSEARCH_H
#define OPTRUN_LIB_PLANNING_MEMORYSEARCH_H

#include "Feasibility.h"

#include <optional>

namespace optrun::planning {

class MemorySearch {
public:
  static llvm::Expected<MemorySearch> create(const Workload &workload, const Blocks &blocks,
                                             const PlanOptions &options);

  /// The number of components; none if no plan keeps to the budgets.
  std::optional<uint64_t> best();
  /// Where the components after the first start, for the number that best() has found.
  std::vector<uint32_t> cuts();

private:
  MemorySearch(const Blocks &blocks, const PlanOptions &options)
      : blocks(blocks), options(options), budgets(options), lowest(blocks) {}

  bool eachBlockFits(uint32_t count) const;
  llvm::BitVector nextEnds(const llvm::BitVector &ends, uint32_t component, TrialLimit &trial);
  uint32_t fewest();
  bool keepTo(TrialLimit &trial);
  uint64_t smallestMaximum();

  const Blocks &blocks;
  const PlanOptions &options;
  Budgets budgets;
  LowestStarts lowest;
  uint64_t largestBlock = 0;
  uint32_t components = 0;
};

} // namespace optrun::planning

#endif // OPTRUN_LIB_PLANNING_MEMORYSEARCH_H
