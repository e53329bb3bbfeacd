// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decoding blocks of quantized values.

#ifndef OPTRUN_LIB_CHECKPOINT_BLOCKDECODER_H
#define OPTRUN_LIB_CHECKPOINT_BLOCKDECODER_H

#include "optrun/Checkpoint/GgmlType.h"

namespace optrun::checkpoint {

/// Decodes \p count blocks at \p in to floats at \p out. Neither side needs alignment; they must
/// not overlap.
using DecodeFunction = void (*)(const uint8_t *in, uint8_t *out, size_t count);

/// Null for plain types.
DecodeFunction blockDecoder(GgmlType type);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_BLOCKDECODER_H
