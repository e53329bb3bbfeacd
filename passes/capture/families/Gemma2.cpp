// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Gemma 2: four norms in a layer, capped scores and logits, every other layer slides.

#include "families/Families.h"
#include "families/Shared.h"

#include <cmath>

namespace optrun::decoder {

DecoderDescription describeGemma2(ModelConfig &config) {
  // What the reference takes where config.json is silent.
  constexpr int64_t DefaultHeadSize = 256, DefaultWindow = 4096;
  constexpr float DefaultScoreCap = 50, DefaultLogitCap = 30;
  DecoderDescription model = describeLlamaLike(config, {.headSize = DefaultHeadSize,
                                                        .activationKey = "hidden_activation",
                                                        .activation = "gelu_pytorch_tanh"});
  model.norm.kind = NormKind::RmsPlusOne;
  model.embedding.factor = std::sqrt(static_cast<float>(model.hiddenSize));
  model.attentionNorms = {"input_layernorm", "post_attention_layernorm", ""};
  model.feedForwardNorms = {"pre_feedforward_layernorm", "post_feedforward_layernorm", ""};
  model.head.isTied = config.flag("tie_word_embeddings", true);

  AttentionDescription &attention = model.attention;
  attention.hasInputBias = attention.hasOutputBias = config.flag("attention_bias", false);
  attention.scale = inverseRoot(config.positive("query_pre_attn_scalar", DefaultHeadSize));
  attention.softcap = readSoftcap(config, "attn_logit_softcapping", DefaultScoreCap);
  model.head.softcap = readSoftcap(config, "final_logit_softcapping", DefaultLogitCap);
  config.expect("use_bidirectional_attention", !config.flag("use_bidirectional_attention", false));
  model.windows = readWindows(config, model.layerCount, DefaultWindow,
                              [](int64_t layer) { return layer % 2 == 0; });
  return model;
}

} // namespace optrun::decoder
