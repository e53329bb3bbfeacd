// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Folders with config.json and model.safetensors, whole or in shards.

#include "Formats.h"
#include "Messages.h"
#include "ShardIndex.h"
#include "SmallFile.h"
#include "Storage/ModelFolder.h"

#include "optrun/Checkpoint/SafeTensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace optrun::checkpoint {
namespace {

namespace fs = llvm::sys::fs;

constexpr uint64_t MaxConfigBytes = uint64_t(4) << 20, MaxIndexBytes = uint64_t(100) << 20;
constexpr llvm::StringLiteral WholeName = "model.safetensors";
constexpr llvm::StringLiteral IndexName = "model.safetensors.index.json";

constexpr llvm::StringLiteral TokenizerNames[] = {
    "added_tokens.json",       "chat_template.jinja",     "chat_template.json", "merges.txt",
    "sentencepiece.bpe.model", "special_tokens_map.json", "spiece.model",       "tokenizer.json",
    "tokenizer.model",         "tokenizer_config.json",   "vocab.json",         "vocab.txt"};

class FolderReader {
public:
  explicit FolderReader(llvm::StringRef path)
      : folder(path), contents(ModelFolder::ofFile(inFolder("config.json"), "the name of its file",
                                                   "shards must lie in the folder of the model")) {}

  llvm::Expected<Checkpoint> read() {
    if (llvm::Error error = readConfig())
      return std::move(error);
    if (llvm::Error error = readGenerationConfig())
      return std::move(error);
    if (llvm::Error error = readTensors())
      return std::move(error);
    for (llvm::StringRef name : TokenizerNames)
      if (fs::is_regular_file(inFolder(name)))
        result.tokenizerFiles.push_back(inFolder(name));
    return std::move(result);
  }

private:
  std::string inFolder(llvm::StringRef name) const {
    llvm::SmallString<256> file(folder);
    llvm::sys::path::append(file, name);
    return file.str().str();
  }

  llvm::Error readConfig() {
    std::string file = inFolder("config.json");
    if (!fs::exists(file))
      return makeError("'" + folder + "' holds no config.json, which says what model it is");
    llvm::Expected<std::string> text = readSmallFile(file, MaxConfigBytes);
    if (!text)
      return text.takeError();
    if (llvm::Error error = checkJsonObject(*text))
      return inPlace(file, std::move(error));
    result.configJson = std::move(*text);
    return addFile(file);
  }

  llvm::Error readGenerationConfig() {
    std::string file = inFolder("generation_config.json");
    if (!fs::exists(file))
      return llvm::Error::success();
    llvm::Expected<std::string> text = readSmallFile(file, MaxConfigBytes);
    if (!text)
      return text.takeError();
    result.generationConfigJson = std::move(*text);
    return addFile(file);
  }

  llvm::Error readTensors() {
    // The order of the reference implementation.
    if (fs::exists(inFolder(WholeName)))
      return readWhole();
    if (fs::exists(inFolder(IndexName)))
      return readShards();
    return noWeights();
  }

  llvm::Error readWhole() {
    llvm::Expected<std::string> path = locate(WholeName);
    if (!path)
      return path.takeError();
    llvm::Expected<SafeTensorsFile> file = openShard(*path);
    if (!file)
      return file.takeError();
    for (const ir::TensorRef &tensor : file->tensors())
      if (llvm::Error error = result.add(tensor))
        return error;
    return llvm::Error::success();
  }

  llvm::Error readShards() {
    std::string indexFile = inFolder(IndexName);
    llvm::Expected<std::string> text = readSmallFile(indexFile, MaxIndexBytes);
    if (!text)
      return text.takeError();
    llvm::Expected<ShardIndex> index = parseShardIndex(*text);
    if (!index)
      return inPlace(indexFile, index.takeError());
    if (llvm::Error error = addFile(indexFile))
      return error;
    // All names first: no file is opened for an index that leads astray.
    std::vector<std::string> paths;
    for (const std::string &name : index->files) {
      llvm::Expected<std::string> file = locate(name);
      if (!file)
        return inPlace(indexFile, file.takeError());
      paths.push_back(std::move(*file));
    }
    for (const auto &[name, file] : llvm::zip(index->files, paths)) {
      llvm::Expected<SafeTensorsFile> shard = openShard(file);
      if (!shard)
        return inPlace(indexFile, shard.takeError());
      if (llvm::Error error = addShard(*shard, name, *index))
        return inPlace(indexFile, std::move(error));
    }
    return checkComplete(*index, indexFile);
  }

  llvm::Expected<std::string> locate(llvm::StringRef name) const {
    llvm::Expected<std::string> file = contents.locate(name);
    if (file && !name.ends_with(".safetensors"))
      return makeError(inQuotes(name) + " is no .safetensors file");
    return file;
  }

  llvm::Expected<SafeTensorsFile> openShard(const std::string &file) {
    result.files.push_back(file);
    return SafeTensorsFile::open(file);
  }

  llvm::Error addShard(const SafeTensorsFile &file, const std::string &name,
                       const ShardIndex &index) {
    for (const ir::TensorRef &tensor : file.tensors()) {
      auto listed = index.fileOf.find(tensor->name());
      if (listed == index.fileOf.end())
        return makeError("tensor " + inQuotes(tensor->name()) + " is in " + inQuotes(name) +
                         " but not in the index: they belong to different models");
      if (listed->second != name)
        return makeError("tensor " + inQuotes(tensor->name()) + " is in " + inQuotes(name) +
                         ", but the index says " + inQuotes(listed->second));
      if (llvm::Error error = result.add(tensor))
        return error;
    }
    return llvm::Error::success();
  }

  llvm::Error checkComplete(const ShardIndex &index, llvm::StringRef indexFile) {
    std::vector<llvm::StringRef> missing;
    for (const auto &entry : index.fileOf)
      if (!result.find(entry.first()))
        missing.push_back(entry.first());
    if (!missing.empty()) {
      llvm::StringRef first = *std::min_element(missing.begin(), missing.end());
      return makeError(indexFile + ": tensor " + inQuotes(first) + " is not in " +
                       inQuotes(index.fileOf.lookup(first)) + ", where the index says" +
                       (missing.size() == 1
                            ? std::string()
                            : " (and " + std::to_string(missing.size() - 1) + " more)") +
                       ": the files belong to different models");
    }
    uint64_t total = 0;
    for (const ir::TensorRef &tensor : result.tensors())
      total += tensor->byteSize();
    // Known to be wrong in checkpoints that are whole otherwise.
    if (index.totalBytes && *index.totalBytes != total)
      result.warnings.push_back((indexFile + ": the index says that all tensors have " +
                                 llvm::Twine(*index.totalBytes) + " bytes; they have " +
                                 llvm::Twine(total))
                                    .str());
    return llvm::Error::success();
  }

  llvm::Error noWeights() const {
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      llvm::StringRef name = llvm::sys::path::filename(entry->path());
      if (isPickleName(name) || name == "pytorch_model.bin.index.json")
        return makeError("'" + folder + "' holds its weights as " + inQuotes(name) + PickleAdvice);
    }
    return makeError("'" + folder + "' holds neither " + WholeName + " nor " + IndexName);
  }

  llvm::Error addFile(llvm::StringRef file) {
    llvm::SmallString<256> real;
    if (std::error_code error = fs::real_path(file, real))
      return makeError("cannot resolve '" + file + "': " + error.message());
    result.files.push_back(real.str().str());
    return llvm::Error::success();
  }

  std::string folder;
  ModelFolder contents;
  Checkpoint result;
};

} // namespace

llvm::ArrayRef<llvm::StringLiteral> tokenizerFileNames() { return TokenizerNames; }

llvm::Expected<Checkpoint> openHuggingFaceFolder(llvm::StringRef folder) {
  return FolderReader(folder).read();
}

} // namespace optrun::checkpoint
