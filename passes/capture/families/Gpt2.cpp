// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// GPT-2: learned positions, weights [in, out], one projection for queries, keys and values.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describeGpt2(ModelConfig &config) {
  DecoderDescription model;
  model.root = "transformer";
  model.otherPrefixes = {""}; // checkpoints of the model without a head
  model.hiddenSize = config.extent("n_embd");
  model.vocabularySize = config.extent("vocab_size", ModelConfig::MaxVocabulary);
  model.layerCount = config.extent("n_layer", ModelConfig::MaxLayers);
  model.contextLength = config.extent("n_positions");
  model.storesInputsFirst = true;
  model.norm = {NormKind::Layer, static_cast<float>(config.positive("layer_norm_epsilon", 1e-5))};
  model.embedding.module = "wte";
  model.embedding.width = model.hiddenSize;
  model.embedding.positions = PositionTable{"wpe", model.contextLength};
  model.layers = "h";
  model.attentionNorms = {"ln_1", "", ""};
  model.feedForwardNorms = {"ln_2", "", ""};
  model.finalNorm = "ln_f";
  model.head.isTied = config.flag("tie_word_embeddings", true);
  model.windows.assign(static_cast<size_t>(model.layerCount), 0);
  model.ignoredSuffixes = {".attn.bias", ".attn.masked_bias"}; // its masks, once saved

  AttentionDescription &attention = model.attention;
  attention.module = "attn";
  attention.heads = attention.keyValueHeads = config.extent("n_head");
  attention.headSize = dividedWidth(config, model.hiddenSize, attention.heads, "n_embd", "n_head");
  attention.scale = config.flag("scale_attn_weights", true)
                        ? inverseRoot(static_cast<double>(attention.headSize))
                        : 1;
  config.expect("scale_attn_by_inverse_layer_idx",
                !config.flag("scale_attn_by_inverse_layer_idx", false));
  attention.inputs = {"c_attn"};
  attention.output = "c_proj";
  attention.hasInputBias = attention.hasOutputBias = true;

  FeedForwardDescription &feedForward = model.feedForward;
  feedForward.width = config.optionalExtent("n_inner").value_or(4 * model.hiddenSize);
  feedForward.activation = readActivation(config, "activation_function", "gelu_new");
  feedForward.inputs = {"c_fc"};
  feedForward.isGated = false;
  feedForward.output = "c_proj";
  feedForward.hasBias = true;
  return model;
}

} // namespace optrun::decoder
