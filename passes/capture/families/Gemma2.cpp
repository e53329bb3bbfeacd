// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Gemma 2: four norms in a layer, capped scores and logits, every other layer slides.

#include "families/Families.h"
#include "families/Shared.h"

#include <cmath>

namespace optrun::decoder {

DecoderDescription describeGemma2(ModelConfig &config) {
  DecoderDescription model = describeLlamaLike(config, 256);
  model.norm.kind = NormKind::RmsPlusOne;
  model.embedding.factor = std::sqrt(static_cast<float>(model.hiddenSize));
  model.attentionNorms = {"input_layernorm", "post_attention_layernorm", ""};
  model.feedForwardNorms = {"pre_feedforward_layernorm", "post_feedforward_layernorm", ""};
  model.head.isTied = config.flag("tie_word_embeddings", true);

  AttentionDescription &attention = model.attention;
  attention.hasInputBias = attention.hasOutputBias = config.flag("attention_bias", false);
  attention.scale = inverseRoot(config.positive("query_pre_attn_scalar", 256));
  attention.softcap = readSoftcap(config, "attn_logit_softcapping", 50);
  model.head.softcap = readSoftcap(config, "final_logit_softcapping", 30);
  model.feedForward.activation =
      readActivation(config, config.has("hidden_activation") ? "hidden_activation" : "hidden_act",
                     "gelu_pytorch_tanh");
  model.windows =
      readWindows(config, model.layerCount, 4096, [](int64_t layer) { return layer % 2 == 0; });
  return model;
}

} // namespace optrun::decoder
