// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tables of groups that are too large for memory, found by reading them tile by tile.

#ifndef OPTRUN_PASSES_PALETTIZE_GROUPSWEEP_H
#define OPTRUN_PASSES_PALETTIZE_GROUPSWEEP_H

#include "PaletteTiles.h"
#include "kernels/FloatCodes.h"

#include "optrun/Pass/PassContext.h"

namespace optrun::palettize {

/// What encodes a group.
struct SweptGroup {
  Palette palette; ///< errors are measured where elements are counted: those of 16 bits
  std::optional<CodeTable> bitCodes;
  std::optional<FloatCodes> floatCodes;
  double excess = 0; ///< see PalettizedWeight
};

/// How often elements are read, at most.
unsigned mostSweeps(const PalettizationJob &job);

/// Bytes that sweepGroup() holds, at most.
uint64_t sweepMemory(const PalettizationJob &job, uint64_t group, const PassContext &context);

/// Sweeps over a group of a job that isSwept(). Advances \p progress by mostSweeps() times its
/// bytes.
llvm::Expected<SweptGroup> sweepGroup(const PalettizationJob &job, uint64_t group,
                                      Progress &progress, PassContext &context);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_GROUPSWEEP_H
