// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Phi-3 and 3.5: fused projections; other rotary frequencies beyond the original context.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describePhi3(ModelConfig &config) {
  DecoderDescription model = describeLlamaLike(config, {.epsilon = 1e-5});
  model.attention.inputs = {"qkv_proj"};
  model.feedForward.inputs = {"gate_up_proj"};
  model.windows = readWindows(config, model.layerCount, std::nullopt, [](int64_t) { return true; });
  return model;
}

} // namespace optrun::decoder
