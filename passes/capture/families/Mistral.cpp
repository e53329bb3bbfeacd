// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Mistral: Llama with a window on every layer, or on none.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describeMistral(ModelConfig &config) {
  DecoderDescription model = describeLlamaLike(config);
  constexpr int64_t DefaultWindow = 4096;
  model.windows =
      readWindows(config, model.layerCount, DefaultWindow, [](int64_t) { return true; });
  return model;
}

} // namespace optrun::decoder
