// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The families and their names. Mistral is of architecture llama; GGUF has no OPT.

#include "GgufArchitecture.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace optrun::checkpoint {
namespace {

constexpr ModuleName Modules[] = {
    {"token_embd", "model.embed_tokens"},
    {"output_norm", "model.norm"},
    {"output", "lm_head"},
};

constexpr ModuleName LlamaLayer[] = {
    {"attn_norm", "input_layernorm"},    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},      {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"}, {"attn_q_norm", "self_attn.q_norm"},
    {"attn_k_norm", "self_attn.k_norm"}, {"ffn_norm", "post_attention_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},       {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
};

constexpr ModuleName Phi3Layer[] = {
    {"attn_norm", "input_layernorm"},    {"attn_qkv", "self_attn.qkv_proj"},
    {"attn_output", "self_attn.o_proj"}, {"ffn_norm", "post_attention_layernorm"},
    {"ffn_up", "mlp.gate_up_proj"},      {"ffn_down", "mlp.down_proj"},
};

constexpr ModuleName Gemma2Layer[] = {
    {"attn_norm", "input_layernorm"},
    {"attn_q", "self_attn.q_proj"},
    {"attn_k", "self_attn.k_proj"},
    {"attn_v", "self_attn.v_proj"},
    {"attn_output", "self_attn.o_proj"},
    {"post_attention_norm", "post_attention_layernorm"},
    {"ffn_norm", "pre_feedforward_layernorm"},
    {"ffn_gate", "mlp.gate_proj"},
    {"ffn_up", "mlp.up_proj"},
    {"ffn_down", "mlp.down_proj"},
    {"post_ffw_norm", "post_feedforward_layernorm"},
};

constexpr ModuleName Gpt2Modules[] = {
    {"token_embd", "transformer.wte"},
    {"position_embd", "transformer.wpe"},
    {"output_norm", "transformer.ln_f"},
    {"output", "lm_head"},
};

constexpr ModuleName Gpt2Layer[] = {
    {"attn_norm", "ln_1"}, {"attn_qkv", "attn.c_attn"}, {"attn_output", "attn.c_proj"},
    {"ffn_norm", "ln_2"},  {"ffn_up", "mlp.c_fc"},      {"ffn_down", "mlp.c_proj"},
};

constexpr llvm::StringLiteral Layers = "model.layers.";

const GgufArchitecture Architectures[] = {
    {.name = "llama",
     .modelType = "llama",
     .className = "LlamaForCausalLM",
     .layers = Layers,
     .modules = Modules,
     .layerModules = LlamaLayer,
     .permutesQueriesAndKeys = true},
    {"qwen2", "qwen2", "Qwen2ForCausalLM", Layers, Modules, LlamaLayer},
    {"qwen3", "qwen3", "Qwen3ForCausalLM", Layers, Modules, LlamaLayer},
    {"phi3", "phi3", "Phi3ForCausalLM", Layers, Modules, Phi3Layer},
    {.name = "gemma2",
     .modelType = "gemma2",
     .className = "Gemma2ForCausalLM",
     .layers = Layers,
     .modules = Modules,
     .layerModules = Gemma2Layer,
     .addsOneToNorms = true},
    {.name = "gpt2",
     .modelType = "gpt2",
     .className = "GPT2LMHeadModel",
     .layers = "transformer.h.",
     .modules = Gpt2Modules,
     .layerModules = Gpt2Layer,
     .transposesLinears = true},
};

const ModuleName *findModule(llvm::ArrayRef<ModuleName> modules, llvm::StringRef gguf) {
  const auto *found = llvm::find_if(modules, [&](const ModuleName &m) { return m.gguf == gguf; });
  return found == modules.end() ? nullptr : found;
}

} // namespace

const GgufArchitecture *findGgufArchitecture(llvm::StringRef name) {
  const auto *found =
      llvm::find_if(Architectures, [&](const GgufArchitecture &a) { return a.name == name; });
  return found == std::end(Architectures) ? nullptr : found;
}

std::string knownGgufArchitectures() {
  return llvm::join(
      llvm::map_range(Architectures, [](const GgufArchitecture &a) { return a.name; }), ", ");
}

std::optional<std::string> huggingFaceName(const GgufArchitecture &architecture,
                                           llvm::StringRef name, uint64_t layerCount) {
  auto [module, parameter] = name.rsplit('.');
  if (parameter != "weight" && parameter != "bias")
    return std::nullopt;
  if (!module.consume_front("blk.")) {
    const ModuleName *known = findModule(architecture.modules, module);
    return known ? std::optional((known->huggingFace + "." + parameter).str()) : std::nullopt;
  }
  auto [number, rest] = module.split('.');
  uint64_t layer;
  // "blk.03" would be another name for blk.3.
  if (number.getAsInteger(10, layer) || layer >= layerCount || std::to_string(layer) != number)
    return std::nullopt;
  const ModuleName *known = findModule(architecture.layerModules, rest);
  if (!known)
    return std::nullopt;
  return (architecture.layers + number + "." + known->huggingFace + "." + parameter).str();
}

bool isRotaryFactors(llvm::StringRef name) {
  return name == "rope_freqs.weight" || name == "rope_factors_long.weight" ||
         name == "rope_factors_short.weight";
}

} // namespace optrun::checkpoint
