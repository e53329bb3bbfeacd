// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Llama 2 and 3, SmolLM2.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describeLlama(ModelConfig &config) {
  DecoderDescription model = describeLlamaLike(config);
  const bool hasBias = config.flag("attention_bias", false);
  model.attention.hasInputBias = model.attention.hasOutputBias = hasBias;
  model.feedForward.hasBias = config.flag("mlp_bias", false);
  return model;
}

} // namespace optrun::decoder
