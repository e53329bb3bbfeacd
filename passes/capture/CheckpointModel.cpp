// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From a checkpoint on disk to a graph.

#include "CheckpointModel.h"

#include "GenerationConfig.h"
#include "decoder/Decoder.h"
#include "families/Families.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/Path.h"

namespace optrun {
namespace {

using checkpoint::Checkpoint;

checkpoint::CheckpointOptions readingOptions(const CaptureOptions &options) {
  checkpoint::CheckpointOptions reading;
  if (options.precision == CaptureOptions::Precision::Float32)
    reading.dequantizedType = ir::DataType::Float32;
  if (options.format == CaptureOptions::Format::HuggingFace)
    reading.format = Checkpoint::Format::HuggingFace;
  if (options.format == CaptureOptions::Format::Gguf)
    reading.format = Checkpoint::Format::Gguf;
  return reading;
}

std::string mainFileOf(llvm::StringRef path, const Checkpoint &checkpoint) {
  if (checkpoint.format == Checkpoint::Format::Gguf)
    return checkpoint.files.front(); // the path may be the folder that holds it
  llvm::SmallString<256> config(path);
  llvm::sys::path::append(config, "config.json");
  return config.str().str();
}

} // namespace

llvm::Expected<CheckpointModel> openCheckpointModel(llvm::StringRef path,
                                                    const CaptureOptions &options) {
  llvm::Expected<Checkpoint> opened = checkpoint::openCheckpoint(path, readingOptions(options));
  if (!opened)
    return opened.takeError();
  const bool isGguf = opened->format == Checkpoint::Format::Gguf;
  llvm::Expected<decoder::ModelConfig> config = decoder::ModelConfig::parse(
      opened->configJson, isGguf ? "GGUF metadata, as config.json" : "config.json");
  if (!config)
    return config.takeError();
  llvm::Expected<decoder::DecoderDescription> description = decoder::describeModel(*config);
  if (!description)
    return description.takeError();
  std::string mainFile = mainFileOf(path, *opened);
  return CheckpointModel{std::move(*opened), std::move(*config), std::move(*description),
                         std::move(mainFile)};
}

llvm::Expected<std::unique_ptr<ir::Component>> buildGraph(const CheckpointModel &model,
                                                          const CaptureOptions &options) {
  const decoder::CheckpointTensors tensors{model.checkpoint.tensors(), [&](llvm::StringRef name) {
                                             return model.checkpoint.quantizedBlocks(name);
                                           }};
  llvm::Expected<std::unique_ptr<ir::Component>> component = decoder::buildDecoder(
      model.description, tensors,
      {.precision = options.precision, .opset = options.opset, .withCache = options.kvCache});
  if (component)
    (*component)->name = "model";
  return component;
}

llvm::Expected<LanguageModel> describeLanguageModel(CheckpointModel &model,
                                                    const ir::Component &component) {
  const Checkpoint &checkpoint = model.checkpoint;
  const decoder::DecoderDescription &description = model.description;
  LanguageModel result;
  result.modelType = model.config.text("model_type");
  result.vocabularySize = description.vocabularySize;
  result.contextLength = description.contextLength;
  result.layerCount = description.layerCount;
  result.hiddenSize = description.hiddenSize;
  result.attentionHeads = description.attention.heads;
  result.keyValueHeads = description.attention.keyValueHeads;
  result.headSize = description.attention.headSize;
  if (llvm::Error error = readGeneration(model.config, checkpoint.generationConfigJson, result))
    return error;
  result.configJson = checkpoint.configJson;
  result.generationConfigJson = checkpoint.generationConfigJson;
  result.tokenizerFiles = checkpoint.tokenizerFiles;
  result.gguf = checkpoint.gguf;
  result.tensors = checkpoint.tensors().vec();
  result.rememberWeights(component);
  return result;
}

} // namespace optrun
