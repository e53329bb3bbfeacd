// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Qwen2 and 2.5: queries, keys and values have biases.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describeQwen2(ModelConfig &config) {
  DecoderDescription model = describeLlamaLike(config);
  model.attention.hasInputBias = true;
  model.windows = readQwenWindows(config, model.layerCount);
  return model;
}

} // namespace optrun::decoder
