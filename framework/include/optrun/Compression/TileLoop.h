// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The loop over the tiles of many weights.

#ifndef OPTRUN_COMPRESSION_TILELOOP_H
#define OPTRUN_COMPRESSION_TILELOOP_H

#include "optrun/Pass/PassContext.h"

namespace optrun {

/// A piece of work on a weight.
struct TileStep {
  size_t weight = 0, tile = 0; ///< as the caller numbers them
  uint64_t sourceBytes = 0;    ///< that it reads: by how much it advances the progress
  uint64_t memory = 0;         ///< bytes that it holds, loops inside of it included
};

/// What all \p steps read.
uint64_t sourceBytes(llvm::ArrayRef<TileStep> steps);

/// Runs \p body for all steps, in parallel within the memory budget; they begin in order.
llvm::Error forEachTile(llvm::ArrayRef<TileStep> steps, Progress &progress, PassContext &context,
                        llvm::function_ref<llvm::Error(const TileStep &)> body);

} // namespace optrun

#endif // OPTRUN_COMPRESSION_TILELOOP_H
