// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Checkpoints whose tensors are not those of their config.json, and spellings that are fine.

#include "DecoderFixture.h"
#include "TestSupport/Errors.h"
#include "families/Families.h"
#include "gmock/gmock.h"

using namespace optrun;
using namespace optrun::test;
using testing::HasSubstr;

namespace {

ir::TensorRef tensorOf(const std::string &name, ir::Tensor::Dims dims,
                       ir::DataType type = ir::DataType::Float32) {
  uint64_t elements = 1;
  for (int64_t dim : dims)
    elements *= static_cast<uint64_t>(dim);
  std::vector<uint8_t> bytes(*ir::packedByteSize(type, elements));
  return valueOf(ir::Tensor::create(name, type, std::move(dims), ir::makeInlineSource(bytes)));
}

class CheckpointProblems : public testing::Test {
protected:
  std::string problems(const std::string &config = "") {
    auto parsed = valueOf(decoder::ModelConfig::parse(config.empty() ? checkpoint.config : config));
    return errorOf(decoder::buildDecoder(valueOf(decoder::describeModel(parsed)),
                                         {checkpoint.tensors, {}}, {}));
  }
  void erase(const std::string &name) {
    llvm::erase_if(checkpoint.tensors,
                   [&](const ir::TensorRef &tensor) { return tensor->name() == name; });
  }
  void rename(llvm::function_ref<std::string(llvm::StringRef)> newName) {
    for (ir::TensorRef &tensor : checkpoint.tensors)
      tensor = tensor->renamed(newName(tensor->name()));
  }

  DecoderCheckpoint checkpoint = readCheckpoint("llama");
};

TEST_F(CheckpointProblems, MissingTensors) {
  erase("model.norm.weight");
  EXPECT_EQ(problems(), "tensor 'model.norm.weight' is missing; its shape should be [64]");
}

TEST_F(CheckpointProblems, OtherShapes) {
  erase("model.norm.weight");
  checkpoint.tensors.push_back(tensorOf("model.norm.weight", {32, 2}));
  EXPECT_EQ(problems(),
            "tensor 'model.norm.weight' has shape [32, 2] where config.json asks for [64]");
}

TEST_F(CheckpointProblems, OtherTypes) {
  erase("model.norm.weight");
  for (auto [type, name] : {std::pair(ir::DataType::Int8, "int8"),
                            std::pair(ir::DataType::Float8E4M3FN, "float8e4m3fn")}) {
    checkpoint.tensors.push_back(tensorOf("model.norm.weight", {64}, type));
    EXPECT_EQ(problems(), "tensor 'model.norm.weight' has type " + std::string(name) +
                              "; weights are read as float16, bfloat16, float or double");
    checkpoint.tensors.pop_back();
  }
}

TEST_F(CheckpointProblems, TensorsOfAnotherModel) {
  checkpoint.tensors.push_back(tensorOf("model.layers.0.self_attn.q_proj.bias", {64}));
  EXPECT_EQ(problems(), "tensor 'model.layers.0.self_attn.q_proj.bias' is not part of the model");
}

TEST_F(CheckpointProblems, AreToldTogetherUpToALimit) {
  rename([](llvm::StringRef name) { return "x." + name.str(); });
  const std::string text = problems();
  EXPECT_THAT(text, HasSubstr("tensor 'model.embed_tokens.weight' is missing"));
  EXPECT_THAT(text, HasSubstr("\n... and 66 more like these"));
}

TEST_F(CheckpointProblems, SavedBuffersAreIgnored) {
  checkpoint.tensors.push_back(tensorOf("model.layers.0.self_attn.rotary_emb.inv_freq", {8}));
  EXPECT_EQ(problems(), "(no error)");
  checkpoint = readCheckpoint("gpt2");
  checkpoint.tensors.push_back(tensorOf("transformer.h.0.attn.bias", {1, 1, 128, 128}));
  checkpoint.tensors.push_back(tensorOf("transformer.h.0.attn.masked_bias", {}));
  EXPECT_EQ(problems(), "(no error)");
}

TEST_F(CheckpointProblems, PrefixesOfOldCheckpoints) {
  checkpoint = readCheckpoint("gpt2");
  rename([](llvm::StringRef name) { return name.substr(strlen("transformer.")).str(); });
  EXPECT_EQ(problems(), "(no error)");
  checkpoint = readCheckpoint("opt");
  rename([](llvm::StringRef name) { return name.substr(strlen("model.")).str(); });
  EXPECT_EQ(problems(), "(no error)");
}

TEST_F(CheckpointProblems, PrefixesOfModelsWithoutAHead) {
  auto withoutPrefix = [](llvm::StringRef name) { return name.substr(strlen("model.")).str(); };
  checkpoint = readCheckpoint("llama3-tied");
  rename(withoutPrefix);
  EXPECT_EQ(problems(), "(no error)");
  checkpoint = readCheckpoint("llama");
  erase("lm_head.weight");
  rename(withoutPrefix);
  EXPECT_EQ(problems(), "tensor 'lm_head.weight' is missing; its shape should be [256, 64]");
}

TEST_F(CheckpointProblems, ATiedHeadMayBeStoredAgain) {
  checkpoint = readCheckpoint("llama3-tied");
  const ir::TensorRef table = *llvm::find_if(checkpoint.tensors, [](const ir::TensorRef &tensor) {
    return tensor->name() == "model.embed_tokens.weight";
  });
  checkpoint.tensors.push_back(table->renamed("lm_head.weight"));
  EXPECT_EQ(problems(), "(no error)");
}

TEST_F(CheckpointProblems, ATiedHeadWithOtherNumbersIsNone) {
  checkpoint = readCheckpoint("llama3-tied");
  checkpoint.tensors.push_back(tensorOf("lm_head.weight", {256, 64}));
  EXPECT_THAT(problems(), HasSubstr("tensor 'lm_head.weight' differs from "
                                    "'model.embed_tokens.weight', though 'tie_word_embeddings'"));
}

TEST_F(CheckpointProblems, AHeadIsTiedWhenItIsNotStored) {
  erase("lm_head.weight");
  EXPECT_THAT(problems(), HasSubstr("'lm_head.weight' is missing")); // "tie_word_embeddings": false
  std::string silent = checkpoint.config;
  silent.replace(silent.find("\"tie_word_embeddings\""), strlen("\"tie_word_embeddings\""),
                 "\"something_else\"");
  EXPECT_EQ(problems(silent), "(no error)");
}

} // namespace
