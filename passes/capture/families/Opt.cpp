// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// OPT: learned positions from row 2 on; the 350m model norms after each half instead of before,
/// and has embeddings narrower than its layers.

#include "families/Families.h"
#include "families/Shared.h"

namespace optrun::decoder {

DecoderDescription describeOpt(ModelConfig &config) {
  constexpr int64_t FirstPosition = 2; // of the table
  const bool normsBefore = config.flag("do_layer_norm_before", true);
  const bool hasBias = config.flag("enable_bias", true);
  config.expect("layer_norm_elementwise_affine",
                config.flag("layer_norm_elementwise_affine", true));

  DecoderDescription model;
  model.root = "model.decoder";
  model.otherPrefixes = {"decoder."}; // the first checkpoints
  model.hiddenSize = config.extent("hidden_size");
  model.vocabularySize = config.extent("vocab_size", ModelConfig::MaxVocabulary);
  model.layerCount = config.extent("num_hidden_layers", ModelConfig::MaxLayers);
  model.contextLength = config.extent("max_position_embeddings");
  model.norm = {NormKind::Layer, 1e-5f};
  model.embedding.width = config.optionalExtent("word_embed_proj_dim").value_or(model.hiddenSize);
  model.embedding.positions =
      PositionTable{"embed_positions", model.contextLength + FirstPosition, FirstPosition};
  model.attentionNorms = {"self_attn_layer_norm", "", ""};
  model.feedForwardNorms = {"final_layer_norm", "", ""};
  if (!normsBefore)
    for (HalfNorms *norms : {&model.attentionNorms, &model.feedForwardNorms})
      std::swap(norms->before, norms->sum);
  model.finalNorm =
      normsBefore && !config.flag("_remove_final_layer_norm", false) ? "final_layer_norm" : "";
  model.head.isTied = config.flag("tie_word_embeddings", true);
  model.windows.assign(static_cast<size_t>(model.layerCount), 0);

  AttentionDescription &attention = model.attention;
  attention.heads = attention.keyValueHeads = config.extent("num_attention_heads");
  attention.headSize =
      dividedWidth(config, model.hiddenSize, attention.heads, "hidden_size", "num_attention_heads");
  attention.scale = inverseRoot(static_cast<double>(attention.headSize));
  attention.output = "out_proj";
  attention.hasInputBias = attention.hasOutputBias = hasBias;

  FeedForwardDescription &feedForward = model.feedForward;
  feedForward.module = "";
  feedForward.width = config.extent("ffn_dim");
  feedForward.activation = readActivation(config, "activation_function", "relu");
  feedForward.inputs = {"fc1"};
  feedForward.isGated = false;
  feedForward.output = "fc2";
  feedForward.hasBias = hasBias;
  return model;
}

} // namespace optrun::decoder
