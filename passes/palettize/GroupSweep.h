// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tables of groups that are too large for memory, found by reading them tile by tile.

#ifndef OPTRUN_PASSES_PALETTIZE_GROUPSWEEP_H
#define OPTRUN_PASSES_PALETTIZE_GROUPSWEEP_H

#include "PaletteTiles.h"

namespace optrun::palettize {

/// What a sweep found.
struct SweptGroup {
  Palette palette;
  std::optional<CodeTable> codes;
};

/// Bytes that run() holds, at most.
uint64_t sweepMemory(const PalettizationJob &job, uint64_t group, const PassContext &context);

/// Sweeps over a group of a job. Advances \p progress by the bytes that it reads.
llvm::Expected<SweptGroup> sweepGroup(const PalettizationJob &job, uint64_t group,
                                      const WeightReader &reader, Progress &progress,
                                      PassContext &context);

} // namespace optrun::palettize

#endif // OPTRUN_PASSES_PALETTIZE_GROUPSWEEP_H
