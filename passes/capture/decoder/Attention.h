// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The half of a layer in which tokens look at each other.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_ATTENTION_H
#define OPTRUN_PASSES_CAPTURE_DECODER_ATTENTION_H

#include "decoder/Positions.h"

namespace optrun::decoder {

/// Keys and values of one layer, [batch, key-value heads, tokens, head size].
struct KeyValues {
  ir::Value *keys = nullptr;
  ir::Value *values = nullptr;
};

struct AttentionResult {
  ir::Value *tokens = nullptr;
  KeyValues present; // the past ones, then those of \p tokens
};

/// \p past has nulls when there is no cache.
AttentionResult attend(const DecoderContext &context, ir::Value *tokens, const RotaryTables &rotary,
                       ir::Value *mask, const KeyValues &past);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_ATTENTION_H
