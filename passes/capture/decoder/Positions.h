// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What tells attention where tokens stand: masks and rotary tables, made once for all layers.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_POSITIONS_H
#define OPTRUN_PASSES_CAPTURE_DECODER_POSITIONS_H

#include "decoder/Modules.h"

#include <map>

namespace optrun::decoder {

/// Whether attention is one operator. Gemma 2's is not: where Attention came first, it masked
/// before the softcap rather than after.
bool usesAttentionOperator(const DecoderContext &context);
/// Whether keys and values are shared by several heads and multiplied by plain operators: queries
/// are [batch, key-value heads, group, sequence, size] then, and masks have one axis more.
bool usesGroupAxis(const DecoderContext &context);

/// Masks to add to scores: 0 where a query sees a key, far below every score elsewhere. By window:
/// how far back it sees, 0 for all the way.
std::map<int64_t, ir::Value *> buildMasks(const DecoderContext &context, ir::Value *inputIds,
                                          ir::Value *attentionMask);

/// Cosines and sines of the angles of each token, [batch, …, sequence, …] as rotate() needs them.
struct RotaryTables {
  ir::Value *cosine = nullptr;
  ir::Value *sine = nullptr;
};
RotaryTables buildRotaryTables(const DecoderContext &context, ir::Value *positionIds);

/// Queries or keys [batch, heads, sequence, size], each turned by the angle of its position.
ir::Value *rotate(const DecoderContext &context, ir::Value *heads, const RotaryTables &tables);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_POSITIONS_H
