// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the configurations of several families have in common.

#include "families/Shared.h"

#include "decoder/RotaryConfig.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/ADT/Twine.h"

#include <cmath>

namespace optrun::decoder {
namespace {

bool isSlidingType(ModelConfig &config, llvm::StringRef type) {
  constexpr size_t MaxShown = 40;
  if (type != "sliding_attention" && type != "full_attention")
    config.reject("layer_types", "has \"" + type.take_front(MaxShown) +
                                     "\"; supported are full_attention and sliding_attention");
  return type == "sliding_attention";
}

} // namespace

int64_t dividedWidth(ModelConfig &config, int64_t width, int64_t heads, llvm::StringRef widthKey,
                     llvm::StringRef headsKey) {
  if (width % heads == 0)
    return width / heads;
  if (!config.hasProblems()) // else one of both may be the cause
    config.reject(headsKey, "is " + llvm::Twine(heads) + ", which does not divide " + widthKey +
                                " (" + llvm::Twine(width) + ")");
  return 1;
}

float inverseRoot(double size) { return static_cast<float>(1 / std::sqrt(size)); }

Activation readActivation(ModelConfig &config, llvm::StringRef key, llvm::StringRef otherwise) {
  const std::string name = config.has(key) ? config.text(key) : otherwise.str();
  const auto activation =
      llvm::StringSwitch<std::optional<Activation>>(name)
          .Case("relu", Activation::Relu)
          .Case("gelu", Activation::Gelu)
          .Cases("gelu_new", "gelu_pytorch_tanh", "gelu_fast", Activation::GeluTanh)
          .Cases("silu", "swish", Activation::Silu)
          .Default(std::nullopt);
  if (!activation)
    config.rejectValue(key, "supported are relu, gelu, gelu_new, gelu_pytorch_tanh, gelu_fast, "
                            "silu and swish");
  return activation.value_or(Activation::Relu);
}

std::vector<int64_t> readWindows(ModelConfig &config, int64_t layers,
                                 std::optional<int64_t> otherwise,
                                 llvm::function_ref<bool(int64_t layer)> slides) {
  const std::vector<std::string> types = config.texts("layer_types", static_cast<size_t>(layers));
  const std::optional<int64_t> window =
      config.mentions("sliding_window") ? config.optionalExtent("sliding_window") : otherwise;
  std::vector<int64_t> windows;
  for (int64_t layer = 0; layer < layers; ++layer) {
    const bool isSliding =
        types.empty() ? window && slides(layer) : isSlidingType(config, types[layer]);
    if (isSliding && !window)
      config.reject("sliding_window", "is missing, though layer_types has sliding_attention");
    windows.push_back(isSliding ? window.value_or(0) : 0);
  }
  return windows;
}

std::vector<int64_t> readQwenWindows(ModelConfig &config, int64_t layers) {
  constexpr int64_t DefaultWindow = 4096, DefaultFirstLayer = 28;
  const bool slides = config.flag("use_sliding_window", false);
  const int64_t first = config.optionalCount("max_window_layers").value_or(DefaultFirstLayer);
  std::vector<int64_t> windows = readWindows(
      config, layers, DefaultWindow, [&](int64_t layer) { return slides && layer >= first; });
  if (!slides && llvm::any_of(windows, [](int64_t window) { return window != 0; }))
    config.reject("use_sliding_window", "is not set, though layer_types has sliding_attention");
  return windows;
}

std::optional<float> readSoftcap(ModelConfig &config, llvm::StringRef key, float otherwise) {
  if (!config.mentions(key))
    return otherwise;
  return config.has(key) ? std::optional(static_cast<float>(config.positive(key))) : std::nullopt;
}

DecoderDescription describeLlamaLike(ModelConfig &config, const LlamaDefaults &defaults) {
  DecoderDescription model;
  model.otherPrefixes = {""}; // checkpoints of the model without a head
  model.hiddenSize = config.extent("hidden_size");
  model.vocabularySize = config.extent("vocab_size", ModelConfig::MaxVocabulary);
  model.layerCount = config.extent("num_hidden_layers", ModelConfig::MaxLayers);
  model.contextLength = config.extent("max_position_embeddings", ModelConfig::MaxPositions);
  model.norm.epsilon = static_cast<float>(config.positive("rms_norm_eps", defaults.epsilon));
  model.embedding.width = model.hiddenSize;
  model.head.isTied = config.optionalFlag("tie_word_embeddings");

  AttentionDescription &attention = model.attention;
  attention.heads = config.extent("num_attention_heads");
  attention.keyValueHeads = config.optionalExtent("num_key_value_heads").value_or(attention.heads);
  dividedWidth(config, attention.heads, attention.keyValueHeads, "num_attention_heads",
               "num_key_value_heads");
  attention.headSize = config.optionalExtent("head_dim").value_or(defaults.headSize.value_or(0));
  if (attention.headSize == 0)
    attention.headSize = dividedWidth(config, model.hiddenSize, attention.heads, "hidden_size",
                                      "num_attention_heads");
  attention.scale = inverseRoot(static_cast<double>(attention.headSize));

  model.feedForward.width = config.extent("intermediate_size");
  model.feedForward.activation =
      readActivation(config, defaults.activationKey, defaults.activation);
  model.rotary = readRotary(config, attention.headSize);
  model.windows.assign(static_cast<size_t>(model.layerCount), 0);
  return model;
}

} // namespace optrun::decoder
