// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a family of decoders is made of, as data: which modules there are, how they are called and
/// how they compute. A family fills it in from config.json; buildDecoder() makes the graph.
///
/// The defaults are those of most families: pre-norm, RMS norm, gated feed-forward, rotary
/// positions, Linear weights.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_DECODERDESCRIPTION_H
#define OPTRUN_PASSES_CAPTURE_DECODER_DECODERDESCRIPTION_H

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace optrun::decoder {

enum class NormKind {
  Layer,      ///< (x - mean) / sqrt(variance + epsilon) * w + b
  Rms,        ///< x / sqrt(mean(x * x) + epsilon) * w
  RmsPlusOne, ///< the same with (1 + w), all in 32 bits (Gemma)
};

struct NormDescription {
  NormKind kind = NormKind::Rms;
  float epsilon = 1e-6f;
};

enum class Activation { Relu, Gelu, GeluTanh, Silu };

/// Learned positions, added to the embeddings of tokens.
struct PositionTable {
  std::string module;
  int64_t rows = 0;
  int64_t offset = 0; // row of position 0
};

struct EmbeddingDescription {
  std::string module = "embed_tokens";
  /// Of a row; where it is not the hidden size, projections lead in and out.
  int64_t width = 0;
  std::string projectionIn = "project_in", projectionOut = "project_out";
  std::optional<PositionTable> positions;
  /// Embeddings are multiplied by this, in the type that the graph computes in.
  std::optional<float> factor;
};

/// Angles of rotary positions: position times frequency, one for each pair of elements of a head.
struct RotaryDescription {
  std::vector<float> frequencies;
  /// What replaces them, for all positions, once one is not below `originalPositions`.
  std::vector<float> longFrequencies;
  int64_t originalPositions = 0;
  /// Sines and cosines are multiplied by this.
  float factor = 1;
};

/// Norms around one half of a layer, by module; empty where there is none.
struct HalfNorms {
  std::string before;
  std::string after; // of the half's result, before it is added
  std::string sum;   // of the sum of both
};

struct AttentionDescription {
  std::string module = "self_attn";
  int64_t heads = 0, keyValueHeads = 0, headSize = 0;
  float scale = 1; // of the product of queries and keys
  /// One module for each of queries, keys and values, or one whose result has them in this order.
  std::vector<std::string> inputs = {"q_proj", "k_proj", "v_proj"};
  std::string output = "o_proj";
  bool hasInputBias = false, hasOutputBias = false;
  /// Queries and keys are normed head by head, by "q_norm" and "k_norm".
  bool normsHeads = false;
  /// Scores are softcap * tanh(scores / softcap).
  std::optional<float> softcap;
};

struct FeedForwardDescription {
  std::string module = "mlp"; // empty: its parts belong to the layer itself
  int64_t width = 0;
  Activation activation = Activation::Silu;
  /// The gate and what it is for; one module whose result has both, gate first; or, not gated, one.
  std::vector<std::string> inputs = {"gate_proj", "up_proj"};
  bool isGated = true;
  std::string output = "down_proj";
  bool hasBias = false;
};

struct HeadDescription {
  std::string module = "lm_head";
  /// Uses the embeddings' table. Unknown: when the checkpoint has no weight for it.
  std::optional<bool> isTied;
  std::optional<float> softcap;
};

struct DecoderDescription {
  /// The module that holds all but the head.
  std::string root = "model";
  /// What the names of weights may begin with in place of "<root>.": "", "decoder.".
  std::vector<std::string> otherPrefixes;
  int64_t hiddenSize = 0, vocabularySize = 0, layerCount = 0;
  /// Positions that the model was made for.
  int64_t contextLength = 0;
  /// Weights are [in, out] (GPT-2's Conv1D) rather than [out, in].
  bool storesInputsFirst = false;

  NormDescription norm;
  EmbeddingDescription embedding;
  std::string layers = "layers";
  HalfNorms attentionNorms = {"input_layernorm", "", ""};
  AttentionDescription attention;
  HalfNorms feedForwardNorms = {"post_attention_layernorm", "", ""};
  FeedForwardDescription feedForward;
  std::string finalNorm = "norm"; // empty: none
  HeadDescription head;

  /// No value: positions are learned (EmbeddingDescription::positions).
  std::optional<RotaryDescription> rotary;
  /// For each layer, how many tokens back attention reaches, itself included; 0: all.
  std::vector<int64_t> windows;

  /// Tensors whose names end so are buffers that old checkpoints saved: they are not used.
  std::vector<std::string> ignoredSuffixes = {".rotary_emb.inv_freq"};
};

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_DECODERDESCRIPTION_H
