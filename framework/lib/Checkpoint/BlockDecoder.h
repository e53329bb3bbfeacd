// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decoding blocks of quantized values.

#ifndef OPTRUN_LIB_CHECKPOINT_BLOCKDECODER_H
#define OPTRUN_LIB_CHECKPOINT_BLOCKDECODER_H

#include "BlockwiseSource.h"

namespace optrun::checkpoint {

/// Decodes blocks to floats. Null for plain types.
BlockFunction blockDecoder(GgmlType type);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_BLOCKDECODER_H
