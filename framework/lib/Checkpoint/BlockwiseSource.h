// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A derived source that converts blocks one by one when read.

#ifndef OPTRUN_LIB_CHECKPOINT_BLOCKWISESOURCE_H
#define OPTRUN_LIB_CHECKPOINT_BLOCKWISESOURCE_H

#include "optrun/Checkpoint/GgmlType.h"

namespace optrun::checkpoint {

/// Converts \p count blocks at \p in to \p out. Neither side needs alignment; they must not
/// overlap.
using BlockFunction = void (*)(const uint8_t *in, uint8_t *out, size_t count);

/// What \p convert makes of each block of \p blocks: \p resultBytes bytes, at most as many as 256
/// floats have. An error when \p blocks does not hold whole blocks.
llvm::Expected<ir::TensorSourceRef> makeBlockwiseSource(ir::TensorSourceRef blocks,
                                                        const GgmlLayout &layout,
                                                        uint64_t resultBytes,
                                                        BlockFunction convert);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_BLOCKWISESOURCE_H
