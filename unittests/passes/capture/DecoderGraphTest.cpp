// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// What the graphs of decoders look like: to the ONNX checker, to those who split them, to those
/// who look for weights.

#include "DecoderFixture.h"
#include "TestSupport/ChainChecks.h"
#include "TestSupport/Errors.h"
#include "families/Families.h"
#include "gmock/gmock.h"

#include "optrun/Analysis/ModuleHierarchy.h"
#include "optrun/Onnx/Checks.h"
#include "optrun/Transforms/Partition.h"

#include <cmath>

using namespace optrun;
using namespace optrun::test;
using decoder::DecoderOptions;
using testing::ElementsAre;

namespace {

class DecoderGraph : public testing::TestWithParam<std::tuple<const char *, int64_t>> {
protected:
  std::string family() const { return std::get<0>(GetParam()); }
  std::unique_ptr<ir::Component> buildIt(bool withCache = true) const {
    return build(readCheckpoint(family()),
                 {.opset = std::get<1>(GetParam()), .withCache = withCache});
  }
};

TEST_P(DecoderGraph, IsValid) {
  for (bool withCache : {false, true}) {
    auto component = buildIt(withCache);
    EXPECT_EQ(errorOf(ir::verifyGraph(component->graph)), "");
    EXPECT_EQ(errorOf(onnx::checkModel(*component)), "");
    for (const auto &value : component->graph.values()) {
      EXPECT_NE(value->type().elementType(), ir::DataType::Undefined) << value->name().str();
      EXPECT_TRUE(value->type().shape()) << value->name().str();
    }
  }
}

TEST_P(DecoderGraph, EveryNodeHasItsModule) {
  auto component = buildIt();
  std::vector<std::string> paths;
  for (const ir::Node &node : component->graph.nodes()) {
    EXPECT_NE(node.modulePath, "") << node.name;
    paths.push_back(node.modulePath);
  }
  // The same paths are found by those who only have the file.
  EXPECT_EQ(valueOf(recoverModuleHierarchy(*component)).evidence, HierarchyEvidence::Metadata);
  size_t index = 0;
  for (const ir::Node &node : component->graph.nodes())
    EXPECT_EQ(node.modulePath, paths[index++]) << node.name;
  EXPECT_EQ(valueOf(findRepeatedBlock(*component)).layers.size(), 4u);
}

TEST_P(DecoderGraph, SplitInTwoComputesTheSame) {
  auto component = buildIt();
  const RepeatedBlock block = valueOf(findRepeatedBlock(*component));
  std::vector<uint32_t> seeds;
  for (uint32_t layer : layerOfNodes(*component, block))
    seeds.push_back(layer == NoLayer ? Unassigned : layer < block.layers.size() / 2 ? 0 : 1);
  const Partition partition = valueOf(completePartition(component->graph, seeds, 2));
  EXPECT_TRUE(partition.moved.empty());
  Chain chain = valueOf(cutComponent(*component, partition, {"split_0", "split_1"}));
  EXPECT_TRUE(chainIsComplete(*component, chain));
  EXPECT_TRUE(chainComputesTheSame(*component, chain));
}

TEST_P(DecoderGraph, ARowOfPaddingStaysFinite) {
  auto component = buildIt();
  DecoderRun run(*component);
  for (float logit : run.run({1, 2, 3, 4}, {1, 1, 0, 0}, {0, 1, 1, 1}, 2))
    ASSERT_TRUE(std::isfinite(logit));
}

INSTANTIATE_TEST_SUITE_P(Families, DecoderGraph,
                         testing::Combine(testing::ValuesIn(Families), testing::Values(21, 23)),
                         [](const auto &test) {
                           std::string name = std::get<0>(test.param);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name + "_opset" + std::to_string(std::get<1>(test.param));
                         });

const ir::Node *findNode(const ir::Component &component, llvm::StringRef name) {
  for (const ir::Node &node : component.graph.nodes())
    if (node.name == name)
      return &node;
  return nullptr;
}

TEST(DecoderNames, FollowTheModules) {
  auto component = build(readCheckpoint("llama"));
  const ir::Node *node = findNode(*component, "/model/layers.0/self_attn/q_proj/Gemm");
  ASSERT_TRUE(node);
  EXPECT_EQ(node->modulePath, "model.layers.0.self_attn.q_proj");
  EXPECT_EQ(node->input(1)->name(), "model.layers.0.self_attn.q_proj.weight");
  EXPECT_THAT(node->metadata,
              ElementsAre(std::pair(std::string("pkg.torch.onnx.name_scopes"),
                                    std::string("['', 'model', 'model.layers.0', "
                                                "'model.layers.0.self_attn', "
                                                "'model.layers.0.self_attn.q_proj', 'Gemm']"))));
}

TEST(DecoderInterface, WithCache) {
  auto component = build(readCheckpoint("gpt2"));
  EXPECT_THAT(namesOf(component->graph.inputs().take_front(5)),
              ElementsAre("input_ids", "attention_mask", "position_ids", "past_key_values.0.key",
                          "past_key_values.0.value"));
  EXPECT_THAT(namesOf(component->graph.outputs().take_front(3)),
              ElementsAre("logits", "present.0.key", "present.0.value"));
  std::string type;
  llvm::raw_string_ostream os(type);
  component->graph.outputs()[1]->type().print(os);
  EXPECT_EQ(type, "float[batch_size,4,past_sequence_length + sequence_length,16]");
}

TEST(DecoderInterface, WithoutCache) {
  auto component = build(readCheckpoint("gpt2"), {.withCache = false});
  EXPECT_THAT(namesOf(component->graph.inputs()),
              ElementsAre("input_ids", "attention_mask", "position_ids"));
  EXPECT_THAT(namesOf(component->graph.outputs()), ElementsAre("logits"));
}

TEST(DecoderWeights, StayInTheCheckpoint) {
  const DecoderCheckpoint checkpoint = readCheckpoint("phi3"); // fp16
  auto component = build(checkpoint);
  for (const ir::TensorRef &tensor : checkpoint.tensors) {
    const ir::Value *value = component->graph.findValue(tensor->name());
    ASSERT_TRUE(value) << tensor->name().str();
    EXPECT_EQ(value->tensor()->source(), tensor->source());
  }
}

TEST(DecoderWeights, InBFloat16AreConvertedWhenTheyAreRead) {
  auto component = build(readCheckpoint("qwen2"));
  const ir::Value *value = component->graph.findValue("model.layers.0.self_attn.q_proj.weight");
  EXPECT_EQ(value->tensor()->dataType(), ir::DataType::Float32);
  EXPECT_FALSE(value->tensor()->source()->inlineBytes());
}

TEST(DecoderWeights, TiedOnesAreOneInitializer) {
  auto component = build(readCheckpoint("llama3-tied"));
  const ir::Value *table = component->graph.findValue("model.embed_tokens.weight");
  std::vector<std::string> users;
  for (const ir::Use &use : table->uses())
    users.push_back(use.user()->name);
  EXPECT_THAT(users, ElementsAre("/model/embed_tokens/Gather", "/lm_head/Gemm"));
}

/// Computed in 32 bits, the reference does not round the factor to the stored type either.
TEST(DecoderEmbeddings, AreScaledAsPreciselyAsTheGraphComputes) {
  const DecoderCheckpoint checkpoint = readCheckpoint("gemma2"); // bfloat16
  auto config = valueOf(decoder::ModelConfig::parse(checkpoint.config));
  auto description = valueOf(decoder::describeModel(config));
  description.embedding.factor = std::sqrt(48.0f); // the checkpoint's 8 is exact in any type
  auto component = valueOf(decoder::buildDecoder(description, {checkpoint.tensors, {}}, {}));
  const ir::Node *product = findNode(*component, "/model/Mul");
  ASSERT_TRUE(product);
  float factor = 0;
  ASSERT_EQ(errorOf(product->input(1)->tensor()->source()->read(
                0, {reinterpret_cast<uint8_t *>(&factor), sizeof(factor)})),
            "");
  EXPECT_EQ(factor, std::sqrt(48.0f));
}

TEST(DecoderMasks, AreMadeOnceForEachKind) {
  auto component = build(readCheckpoint("gemma2"));
  const auto masks = llvm::count_if(component->graph.nodes(),
                                    [](const ir::Node &node) { return node.isOp("Where"); });
  EXPECT_EQ(masks, 2);
}

} // namespace
