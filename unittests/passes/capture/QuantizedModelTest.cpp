// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// GGUF models keep their blocks: graphs with MatMulNBits compute what dequantized ones do.

#include "CheckpointModel.h"
#include "DecoderFixture.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "framework/Checkpoint/CheckpointBytes.h"
#include "gmock/gmock.h"

#include "optrun/Onnx/Checks.h"
#include "optrun/Runtime/OnnxRuntime.h"

#include <random>

using namespace optrun;
using namespace optrun::test;
using checkpoint::GgmlType;
using Precision = CaptureOptions::Precision;

namespace {

constexpr int64_t Width = 64, Inner = 256, Vocabulary = 40, Layers = 2;

/// Writes a model's tensors with random blocks.
class ModelWriter {
public:
  explicit ModelWriter(GgmlType type) : type(type), random(static_cast<unsigned>(type)) {}

  void matrix(const std::string &name, int64_t out, int64_t in) { matrix(name, out, in, type); }
  void matrix(const std::string &name, int64_t out, int64_t in, GgmlType other) {
    const checkpoint::GgmlLayout layout = checkpoint::ggmlLayout(other);
    std::string blocks;
    for (int64_t block = 0; block < out * in / layout.blockElements; ++block)
      blocks += randomBlock(other, layout.blockBytes, block % 5 == 4);
    file.tensor(name + ".weight", {in, out}, static_cast<uint32_t>(other), blocks);
  }
  void vector(const std::string &name, int64_t size, float around) {
    std::string bytes;
    for (int64_t i = 0; i < size; ++i)
      bytes += number(around + static_cast<float>(random() % 100) / 1000);
    file.tensor(name, {size}, 0, bytes);
  }

  GgufBytes file;

private:
  /// float16 from \p smallest to twice that.
  uint16_t half(uint16_t smallest) { return static_cast<uint16_t>(smallest + random() % 0x400); }

  std::string randomBlock(GgmlType of, size_t size, bool isFlat) {
    constexpr uint16_t Small = 0x2000, Tiny = 0x1000, MinusEighth = 0xb000; // 2^-7, 2^-11
    std::string block = number(isFlat ? uint16_t{0} : half(of == GgmlType::Q80 ? Tiny : Small));
    if (of == GgmlType::Q41)
      block += number(half(MinusEighth - 0x800));
    if (of == GgmlType::Q4K)
      block += number(half(Tiny));
    while (block.size() < size)
      block += static_cast<char>(random());
    return block;
  }

  GgmlType type;
  std::mt19937 random;
};

void writeHyperparameters(GgufBytes &file, const std::string &name) {
  file.key("general.architecture", name.c_str());
  file.key(name + ".block_count", uint32_t{Layers}).key(name + ".context_length", 64u);
  file.key(name + ".embedding_length", uint32_t{Width});
  file.key(name + ".feed_forward_length", uint32_t{Inner});
  file.key(name + ".attention.head_count", 2u);
}

std::string llama(GgmlType type, bool isTied) {
  ModelWriter write(type);
  writeHyperparameters(write.file, "llama");
  write.file.key("llama.attention.head_count_kv", 1u);
  write.file.key("llama.attention.layer_norm_rms_epsilon", 1e-5f);
  write.matrix("token_embd", Vocabulary, Width);
  for (int64_t layer = 0; layer < Layers; ++layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    for (const char *norm : {"attn_norm", "ffn_norm"})
      write.vector(prefix + norm + ".weight", Width, 1);
    write.matrix(prefix + "attn_q", Width, Width);
    write.matrix(prefix + "attn_k", Width / 2, Width);
    write.matrix(prefix + "attn_v", Width / 2, Width);
    write.matrix(prefix + "attn_output", Width, Width);
    write.matrix(prefix + "ffn_gate", Inner, Width);
    write.matrix(prefix + "ffn_up", Inner, Width);
    write.matrix(prefix + "ffn_down", Width, Inner);
  }
  write.vector("output_norm.weight", Width, 1);
  if (!isTied)
    write.matrix("output", Vocabulary, Width);
  return write.file.build();
}

/// Linear weights are [in, out] here, and have a bias.
std::string gpt2(GgmlType type, GgmlType typeOfDown) {
  ModelWriter write(type);
  writeHyperparameters(write.file, "gpt2");
  write.file.key("gpt2.attention.layer_norm_epsilon", 1e-5f);
  write.matrix("token_embd", Vocabulary, Width);
  write.matrix("position_embd", 64, Width);
  auto norm = [&](const std::string &name) {
    write.vector(name + ".weight", Width, 1);
    write.vector(name + ".bias", Width, 0);
  };
  for (int64_t layer = 0; layer < Layers; ++layer) {
    const std::string prefix = "blk." + std::to_string(layer) + ".";
    auto linear = [&](const std::string &name, int64_t out, int64_t in, GgmlType of) {
      write.matrix(prefix + name, out, in, of);
      write.vector(prefix + name + ".bias", out, 0);
    };
    norm(prefix + "attn_norm");
    norm(prefix + "ffn_norm");
    linear("attn_qkv", 3 * Width, Width, type);
    linear("attn_output", Width, Width, type);
    linear("ffn_up", Inner, Width, type);
    linear("ffn_down", Width, Inner, typeOfDown);
  }
  norm("output_norm");
  return write.file.build();
}

std::unique_ptr<ir::Component> capture(const std::string &file, Precision precision,
                                       int64_t opset = 21) {
  CaptureOptions options;
  options.precision = precision;
  options.opset = opset;
  auto component = valueOf(buildGraph(valueOf(openCheckpointModel(file, options)), options));
  EXPECT_EQ(errorOf(onnx::inferShapes(*component)), "");
  EXPECT_EQ(errorOf(onnx::checkModel(*component)), "");
  return component;
}

int64_t count(const ir::Component &component, llvm::StringRef op) {
  return llvm::count_if(component.graph.nodes(),
                        [&](const ir::Node &node) { return node.opType() == op; });
}

/// The logits of a prompt and, on its cache, of another token.
std::vector<float> logitsOf(const ir::Component &component) {
  DecoderRun run(component);
  std::vector<float> logits = run.run({3, 17, 39, 0, 8}, {1, 1, 1, 1, 1}, {0, 1, 2, 3, 4}, 1);
  const std::vector<float> next = run.run({21}, {1, 1, 1, 1, 1, 1}, {5}, 1);
  logits.insert(logits.end(), next.begin(), next.end());
  return logits;
}

void expectSameLogits(const std::string &file, int64_t opset) {
  if (llvm::Expected<std::string> version = runtime::version(); !version)
    GTEST_SKIP() << llvm::toString(version.takeError());
  const std::vector<float> expected = logitsOf(*capture(file, Precision::Float32, opset));
  const std::vector<float> actual = logitsOf(*capture(file, Precision::Keep, opset));
  const std::vector<int64_t> all(6, 1);
  EXPECT_LE(compare(expected, actual, all, 1, 6).largest, 1e-4f);
  const auto [least, most] = std::minmax_element(expected.begin(), expected.end());
  EXPECT_GT(*most - *least, 0.1f) << "logits that say something";
}

class QuantizedModel : public testing::TestWithParam<std::tuple<GgmlType, int64_t>> {
protected:
  GgmlType type() const { return std::get<0>(GetParam()); }
  int64_t opset() const { return std::get<1>(GetParam()); }
  TemporaryFolder folder;
};

TEST_P(QuantizedModel, ComputesWhatItsValuesDo) {
  expectSameLogits(folder.write("untied.gguf", llama(type(), /*isTied=*/false)), opset());
  expectSameLogits(folder.write("tied.gguf", llama(type(), /*isTied=*/true)), opset());
}

TEST_P(QuantizedModel, WithTransposedWeightsAndBiases) {
  expectSameLogits(folder.write("gpt2.gguf", gpt2(type(), type())), opset());
}

TEST_P(QuantizedModel, HasItsMatricesInBlocks) {
  const std::string file = folder.write("model.gguf", llama(type(), /*isTied=*/true));
  auto component = capture(file, Precision::Keep, opset());
  EXPECT_EQ(component->opsetVersion(""), opset());
  EXPECT_EQ(component->opsetVersion("com.microsoft"), 1);
  EXPECT_EQ(count(*component, "MatMulNBits"), 7 * Layers + 1);
  EXPECT_EQ(count(*component, "Gemm"), type() == GgmlType::Q41 ? 7 * Layers + 1 : 0);
  // The tied table is there once.
  const int64_t perLayer = 3 * Width * Width + 3 * Width * Inner;
  const int64_t values = Vocabulary * Width + Layers * perLayer;
  uint64_t bytes = 0;
  for (const ir::Value *value : component->graph.initializers()) {
    const llvm::StringRef name = value->name();
    if (name.ends_with(".quants") || name.ends_with(".scales") || name.ends_with(".minimums"))
      bytes += value->tensor()->byteSize();
  }
  const checkpoint::GgmlLayout layout = checkpoint::ggmlLayout(type());
  EXPECT_EQ(bytes, static_cast<uint64_t>(values) / layout.blockElements * layout.blockBytes);
}

TEST_P(QuantizedModel, IsDequantizedForOtherPrecisions) {
  const std::string file = folder.write("model.gguf", llama(type(), /*isTied=*/false));
  for (Precision precision : {Precision::Float16, Precision::Float32}) {
    auto component = capture(file, precision, opset());
    EXPECT_EQ(count(*component, "MatMulNBits"), 0);
    EXPECT_EQ(component->opsetVersion("com.microsoft"), std::nullopt);
  }
}

INSTANTIATE_TEST_SUITE_P(Types, QuantizedModel,
                         testing::Combine(testing::Values(GgmlType::Q40, GgmlType::Q41,
                                                          GgmlType::Q80),
                                          testing::Values(21, 23)));

TEST(QuantizedModel, OtherTypesAreValues) {
  TemporaryFolder folder;
  const std::string file = folder.write("gpt2.gguf", gpt2(GgmlType::Q40, GgmlType::Q4K));
  auto component = capture(file, Precision::Keep);
  EXPECT_EQ(count(*component, "MatMulNBits"), 3 * Layers + 1);
  EXPECT_EQ(count(*component, "Gemm"), Layers);
}

TEST(QuantizedModel, MisshapenMatricesAreProblems) {
  TemporaryFolder folder;
  std::string bytes = llama(GgmlType::Q40, /*isTied=*/true);
  const std::string key = "llama.feed_forward_length";
  bytes.replace(bytes.find(key) + key.size() + 4, 4, number(uint32_t{512}));
  const CheckpointModel model = valueOf(openCheckpointModel(folder.write("model.gguf", bytes), {}));
  EXPECT_THAT(errorOf(buildGraph(model, {})),
              testing::HasSubstr("'model.layers.0.mlp.gate_proj.weight' has shape [256, 64]"));
}

} // namespace
