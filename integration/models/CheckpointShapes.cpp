// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Lists the tensors of published models.

#include "CheckpointShapes.h"

using namespace llvm;
using namespace optrun;
using namespace optrun::test;

namespace {

struct Sizes {
  int64_t layers, hidden, inner, vocabulary, heads, keyValueHeads, positions;
};

class TensorList {
public:
  void add(const Twine &name, ArrayRef<int64_t> dims) {
    tensors.push_back({name.str(), ir::Tensor::Dims(dims)});
  }
  void addLinear(const std::string &module, int64_t outputs, int64_t inputs) {
    add(module + ".weight", {outputs, inputs});
    add(module + ".bias", {outputs});
  }
  void addLayerNorm(const std::string &module, int64_t width) {
    add(module + ".weight", {width});
    add(module + ".bias", {width});
  }
  std::vector<CheckpointShapes::Entry> tensors;
};

/// What all configurations have.
json::Object configOf(const Sizes &sizes) {
  return json::Object({{"hidden_size", sizes.hidden},
                       {"num_hidden_layers", sizes.layers},
                       {"num_attention_heads", sizes.heads},
                       {"vocab_size", sizes.vocabulary},
                       {"max_position_embeddings", sizes.positions},
                       {"bos_token_id", 1},
                       {"eos_token_id", 2}});
}

CheckpointShapes opt(const Sizes &sizes) {
  CheckpointShapes shapes{configOf(sizes), {}};
  shapes.config["model_type"] = "opt";
  shapes.config["ffn_dim"] = sizes.inner;
  shapes.config["word_embed_proj_dim"] = sizes.hidden;
  shapes.config["activation_function"] = "relu";
  shapes.config["do_layer_norm_before"] = true;

  TensorList list;
  const std::string model = "model.decoder.";
  constexpr int64_t PositionOffset = 2;
  list.add(model + "embed_tokens.weight", {sizes.vocabulary, sizes.hidden});
  list.add(model + "embed_positions.weight", {sizes.positions + PositionOffset, sizes.hidden});
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const std::string layer = model + "layers." + std::to_string(i) + ".";
    for (const char *projection : {"k_proj", "v_proj", "q_proj", "out_proj"})
      list.addLinear(layer + "self_attn." + projection, sizes.hidden, sizes.hidden);
    list.addLayerNorm(layer + "self_attn_layer_norm", sizes.hidden);
    list.addLinear(layer + "fc1", sizes.inner, sizes.hidden);
    list.addLinear(layer + "fc2", sizes.hidden, sizes.inner);
    list.addLayerNorm(layer + "final_layer_norm", sizes.hidden);
  }
  list.addLayerNorm(model + "final_layer_norm", sizes.hidden);
  shapes.tensors = std::move(list.tensors);
  return shapes;
}

void addSeparateMatrices(TensorList &list, const std::string &layer, const Sizes &sizes) {
  const int64_t keyValues = sizes.hidden / sizes.heads * sizes.keyValueHeads;
  list.add(layer + "self_attn.q_proj.weight", {sizes.hidden, sizes.hidden});
  list.add(layer + "self_attn.k_proj.weight", {keyValues, sizes.hidden});
  list.add(layer + "self_attn.v_proj.weight", {keyValues, sizes.hidden});
  list.add(layer + "mlp.gate_proj.weight", {sizes.inner, sizes.hidden});
  list.add(layer + "mlp.up_proj.weight", {sizes.inner, sizes.hidden});
}

void addFusedMatrices(TensorList &list, const std::string &layer, const Sizes &sizes) {
  const int64_t keyValues = sizes.hidden / sizes.heads * sizes.keyValueHeads;
  list.add(layer + "self_attn.qkv_proj.weight", {sizes.hidden + 2 * keyValues, sizes.hidden});
  list.add(layer + "mlp.gate_up_proj.weight", {2 * sizes.inner, sizes.hidden});
}

CheckpointShapes llama(const Sizes &sizes, StringRef type) {
  CheckpointShapes shapes{configOf(sizes), {}};
  shapes.config["model_type"] = type;
  shapes.config["intermediate_size"] = sizes.inner;
  shapes.config["num_key_value_heads"] = sizes.keyValueHeads;
  shapes.config["hidden_act"] = "silu";
  shapes.config["rms_norm_eps"] = 1e-5;
  shapes.config["rope_theta"] = 10000.0;
  shapes.config["tie_word_embeddings"] = false;

  TensorList list;
  list.add("model.embed_tokens.weight", {sizes.vocabulary, sizes.hidden});
  for (int64_t i = 0; i < sizes.layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    auto *addMatrices = type == "phi3" ? addFusedMatrices : addSeparateMatrices;
    addMatrices(list, layer, sizes);
    list.add(layer + "self_attn.o_proj.weight", {sizes.hidden, sizes.hidden});
    list.add(layer + "mlp.down_proj.weight", {sizes.hidden, sizes.inner});
    list.add(layer + "input_layernorm.weight", {sizes.hidden});
    list.add(layer + "post_attention_layernorm.weight", {sizes.hidden});
  }
  list.add("model.norm.weight", {sizes.hidden});
  list.add("lm_head.weight", {sizes.vocabulary, sizes.hidden});
  shapes.tensors = std::move(list.tensors);
  return shapes;
}

CheckpointShapes phi(const Sizes &sizes) {
  CheckpointShapes shapes = llama(sizes, "phi3");
  json::Array shortFactor, longFactor;
  for (int64_t i = 0; i < sizes.hidden / sizes.heads / 2; ++i) {
    shortFactor.push_back(1.0);
    longFactor.push_back(1.0 + static_cast<double>(i));
  }
  shapes.config["original_max_position_embeddings"] = 4096;
  shapes.config["rope_scaling"] = json::Object{{"type", "longrope"},
                                               {"short_factor", std::move(shortFactor)},
                                               {"long_factor", std::move(longFactor)}};
  return shapes;
}

} // namespace

uint64_t CheckpointShapes::Entry::elementCount() const {
  uint64_t count = 1;
  for (int64_t extent : dims)
    count *= static_cast<uint64_t>(extent);
  return count;
}

std::optional<CheckpointShapes> test::checkpointShapes(StringRef model) {
  if (model == "opt-1.3b")
    return opt({24, 2048, 8192, 50272, 32, 32, 2048});
  if (model == "phi-3.5-mini")
    return phi({32, 3072, 8192, 32064, 32, 32, 131072});
  if (model == "mistral-7b")
    return llama({32, 4096, 14336, 32000, 32, 8, 32768}, "mistral");
  return std::nullopt;
}
