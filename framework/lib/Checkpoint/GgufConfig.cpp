// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Keys of GGUF metadata under the names that Hugging Face gives them.

#include "GgufConfig.h"

#include "GgufHyperparameters.h"
#include "Messages.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace optrun::checkpoint {
namespace {

using Json = nlohmann::ordered_json;

constexpr llvm::StringLiteral LongFactors = "rope_factors_long.weight",
                              ShortFactors = "rope_factors_short.weight",
                              FixedFactors = "rope_freqs.weight";
/// Sines and cosines are multiplied by it.
constexpr llvm::StringLiteral AttentionFactor = "rope.scaling.attn_factor";

class ConfigWriter {
public:
  ConfigWriter(const GgufFile &file, const GgufArchitecture &architecture)
      : file(file), architecture(architecture), model(file, architecture.name) {}

  llvm::Expected<std::string> write(ir::DataType type) {
    json["architectures"] = {architecture.className};
    json["model_type"] = architecture.modelType;
    refuseOthersFeatures();
    addVocabulary();
    if (architecture.name == "gpt2")
      addGpt2();
    else
      addDecoder();
    addTokens();
    json["tie_word_embeddings"] = !file.findTensor("output.weight");
    json["dtype"] = type == ir::DataType::Float32    ? "float32"
                    : type == ir::DataType::BFloat16 ? "bfloat16"
                                                     : "float16";
    if (llvm::Error error = model.takeError())
      return std::move(error);
    return json.dump(2) + "\n";
  }

private:
  /// Keys of GGUF that other architectures have. With a value that changes the result they are an
  /// error here.
  void refuseOthersFeatures() {
    model.expect("attention.causal", {1});
    for (llvm::StringRef key :
         {"attention.scale", "attention.clamp_kqv", "attention.max_alibi_bias", "expert_count",
          "expert_used_count", "use_parallel_residual"})
      model.expect(key, {0});
    for (llvm::StringRef key :
         {"embedding_scale", "logit_scale", "residual_scale", "rope.scale_linear"})
      model.expect(key, {0, 1}); // 0: none is set
    if (architecture.name != "gemma2")
      for (llvm::StringRef key : {"attn_logit_softcapping", "final_logit_softcapping"})
        model.expect(key, {0});
  }

  void addVocabulary() {
    const GgufTensor *embeddings = file.findTensor("token_embd.weight");
    if (!embeddings || embeddings->dims.size() != 2)
      return model.fail("there is no matrix token_embd.weight, the embeddings of tokens");
    json["vocab_size"] = embeddings->dims[0];
  }

  void addGpt2() {
    json["n_layer"] = model.count("block_count");
    json["n_embd"] = model.count("embedding_length");
    json["n_head"] = model.count("attention.head_count");
    json["n_inner"] = model.count("feed_forward_length");
    json["n_positions"] = model.count("context_length");
    json["layer_norm_epsilon"] = model.real("attention.layer_norm_epsilon");
    json["activation_function"] = "gelu_new";
  }

  void addDecoder() {
    uint64_t hidden = model.count("embedding_length"), heads = model.count("attention.head_count");
    json["hidden_size"] = hidden;
    json["intermediate_size"] = model.count("feed_forward_length");
    json["num_hidden_layers"] = model.count("block_count");
    json["num_attention_heads"] = heads;
    json["num_key_value_heads"] = model.optionalCount("attention.head_count_kv").value_or(heads);
    json["rms_norm_eps"] = model.real("attention.layer_norm_rms_epsilon");
    json["max_position_embeddings"] = model.count("context_length");
    json["hidden_act"] = architecture.name == "gemma2" ? "gelu_pytorch_tanh" : "silu";
    uint64_t headSize = addHeadSize(hidden, heads);
    addRotary(headSize);
    addWindow();
    if (architecture.name == "llama") {
      json["attention_bias"] = file.findTensor("blk.0.attn_q.bias") != nullptr;
      json["mlp_bias"] = file.findTensor("blk.0.ffn_gate.bias") != nullptr;
    }
    if (architecture.name == "gemma2")
      addGemma2(hidden, heads, headSize);
  }

  uint64_t addHeadSize(uint64_t hidden, uint64_t heads) {
    std::optional<uint64_t> size = model.optionalCount("attention.key_length");
    if (!size)
      size = heads == 0 ? 0 : hidden / heads;
    if (model.optionalCount("attention.value_length").value_or(*size) != *size)
      model.fail("keys and values of different lengths are not supported");
    json["head_dim"] = *size;
    return *size;
  }

  void addRotary(uint64_t headSize) {
    json["rope_theta"] = model.optionalReal("rope.freq_base").value_or(10000);
    uint64_t rotated = model.optionalCount("rope.dimension_count").value_or(headSize);
    if (rotated != headSize && headSize != 0)
      json["partial_rotary_factor"] = static_cast<double>(rotated) / static_cast<double>(headSize);
    Json scaling = rotaryScaling();
    if (!scaling.is_null())
      json["rope_scaling"] = std::move(scaling);
  }

  Json rotaryScaling() {
    bool hasLong = file.findTensor(LongFactors) || file.findTensor(ShortFactors);
    bool hasFixed = file.findTensor(FixedFactors);
    if (hasLong && hasFixed)
      model.fail(FixedFactors + " and factors of a long context do not go together");
    if (hasLong)
      return longRope();
    std::string type = model.optionalText("rope.scaling.type").value_or("none");
    if (hasFixed && type != "none")
      model.fail(FixedFactors + " and scaling of type " + inQuotes(type) + " do not go together");
    if (hasFixed)
      return fixedFactors();
    if (model.optionalReal(AttentionFactor).value_or(1) != 1)
      model.fail("key '" + architecture.name + "." + AttentionFactor +
                 "': it is supported only with " + LongFactors);
    if (type == "none")
      return nullptr;
    if (type != "linear" && type != "yarn")
      model.fail("key '" + architecture.name + ".rope.scaling.type': scaling of type " +
                 inQuotes(type) + " is not supported");
    Json scaling = {{"rope_type", type}, {"factor", model.real("rope.scaling.factor")}};
    if (auto original = model.optionalCount("rope.scaling.original_context_length"))
      scaling["original_max_position_embeddings"] = *original;
    return scaling;
  }

  /// Phi-3.
  Json longRope() {
    json["original_max_position_embeddings"] = model.count("rope.scaling.original_context_length");
    Json scaling = {{"type", "longrope"},
                    {"short_factor", factors(ShortFactors)},
                    {"long_factor", factors(LongFactors)}};
    if (std::optional<double> factor = model.optionalReal(AttentionFactor))
      scaling["attention_factor"] = *factor;
    return scaling;
  }

  /// Llama 3: the file has the factors that its formula gives, not the formula's numbers. As
  /// factors that hold for all positions they are exact.
  Json fixedFactors() {
    Json values = factors(FixedFactors);
    return {{"rope_type", "longrope"},
            {"factor", 1.0},
            {"attention_factor", model.optionalReal(AttentionFactor).value_or(1)},
            {"original_max_position_embeddings", json["max_position_embeddings"]},
            {"short_factor", values},
            {"long_factor", values}};
  }

  Json factors(llvm::StringRef name) {
    constexpr uint64_t MaxFactors = 4096;
    const GgufTensor *tensor = file.findTensor(name);
    if (!tensor || tensor->type != GgmlType::F32 || tensor->dims.size() != 1 ||
        tensor->payload->byteSize() > MaxFactors * sizeof(float)) {
      model.fail(name + " must be a vector of at most " + llvm::Twine(MaxFactors) +
                 " floats of 32 bits");
      return nullptr;
    }
    std::vector<float> values(tensor->payload->byteSize() / sizeof(float));
    if (llvm::Error error = tensor->payload->read(
            0, llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(values.data()),
                                     values.size() * sizeof(float))))
      model.fail(llvm::toString(std::move(error)));
    for (float value : values)
      if (!std::isfinite(value))
        model.fail(name + " holds a value that is not finite");
    return values;
  }

  void addWindow() {
    std::optional<uint64_t> window = model.optionalCount("attention.sliding_window", 0);
    if (!window)
      return;
    if (*window == 0) { // none: converters write it for Phi-4
      json["sliding_window"] = nullptr;
      return;
    }
    json["sliding_window"] = *window;
    // Of the models of this architecture, only Mistral has one.
    if (architecture.name == "llama") {
      json["architectures"] = {"MistralForCausalLM"};
      json["model_type"] = "mistral";
    }
  }

  void addGemma2(uint64_t hidden, uint64_t heads, uint64_t headSize) {
    json["hidden_activation"] = "gelu_pytorch_tanh";
    json["attn_logit_softcapping"] = model.optionalReal("attn_logit_softcapping").value_or(50);
    json["final_logit_softcapping"] = model.optionalReal("final_logit_softcapping").value_or(30);
    // Not in the file: the model of 46 layers (27B) divides by the width of a head as it would be
    // without head_dim, the others by head_dim.
    bool is27B = json["num_hidden_layers"] == 46;
    json["query_pre_attn_scalar"] = is27B && heads != 0 ? hidden / heads : headSize;
  }

  void addTokens() {
    constexpr std::pair<llvm::StringLiteral, const char *> Tokens[] = {
        {"tokenizer.ggml.bos_token_id", "bos_token_id"},
        {"tokenizer.ggml.eos_token_id", "eos_token_id"},
        {"tokenizer.ggml.padding_token_id", "pad_token_id"},
        {"tokenizer.ggml.unknown_token_id", "unk_token_id"}};
    for (const auto &[key, name] : Tokens)
      if (std::optional<uint64_t> token = model.tokenId(key))
        json[name] = *token;
  }

  const GgufFile &file;
  const GgufArchitecture &architecture;
  GgufHyperparameters model;
  Json json;
};

} // namespace

llvm::Expected<GgufLayers> readGgufLayers(const GgufFile &file,
                                          const GgufArchitecture &architecture) {
  GgufHyperparameters model(file, architecture.name);
  GgufLayers layers;
  layers.count = model.count("block_count");
  layers.heads.queries = model.count("attention.head_count");
  layers.heads.keys = model.optionalCount("attention.head_count_kv").value_or(layers.heads.queries);
  if (llvm::Error error = model.takeError())
    return std::move(error);
  return layers;
}

llvm::Expected<std::string>
ggufConfigJson(const GgufFile &file, const GgufArchitecture &architecture, ir::DataType type) {
  return ConfigWriter(file, architecture).write(type);
}

} // namespace optrun::checkpoint
