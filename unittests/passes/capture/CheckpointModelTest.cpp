// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// From a folder on disk to a graph, and what is refused on the way.

#include "CheckpointModel.h"

#include "DecoderFixture.h"
#include "TestSupport/Errors.h"
#include "TestSupport/TemporaryFolder.h"
#include "TestSupport/TestPaths.h"
#include "gmock/gmock.h"

#include <nlohmann/json.hpp>

using namespace optrun;
using namespace optrun::test;
using testing::AllOf;
using testing::HasSubstr;

namespace {

TEST(CheckpointModel, EveryFamilyIsBuilt) {
  for (const char *family : Families) {
    const std::string folder = fixture("checkpoints/" + std::string(family));
    CaptureOptions options;
    const CheckpointModel model = valueOf(openCheckpointModel(folder, options));
    EXPECT_EQ(model.mainFile, folder + "/config.json");
    auto component = valueOf(buildGraph(model, options));
    EXPECT_EQ(component->opsetVersion(""), 21) << family;
    EXPECT_TRUE(component->graph.findValue("present.3.value")) << family;
  }
}

TEST(CheckpointModel, OptionsReachTheGraph) {
  CaptureOptions options;
  options.precision = CaptureOptions::Precision::Float16;
  options.opset = 23;
  options.kvCache = false;
  auto component = valueOf(
      buildGraph(valueOf(openCheckpointModel(fixture("checkpoints/mistral"), options)), options));
  EXPECT_EQ(component->opsetVersion(""), 23);
  EXPECT_EQ(component->graph.outputs().size(), 1u);
  EXPECT_EQ(component->graph.outputs()[0]->type().elementType(), ir::DataType::Float16);
}

LanguageModel describe(CheckpointModel model) {
  return valueOf(describeLanguageModel(model, *valueOf(buildGraph(model, {}))));
}

TEST(CheckpointModel, IsDescribedAsItsGraphIsBuilt) {
  const std::string folder = fixture("checkpoints/qwen3");
  const LanguageModel model = describe(valueOf(openCheckpointModel(folder, {})));
  EXPECT_EQ(model.modelType, "qwen3");
  EXPECT_EQ(model.vocabularySize, 256);
  EXPECT_EQ(model.contextLength, 256);
  EXPECT_EQ(model.layerCount, 4);
  EXPECT_EQ(model.hiddenSize, 64);
  EXPECT_EQ(model.attentionHeads, 4);
  EXPECT_EQ(model.keyValueHeads, 2);
  EXPECT_EQ(model.headSize, 32);
  EXPECT_FALSE(model.tensors.empty());
  EXPECT_EQ(describe(valueOf(openCheckpointModel(fixture("checkpoints/gpt2"), {}))).contextLength,
            128);
}

TEST(CheckpointModel, IsDescribedWithTheDefaultsOfItsFamily) {
  TemporaryFolder folder;
  std::filesystem::copy(fixture("checkpoints/qwen3/model.safetensors"),
                        folder.path("model.safetensors"));
  auto config = nlohmann::json::parse(readCheckpoint("qwen3").config);
  config.erase("head_dim");
  folder.write("config.json", config.dump());
  CheckpointModel model = valueOf(openCheckpointModel(folder.path(""), {}));
  EXPECT_EQ(valueOf(describeLanguageModel(model, ir::Component())).headSize, 128)
      << "64 / 4 is what others have";
}

TEST(CheckpointModel, OfTheFormatThatWasAskedFor) {
  CaptureOptions options;
  options.format = CaptureOptions::Format::Gguf;
  EXPECT_THAT(errorOf(openCheckpointModel(fixture("checkpoints/llama"), options)),
              HasSubstr("checkpoints/llama' holds no .gguf file"));
}

TEST(CheckpointModel, WithAConfigurationThatCannotBeBuilt) {
  TemporaryFolder folder;
  std::filesystem::copy(fixture("checkpoints/llama/model.safetensors"),
                        folder.path("model.safetensors"));
  folder.write("config.json", R"({"model_type": "mamba"})");
  EXPECT_THAT(errorOf(openCheckpointModel(folder.path(""), {})),
              HasSubstr("'model_type' is \"mamba\"; supported are"));
}

} // namespace
