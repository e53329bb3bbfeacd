// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A parallel loop that advances the progress.

#include "optrun/Compression/TileLoop.h"

namespace optrun {

uint64_t sourceBytes(llvm::ArrayRef<TileStep> steps) {
  uint64_t bytes = 0;
  for (const TileStep &step : steps)
    bytes += step.sourceBytes;
  return bytes;
}

llvm::Error forEachTile(llvm::ArrayRef<TileStep> steps, Progress &progress, PassContext &context,
                        llvm::function_ref<llvm::Error(const TileStep &)> body) {
  return context.parallelFor(
      steps.size(), [&](size_t i) { return steps[i].memory; },
      [&](size_t i) -> llvm::Error {
        if (llvm::Error error = body(steps[i]))
          return error;
        progress.advance(steps[i].sourceBytes);
        return llvm::Error::success();
      });
}

} // namespace optrun
