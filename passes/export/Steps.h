// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reporting what has been written.

#ifndef OPTRUN_PASSES_EXPORT_STEPS_H
#define OPTRUN_PASSES_EXPORT_STEPS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"

#include <cstdint>

namespace optrun::exporting {

/// Told how many more bytes are done; an error stops the writing.
using Advance = llvm::function_ref<llvm::Error(uint64_t)>;

/// Turns a count of all bytes so far into steps.
class Steps {
public:
  explicit Steps(Advance advance) : advance(advance) {}
  llvm::Error upTo(uint64_t bytes) {
    uint64_t step = bytes - done;
    done = bytes;
    return advance(step);
  }

private:
  Advance advance;
  uint64_t done = 0;
};

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_STEPS_H
