// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Planning of the files of targets.

#include "TargetFiles.h"

#include "GenAiConfig.h"

#include "optrun/Checkpoint/GgufTokenizer.h"
#include "optrun/Checkpoint/SafeTensors.h"
#include "optrun/Checkpoint/SafeTensorsWriter.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::exporting {
namespace {

using checkpoint::SafeTensorsShard;

Error writeShard(const SafeTensorsShard &shard, StringRef path, Advance advance) {
  // Readers of the hub's libraries refuse files that do not say this.
  const std::pair<std::string, std::string> metadata[] = {{"format", "pt"}};
  Expected<OutputFile> out = OutputFile::create(path);
  if (!out)
    return out.takeError();
  Steps steps(advance);
  if (Error error = checkpoint::writeSafeTensors(*out, shard.tensors, metadata,
                                                 [&](uint64_t bytes) { return steps.upTo(bytes); }))
    return error;
  if (Error error = out->close())
    return error;
  // The reader is strict, and what it reads is a fact.
  Expected<checkpoint::SafeTensorsFile> written = checkpoint::SafeTensorsFile::open(path);
  if (!written)
    return createStringError("'" + shard.file +
                             "' cannot be read back: " + toString(written.takeError()));
  if (written->tensors().size() != shard.tensors.size())
    return createStringError("internal error: '" + shard.file + "' lacks tensors");
  return Error::success();
}

class TargetPlanner {
public:
  TargetPlanner(const ExportOptions &options, const ir::Package &package,
                const LanguageModel &model)
      : options(options), package(package), model(model) {}

  Expected<TargetFiles> plan(ArrayRef<std::string> onnxNames) {
    if (options.has(Target::GenAi))
      if (Error error = addGenAi(onnxNames))
        return std::move(error);
    if (options.has(Target::SafeTensors))
      if (Error error = addCheckpoint())
        return std::move(error);
    if (Error error = addTokenizer())
      return std::move(error);
    return std::move(result);
  }

private:
  Error addGenAi(ArrayRef<std::string> onnxNames) {
    Expected<std::string> config = printGenAiConfig(model, package.components, onnxNames);
    if (!config)
      return createStringError("genai: " + toString(config.takeError()));
    result.files.push_back(makeTextFile(GenAiConfigName, std::move(*config)));
    return Error::success();
  }

  Error addCheckpoint() {
    if (Error error = model.checkWeightsUnchanged(package))
      return createStringError("safetensors: it holds the weights of the checkpoint, and " +
                               toString(std::move(error)));
    std::vector<SafeTensorsShard> shards =
        checkpoint::divideIntoShards(model.tensors, options.maxShardBytes());
    if (shards.empty())
      return createStringError("safetensors: the checkpoint has no tensors");
    if (shards.size() > 1)
      result.files.push_back(
          makeTextFile(checkpoint::ShardIndexName, checkpoint::printShardIndex(shards)));
    for (SafeTensorsShard &shard : shards) {
      SideFile file{shard.file, shard.payloadBytes, nullptr, /*isCheckpoint=*/true};
      file.write = [shard = std::move(shard)](StringRef path, Advance advance) {
        return writeShard(shard, path, advance);
      };
      result.files.push_back(std::move(file));
    }
    result.files.push_back(makeTextFile(ConfigName, model.configJson));
    if (!model.generationConfigJson.empty())
      result.files.push_back(makeTextFile(GenerationConfigName, model.generationConfigJson));
    return Error::success();
  }

  Error addTokenizer() {
    if (model.tokenizerFiles.empty() && model.gguf)
      convertTokenizer();
    else if (model.tokenizerFiles.empty())
      warnOfNoTokenizer("the checkpoint comes without files of a tokenizer");
    for (const std::string &file : model.tokenizerFiles)
      if (Error error = addCopy(file))
        return error;
    return Error::success();
  }

  void convertTokenizer() {
    Expected<checkpoint::TokenizerTexts> texts = checkpoint::convertGgufTokenizer(*model.gguf);
    if (!texts)
      return warnOfNoTokenizer(toString(texts.takeError()));
    result.files.push_back(makeTextFile("tokenizer.json", std::move(texts->tokenizerJson)));
    result.files.push_back(makeTextFile("tokenizer_config.json", std::move(texts->configJson)));
  }

  void warnOfNoTokenizer(const Twine &reason) {
    result.warnings.push_back((reason + ": put the files of its tokenizer (tokenizer.json, "
                                        "tokenizer_config.json) into the output folder, or give "
                                        "token ids to the model yourself")
                                  .str());
  }

  Error addCopy(const std::string &path) {
    result.read.push_back({path});
    SmallString<256> target(options.output.path);
    sys::path::append(target, sys::path::filename(path));
    if (sys::fs::equivalent(path, target))
      return Error::success();
    Expected<SideFile> copy = makeCopy(path);
    if (!copy)
      return copy.takeError();
    result.files.push_back(std::move(*copy));
    return Error::success();
  }

  const ExportOptions &options;
  const ir::Package &package;
  const LanguageModel &model;
  TargetFiles result;
};

} // namespace

Expected<TargetFiles> planTargets(const ExportOptions &options, const ir::Package &package,
                                  ArrayRef<std::string> onnxNames) {
  if (!options.has(Target::GenAi) && !options.has(Target::SafeTensors))
    return TargetFiles();
  const auto *model = package.attachments.get<LanguageModel>();
  if (!model)
    return createStringError(NeedsLanguageModel);
  return TargetPlanner(options, package, *model).plan(onnxNames);
}

} // namespace optrun::exporting
