// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// GGUF files as checkpoints with Hugging Face's names, order and configuration.

#include "CheckpointBytes.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"

#include "optrun/Checkpoint/Checkpoint.h"

#include <gmock/gmock.h>
#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::checkpoint;
using namespace optrun::test;
using nlohmann::json;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace {

constexpr uint32_t F32 = 0, F16 = 1, Q41 = 3;

std::string floats(const std::vector<float> &values) {
  std::string bytes;
  for (float value : values)
    bytes += number(value);
  return bytes;
}

/// \p rows rows of \p columns elements, all of them the number of the row.
std::string rowNumbers(size_t rows, size_t columns) {
  std::string bytes;
  for (size_t row = 0; row != rows; ++row)
    for (size_t column = 0; column != columns; ++column)
      bytes += number(static_cast<float>(row));
  return bytes;
}

/// What every model of architecture \p name says: one layer, width 4, two heads.
GgufBytes modelOf(const std::string &name) {
  GgufBytes bytes;
  bytes.key("general.architecture", name.c_str());
  bytes.key(name + ".block_count", 1u).key(name + ".context_length", 64u);
  bytes.key(name + ".embedding_length", 8u).key(name + ".feed_forward_length", 16u);
  bytes.key(name + ".attention.head_count", 2u);
  bytes.key(name + (name == "gpt2" ? ".attention.layer_norm_epsilon"
                                   : ".attention.layer_norm_rms_epsilon"),
            1e-5f);
  return bytes.tensor("token_embd.weight", {8, 3}, F32, rowNumbers(3, 8));
}

Checkpoint open(const TemporaryFolder &folder, const GgufBytes &bytes,
                const CheckpointOptions &options = {}) {
  return valueOf(openCheckpoint(folder.write("model.gguf", bytes.build()), options));
}

std::vector<float> valuesOf(const Checkpoint &checkpoint, llvm::StringRef name) {
  ir::TensorRef tensor = checkpoint.find(name);
  if (!tensor) {
    ADD_FAILURE() << "no tensor " << name.str();
    return {};
  }
  ir::TensorSourceRef wide =
      valueOf(ir::makeCastSource(tensor->source(), tensor->dataType(), ir::DataType::Float32));
  std::vector<float> values(tensor->elementCount());
  EXPECT_EQ(errorOf(wide->read(0, llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(values.data()),
                                                        values.size() * sizeof(float)))),
            "");
  return values;
}

/// The first value of each row.
std::vector<float> firstOfRows(const Checkpoint &checkpoint, llvm::StringRef name) {
  std::vector<float> values = valuesOf(checkpoint, name), firsts;
  size_t columns = values.size() / checkpoint.find(name)->dims()[0];
  for (size_t i = 0; i < values.size(); i += columns)
    firsts.push_back(values[i]);
  return firsts;
}

TEST(GgufCheckpoint, HasHuggingFacesNames) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("qwen3");
  for (const char *name : {"attn_norm", "attn_q_norm", "attn_k_norm", "ffn_norm"})
    bytes.tensor(std::string("blk.0.") + name + ".weight", {1}, F32, "1234");
  for (const char *name :
       {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"})
    bytes.tensor(std::string("blk.0.") + name + ".weight", {1, 1}, F32, "1234");
  bytes.tensor("blk.0.attn_q.bias", {1}, F32, "1234");
  bytes.tensor("output_norm.weight", {1}, F32, "1234").tensor("output.weight", {1}, F32, "1234");
  Checkpoint checkpoint = open(folder, bytes);
  std::vector<std::string> names;
  for (const ir::TensorRef &tensor : checkpoint.tensors())
    names.push_back(tensor->name().str());
  EXPECT_THAT(
      names, ElementsAre(
                 "model.embed_tokens.weight", "model.layers.0.input_layernorm.weight",
                 "model.layers.0.self_attn.q_norm.weight", "model.layers.0.self_attn.k_norm.weight",
                 "model.layers.0.post_attention_layernorm.weight",
                 "model.layers.0.self_attn.q_proj.weight", "model.layers.0.self_attn.k_proj.weight",
                 "model.layers.0.self_attn.v_proj.weight", "model.layers.0.self_attn.o_proj.weight",
                 "model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight",
                 "model.layers.0.mlp.down_proj.weight", "model.layers.0.self_attn.q_proj.bias",
                 "model.norm.weight", "lm_head.weight"));
  EXPECT_EQ(json::parse(checkpoint.configJson)["tie_word_embeddings"], false);
}

TEST(GgufCheckpoint, PutsRowsOfQueriesAndKeysBackInLlama) {
  // Two heads of four rows for queries, one for keys: the halves of a head were interleaved.
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("llama");
  bytes.key("llama.attention.head_count_kv", 1u);
  bytes.tensor("blk.0.attn_q.weight", {8, 8}, F32, rowNumbers(8, 8));
  bytes.tensor("blk.0.attn_k.weight", {8, 4}, F32, rowNumbers(4, 8));
  bytes.tensor("blk.0.attn_v.weight", {8, 4}, F32, rowNumbers(4, 8));
  bytes.tensor("blk.0.attn_q.bias", {8}, F32, rowNumbers(8, 1));
  Checkpoint checkpoint = open(folder, bytes);
  std::string attention = "model.layers.0.self_attn.";
  EXPECT_THAT(firstOfRows(checkpoint, attention + "q_proj.weight"),
              ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(firstOfRows(checkpoint, attention + "q_proj.bias"),
              ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(firstOfRows(checkpoint, attention + "k_proj.weight"), ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(firstOfRows(checkpoint, attention + "v_proj.weight"), ElementsAre(0, 1, 2, 3));
}

TEST(GgufCheckpoint, LeavesRowsOfOtherArchitecturesWhereTheyAre) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("qwen2").tensor("blk.0.attn_q.weight", {8, 8}, F32, rowNumbers(8, 8));
  EXPECT_THAT(firstOfRows(open(folder, bytes), "model.layers.0.self_attn.q_proj.weight"),
              ElementsAre(0, 1, 2, 3, 4, 5, 6, 7));
}

TEST(GgufCheckpoint, GivesQuantizedBlocksBesideTheirValues) {
  // Row i of four holds i everywhere: d = 0, m = i.
  constexpr uint16_t Integers[] = {0, 0x3c00, 0x4000, 0x4200}; // 0 … 3 as float16
  std::string blocks;
  for (uint16_t minimum : Integers)
    blocks += number<uint16_t>(0) + number(minimum) + std::string(16, '\x5a');
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("llama");
  bytes.key("llama.attention.head_count_kv", 1u);
  bytes.tensor("blk.0.attn_k.weight", {32, 4}, Q41, blocks);
  std::string name = "model.layers.0.self_attn.k_proj.weight";
  for (ir::DataType type : {ir::DataType::Float16, ir::DataType::Float32}) {
    Checkpoint checkpoint = open(folder, bytes, {type});
    EXPECT_EQ(checkpoint.find(name)->dataType(), type);
    EXPECT_THAT(firstOfRows(checkpoint, name), ElementsAre(0, 2, 1, 3));
    const QuantizedBlocks *quantized = checkpoint.quantizedBlocks(name);
    ASSERT_TRUE(quantized);
    EXPECT_EQ(quantized->type, GgmlType::Q41);
    EXPECT_FALSE(quantized->isTransposed);
    std::vector<uint8_t> second(20);
    ASSERT_EQ(errorOf(quantized->blocks->read(20, second)), "");
    EXPECT_EQ(std::string(second.begin(), second.end()), blocks.substr(40, 20))
        << "rows of blocks move with the rows of values";
  }
  EXPECT_EQ(open(folder, bytes).quantizedBlocks("model.embed_tokens.weight"), nullptr);
}

TEST(GgufCheckpoint, TransposesTheLinearWeightsOfGpt2) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("gpt2");
  bytes.tensor("position_embd.weight", {8, 4}, F32, rowNumbers(4, 8));
  bytes.tensor("blk.0.attn_qkv.weight", {2, 3}, F32, floats({1, 2, 3, 4, 5, 6}));
  bytes.tensor("blk.0.attn_qkv.bias", {3}, F32, floats({1, 2, 3}));
  Checkpoint checkpoint = open(folder, bytes);
  EXPECT_THAT(checkpoint.find("transformer.h.0.attn.c_attn.weight")->dims(), ElementsAre(2, 3));
  EXPECT_THAT(valuesOf(checkpoint, "transformer.h.0.attn.c_attn.weight"),
              ElementsAre(1, 3, 5, 2, 4, 6));
  EXPECT_THAT(valuesOf(checkpoint, "transformer.h.0.attn.c_attn.bias"), ElementsAre(1, 2, 3));
  EXPECT_THAT(checkpoint.find("transformer.wpe.weight")->dims(), ElementsAre(4, 8));
  json config = json::parse(checkpoint.configJson);
  EXPECT_EQ(config["model_type"], "gpt2");
  EXPECT_EQ(config["architectures"], json::array({"GPT2LMHeadModel"}));
  EXPECT_EQ(config["n_embd"], 8);
  EXPECT_EQ(config["n_positions"], 64);
  EXPECT_EQ(config["tie_word_embeddings"], true);
}

TEST(GgufCheckpoint, TakesTheOneFromTheNormsOfGemma2) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("gemma2");
  bytes.key("gemma2.attention.key_length", 16u).key("gemma2.attention.value_length", 16u);
  bytes.key("gemma2.attn_logit_softcapping", 50.0f).key("gemma2.attention.sliding_window", 4096u);
  for (const char *norm : {"attn_norm", "post_attention_norm", "ffn_norm", "post_ffw_norm"})
    bytes.tensor(std::string("blk.0.") + norm + ".weight", {2}, F32, floats({1.5f, 0.25f}));
  bytes.tensor("output_norm.weight", {2}, F32, floats({1.5f, 0.25f}));
  Checkpoint checkpoint = open(folder, bytes);
  for (const char *norm :
       {"layers.0.input_layernorm", "layers.0.post_attention_layernorm",
        "layers.0.pre_feedforward_layernorm", "layers.0.post_feedforward_layernorm", "norm"})
    EXPECT_THAT(valuesOf(checkpoint, "model." + std::string(norm) + ".weight"),
                ElementsAre(0.5f, -0.75f));
  EXPECT_FALSE(checkpoint.find("model.norm.weight")->source()->inlineBytes())
      << "however many norms a file has, none is kept";
  json config = json::parse(checkpoint.configJson);
  EXPECT_EQ(config["head_dim"], 16);
  EXPECT_EQ(config["query_pre_attn_scalar"], 16);
  EXPECT_EQ(config["attn_logit_softcapping"], 50);
  EXPECT_EQ(config["sliding_window"], 4096);
  EXPECT_EQ(config["hidden_activation"], "gelu_pytorch_tanh");
}

TEST(GgufCheckpoint, SaysInConfigWhatTheMetadataSay) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("llama");
  bytes.key("llama.attention.head_count_kv", 1u).key("llama.rope.freq_base", 500000.0f);
  bytes.key("tokenizer.ggml.bos_token_id", 1u).key("tokenizer.ggml.eos_token_id", 0u);
  EXPECT_EQ(json::parse(open(folder, bytes).configJson), json::parse(R"({
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 3,
    "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 4, "rms_norm_eps": 9.999999747378752e-06,
    "max_position_embeddings": 64, "hidden_act": "silu", "rope_theta": 500000.0,
    "attention_bias": false, "mlp_bias": false, "bos_token_id": 1, "eos_token_id": 0,
    "tie_word_embeddings": true, "dtype": "float32"})"));
}

TEST(GgufCheckpoint, KnowsMistralByItsWindow) {
  TemporaryFolder folder;
  json config = json::parse(
      open(folder, modelOf("llama").key("llama.attention.sliding_window", 6u)).configJson);
  EXPECT_EQ(config["model_type"], "mistral");
  EXPECT_EQ(config["architectures"], json::array({"MistralForCausalLM"}));
  EXPECT_EQ(config["sliding_window"], 6);
}

TEST(GgufCheckpoint, AWindowOfZeroIsNone) {
  TemporaryFolder folder;
  for (const char *name : {"phi3", "llama", "gemma2"}) { // converters write it for Phi-4
    GgufBytes bytes = modelOf(name).key(std::string(name) + ".attention.sliding_window", 0u);
    const json config = json::parse(open(folder, bytes).configJson);
    EXPECT_EQ(config["model_type"], name);
    EXPECT_EQ(config.at("sliding_window"), nullptr) << "there are defaults where it is silent";
  }
}

TEST(GgufCheckpoint, TakesHarmlessValuesOfOthersFeatures) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("llama").key("llama.attention.causal", 7, std::string(1, '\1'));
  bytes.key("llama.expert_count", 0u).key("llama.logit_scale", 1.0f);
  EXPECT_EQ(open(folder, bytes).tensors().size(), 1u);
}

TEST(GgufCheckpoint, KeepsTheRotaryFactorsOfLlama3) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("llama").tensor("rope_freqs.weight", {2}, F32, floats({1, 8}));
  Checkpoint checkpoint = open(folder, bytes);
  EXPECT_EQ(checkpoint.tensors().size(), 1u) << "they are part of the configuration";
  EXPECT_EQ(json::parse(checkpoint.configJson)["rope_scaling"], json::parse(R"({
    "rope_type": "longrope", "factor": 1.0, "attention_factor": 1.0,
    "original_max_position_embeddings": 64, "short_factor": [1.0, 8.0], "long_factor": [1.0, 8.0]
    })"));
}

TEST(GgufCheckpoint, KeepsTheRotaryFactorsOfPhi3) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("phi3").key("phi3.rope.scaling.original_context_length", 16u);
  bytes.key("phi3.rope.dimension_count", 2u);
  bytes.tensor("rope_factors_long.weight", {1}, F32, floats({2}));
  bytes.tensor("rope_factors_short.weight", {1}, F32, floats({1.5f}));
  bytes.tensor("blk.0.attn_qkv.weight", {8, 24}, F16, std::string(8 * 24 * 2, '\0'));
  bytes.tensor("blk.0.ffn_up.weight", {8, 32}, F16, std::string(8 * 32 * 2, '\0'));
  Checkpoint checkpoint = open(folder, bytes);
  json config = json::parse(checkpoint.configJson);
  EXPECT_EQ(config["rope_scaling"], json::parse(R"({
    "type": "longrope", "short_factor": [1.5], "long_factor": [2.0]})"));
  EXPECT_EQ(config["original_max_position_embeddings"], 16);
  EXPECT_EQ(config["partial_rotary_factor"], 0.5);
  EXPECT_TRUE(checkpoint.find("model.layers.0.self_attn.qkv_proj.weight"));
  EXPECT_TRUE(checkpoint.find("model.layers.0.mlp.gate_up_proj.weight"));

  bytes.key("phi3.rope.scaling.attn_factor", 1.25f);
  config = json::parse(open(folder, bytes).configJson);
  EXPECT_EQ(config["rope_scaling"]["attention_factor"], 1.25);
}

TEST(GgufCheckpoint, KnowsLinearScaling) {
  TemporaryFolder folder;
  GgufBytes bytes = modelOf("llama").key("llama.rope.scaling.type", "linear");
  bytes.key("llama.rope.scaling.factor", 4.0f);
  EXPECT_EQ(json::parse(open(folder, bytes).configJson)["rope_scaling"],
            json::parse(R"({"rope_type": "linear", "factor": 4.0})"));
}

TEST(GgufCheckpoint, MayBeTheOnlyOneInAFolder) {
  TemporaryFolder folder;
  folder.write("README.md", "");
  std::string path = folder.write("model.gguf", modelOf("llama").build());
  Checkpoint checkpoint = valueOf(openCheckpoint(folder.path("")));
  EXPECT_EQ(checkpoint.format, Checkpoint::Format::Gguf);
  ASSERT_TRUE(checkpoint.gguf);
  EXPECT_EQ(checkpoint.files.size(), 1u);
  folder.write("other.gguf", "");
  EXPECT_THAT(errorOf(openCheckpoint(folder.path(""))), HasSubstr("several .gguf files"));
}

// ---- What is wrong with a model ---------------------------------------------------------------
TEST(GgufCheckpoint, StandsBehindSafeTensorsUnlessItIsAskedFor) {
  TemporaryFolder folder;
  std::string path = folder.write("model.gguf", modelOf("llama").build());
  folder.write("model.safetensors", "");
  EXPECT_THAT(errorOf(openCheckpoint(folder.path(""))), HasSubstr("holds no config.json"));
  EXPECT_EQ(valueOf(openCheckpoint(folder.path(""), {.format = CheckpointFormat::Gguf})).files,
            valueOf(openCheckpoint(path)).files);
  EXPECT_THAT(errorOf(openCheckpoint(path, {.format = CheckpointFormat::HuggingFace})),
              HasSubstr("is a file; a Hugging Face checkpoint is a folder"));
}

struct BadModel {
  const char *name;
  GgufBytes bytes;
  const char *message;
};
std::ostream &operator<<(std::ostream &os, const BadModel &model) { return os << model.name; }

GgufBytes withTensor(const std::string &name, const std::vector<int64_t> &shape = {1}) {
  size_t elements = 1;
  for (int64_t extent : shape)
    elements *= extent;
  return modelOf("llama").tensor(name, shape, F32, std::string(elements * 4, '\0'));
}
GgufBytes withoutKeys() { return GgufBytes().key("general.architecture", "llama"); }

const BadModel badModels[] = {
    {"NoArchitecture", GgufBytes(), "it has no key general.architecture"},
    {"ArchitectureIsANumber", GgufBytes().key("general.architecture", 1u), "it has no key"},
    {"UnknownArchitecture", GgufBytes().key("general.architecture", "opt"),
     "models of architecture 'opt' are not read; known are llama, qwen2, qwen3, phi3, gemma2, "
     "gpt2"},
    {"OneOfManyParts", modelOf("llama").key("split.count", 2, number<uint16_t>(3)),
     "it is one of 3 parts; merge them first"},
    {"NoLayers", withoutKeys(), "the key 'llama.block_count' is missing"},
    {"NegativeLayers", withoutKeys().key("llama.block_count", 5, number<int32_t>(-1)),
     "key 'llama.block_count' must be an integer from 1"},
    {"ZeroHeads", withoutKeys().key("llama.block_count", 1u).key("llama.attention.head_count", 0u),
     "key 'llama.attention.head_count' must be an integer from 1"},
    {"HugeHeads",
     withoutKeys()
         .key("llama.block_count", 1u)
         .key("llama.attention.head_count", 10, number(UINT64_MAX)),
     "key 'llama.attention.head_count' must be an integer from 1"},
    {"HeadsByLayer",
     withoutKeys()
         .key("llama.block_count", 1u)
         .key("llama.attention.head_count", 9,
              number<uint32_t>(4) + number<uint64_t>(1) + number<uint32_t>(2)),
     "has a number for each layer"},
    {"NoEmbeddings",
     withoutKeys().key("llama.block_count", 1u).key("llama.attention.head_count", 2u),
     "there is no matrix token_embd.weight"},
    {"EpsilonIsAnInteger", modelOf("qwen2").key("qwen2.rope.freq_base", 7u),
     "key 'qwen2.rope.freq_base' must be a finite floating-point number"},
    {"BaseIsNotANumber",
     modelOf("qwen2").key("qwen2.rope.freq_base", std::numeric_limits<float>::quiet_NaN()),
     "must be a finite floating-point number"},
    {"ValuesOfAnotherLength", modelOf("qwen2").key("qwen2.attention.value_length", 3u),
     "keys and values of different lengths"},
    {"ScalingIsANumber", modelOf("qwen2").key("qwen2.rope.scaling.type", 3u), "must be a string"},
    {"UnknownScaling", modelOf("qwen2").key("qwen2.rope.scaling.type", "\xff"), "is not supported"},
    {"ScalingWithoutFactor", modelOf("qwen2").key("qwen2.rope.scaling.type", "linear"),
     "the key 'qwen2.rope.scaling.factor' is missing"},
    {"AttentionFactorWithoutFactors", modelOf("qwen2").key("qwen2.rope.scaling.attn_factor", 2.0f),
     "key 'qwen2.rope.scaling.attn_factor': it is supported only with rope_factors_long.weight"},
    {"FactorsOnlyOfShortContexts",
     modelOf("phi3")
         .key("phi3.rope.scaling.original_context_length", 16u)
         .tensor("rope_factors_short.weight", {2}, F32, floats({1, 2})),
     "rope_factors_long.weight must be a vector"},
    {"FactorsOfTwoKinds",
     modelOf("phi3")
         .key("phi3.rope.scaling.original_context_length", 16u)
         .tensor("rope_factors_long.weight", {2}, F32, floats({1, 2}))
         .tensor("rope_factors_short.weight", {2}, F32, floats({1, 2}))
         .tensor("rope_freqs.weight", {2}, F32, floats({1, 2})),
     "rope_freqs.weight and factors of a long context do not go together"},
    {"NotCausal", modelOf("llama").key("llama.attention.causal", 7, std::string(1, '\0')),
     "key 'llama.attention.causal' asks for what is not supported"},
    {"Experts", modelOf("llama").key("llama.expert_count", 8u), "key 'llama.expert_count' asks"},
    {"ScaledScores", modelOf("gemma2").key("gemma2.attention.scale", 0.5f),
     "key 'gemma2.attention.scale' asks"},
    {"ScaledLogits", modelOf("llama").key("llama.logit_scale", 0.5f), "key 'llama.logit_scale'"},
    {"ScaledLogitsAsText", modelOf("llama").key("llama.logit_scale", "x"), "'llama.logit_scale'"},
    {"CappedLogits", modelOf("qwen2").key("qwen2.final_logit_softcapping", 30.0f),
     "key 'qwen2.final_logit_softcapping' asks"},
    {"FactorsAndScaling",
     withTensor("rope_freqs.weight", {2})
         .key("llama.rope.scaling.type", "linear")
         .key("llama.rope.scaling.factor", 2.0f),
     "rope_freqs.weight and scaling of type 'linear' do not go together"},
    {"FactorsAreAMatrix", withTensor("rope_freqs.weight", {2, 2}),
     "rope_freqs.weight must be a vector"},
    {"FactorsAreMany", withTensor("rope_freqs.weight", {5000}), "of at most 4096 floats"},
    {"FactorsNotFinite", modelOf("llama").tensor("rope_freqs.weight", {1}, F32, number(HUGE_VALF)),
     "holds a value that is not finite"},
    {"UnknownTensor", withTensor("blk.0.ffn_gate_exps.weight"),
     "tensor 'blk.0.ffn_gate_exps.weight': a model of architecture llama and 1 layers has no"},
    {"UnknownParameter", withTensor("blk.0.attn_q.scale"), "has no such tensor"},
    {"LayerOutOfRange", withTensor("blk.1.attn_q.weight"), "has no such tensor"},
    {"LayerOutOfAllRange", withTensor("blk.18446744073709551616.attn_q.weight"),
     "has no such tensor"},
    {"LayerWithZeros", withTensor("blk.00.attn_q.weight"), "has no such tensor"},
    {"LayerIsNegative", withTensor("blk.-1.attn_q.weight"), "has no such tensor"},
    {"RowsAreNotThoseOfHeads", withTensor("blk.0.attn_q.weight", {8, 7}),
     "its 7 rows are not those of 2 heads of an even size"},
    {"RowsAreEmpty", modelOf("llama").tensor("blk.0.attn_q.weight", {0, 1 << 24}, F32, ""),
     "tensor 'blk.0.attn_q.weight': it is empty"},
    {"HeadsAreOdd", withTensor("blk.0.attn_q.weight", {8, 6}), "heads of an even size"},
    {"NormOfGemmaIsShort", modelOf("gemma2").tensor("output_norm.weight", {1}, F16, "12"),
     "norms of this architecture must be of type F32"},
};

class HostileGgufModel : public testing::TestWithParam<BadModel> {};

TEST_P(HostileGgufModel, GivesOneClearError) {
  TemporaryFolder folder;
  std::string path = folder.write("bad.gguf", GetParam().bytes.build());
  EXPECT_THAT(errorOf(openCheckpoint(path)),
              AllOf(testing::StartsWith(path + ": "), HasSubstr(GetParam().message)));
}

INSTANTIATE_TEST_SUITE_P(All, HostileGgufModel, testing::ValuesIn(badModels),
                         [](const auto &info) { return std::string(info.param.name); });

} // namespace
