// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Building the graph of a decoder of Llama's size, with 32 layers and many more: its time is that
/// of the graph, whatever the weights hold.

#include "decoder/Decoder.h"
#include "families/Families.h"

#include <benchmark/benchmark.h>

using namespace optrun;

namespace {

/// Of any size; nothing reads it.
class Unread final : public ir::TensorSource {
public:
  explicit Unread(uint64_t bytes) : bytes(bytes) {}
  uint64_t byteSize() const override { return bytes; }
  llvm::Error read(uint64_t, llvm::MutableArrayRef<uint8_t>) const override {
    return llvm::createStringError("weights are not read");
  }

private:
  uint64_t bytes;
};

ir::TensorRef unreadTensor(const std::string &name, ir::Tensor::Dims dims) {
  uint64_t bytes = 2;
  for (int64_t dim : dims)
    bytes *= static_cast<uint64_t>(dim);
  return llvm::cantFail(ir::Tensor::create(name, ir::DataType::Float16, std::move(dims),
                                           std::make_shared<Unread>(bytes)));
}

std::vector<ir::TensorRef> makeTensors(int64_t layers) {
  std::vector<ir::TensorRef> tensors = {unreadTensor("model.embed_tokens.weight", {128256, 4096}),
                                        unreadTensor("lm_head.weight", {128256, 4096}),
                                        unreadTensor("model.norm.weight", {4096})};
  for (int64_t layer = 0; layer < layers; ++layer) {
    auto add = [&](const char *name, ir::Tensor::Dims dims) {
      tensors.push_back(unreadTensor(
          "model.layers." + std::to_string(layer) + "." + name + ".weight", std::move(dims)));
    };
    add("input_layernorm", {4096});
    add("self_attn.q_proj", {4096, 4096});
    add("self_attn.k_proj", {1024, 4096});
    add("self_attn.v_proj", {1024, 4096});
    add("self_attn.o_proj", {4096, 4096});
    add("post_attention_layernorm", {4096});
    add("mlp.gate_proj", {14336, 4096});
    add("mlp.up_proj", {14336, 4096});
    add("mlp.down_proj", {4096, 14336});
  }
  return tensors;
}

void buildLlama(benchmark::State &state) {
  const int64_t layers = state.range(0);
  const std::vector<ir::TensorRef> tensors = makeTensors(layers);
  const std::string text =
      R"({"model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
          "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
          "num_hidden_layers": )" +
      std::to_string(layers) + "}";
  for (auto _ : state) {
    auto config = llvm::cantFail(decoder::ModelConfig::parse(text));
    const auto model = llvm::cantFail(decoder::describeModel(config));
    benchmark::DoNotOptimize(llvm::cantFail(decoder::buildDecoder(model, {tensors, {}}, {})));
  }
  state.SetItemsProcessed(state.iterations() * layers);
  state.SetComplexityN(layers);
}

BENCHMARK(buildLlama)->Arg(32)->Arg(320)->Arg(3200)->Unit(benchmark::kMillisecond)->Complexity();

} // namespace
