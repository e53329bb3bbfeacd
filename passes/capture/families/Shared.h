// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the configurations of several families have in common.

#ifndef OPTRUN_PASSES_CAPTURE_FAMILIES_SHARED_H
#define OPTRUN_PASSES_CAPTURE_FAMILIES_SHARED_H

#include "decoder/DecoderDescription.h"
#include "decoder/ModelConfig.h"

#include "llvm/ADT/STLFunctionalExtras.h"

namespace optrun::decoder {

/// What config.json leaves to the family.
struct LlamaDefaults {
  /// Of a head; without one, heads divide the hidden size.
  std::optional<int64_t> headSize;
  double epsilon = 1e-6;
  llvm::StringRef activationKey = "hidden_act", activation = "silu";
};

/// Llama and what descends from it: the same keys, modules and tensors.
DecoderDescription describeLlamaLike(ModelConfig &config, const LlamaDefaults &defaults = {});

/// The size of a head where it follows from the width. An error when that is no multiple.
int64_t dividedWidth(ModelConfig &config, int64_t width, int64_t heads, llvm::StringRef widthKey,
                     llvm::StringRef headsKey);

/// The scale of most: 1 / sqrt(\p size).
float inverseRoot(double size);

/// The activation that \p key names, or "\p otherwise".
Activation readActivation(ModelConfig &config, llvm::StringRef key, llvm::StringRef otherwise);

/// For each layer the window, 0 for none: what "layer_types" says, else \p slides, and
/// "sliding_window" wide, or \p otherwise when config.json does not mention it.
std::vector<int64_t> readWindows(ModelConfig &config, int64_t layers,
                                 std::optional<int64_t> otherwise,
                                 llvm::function_ref<bool(int64_t layer)> slides);

/// Qwen's windows: only if "use_sliding_window", and from layer "max_window_layers" on.
std::vector<int64_t> readQwenWindows(ModelConfig &config, int64_t layers);

/// The limit under \p key, \p otherwise when it is not mentioned; null is none.
std::optional<float> readSoftcap(ModelConfig &config, llvm::StringRef key, float otherwise);

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_FAMILIES_SHARED_H
