// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Qwen3: queries and keys are normed head by head; heads are wider than the hidden size asks for.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describeQwen3(ModelConfig &config) {
  constexpr int64_t DefaultHeadSize = 128;
  DecoderDescription model = describeLlamaLike(config, {.headSize = DefaultHeadSize});
  const bool hasBias = config.flag("attention_bias", false);
  model.attention.hasInputBias = model.attention.hasOutputBias = hasBias;
  model.attention.normsHeads = true;
  model.windows = readQwenWindows(config, model.layerCount);
  return model;
}

} // namespace optrun::decoder
