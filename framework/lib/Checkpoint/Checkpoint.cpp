// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds out what a path is and has it read.

#include "optrun/Checkpoint/Checkpoint.h"

#include "Formats.h"
#include "Messages.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace optrun::checkpoint {
namespace {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

/// The only .gguf file in \p folder; empty when there is none.
llvm::Expected<std::string> findGguf(llvm::StringRef folder) {
  std::vector<std::string> found;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error))
    if (path::extension(entry->path()) == ".gguf")
      found.push_back(entry->path());
  if (error)
    return makeError("cannot list '" + folder + "': " + error.message());
  llvm::sort(found);
  if (found.size() > 1)
    return makeError("'" + folder + "' holds several .gguf files, " +
                     inQuotes(path::filename(found[0])) + " and " +
                     inQuotes(path::filename(found[1])) + " among them: name one");
  return found.empty() ? std::string() : found.front();
}

bool hasSafeTensors(llvm::StringRef folder) {
  return llvm::any_of(
      std::initializer_list<llvm::StringRef>{"model.safetensors", "model.safetensors.index.json"},
      [&](llvm::StringRef name) {
        llvm::SmallString<256> file(folder);
        path::append(file, name);
        return fs::exists(file);
      });
}

llvm::Expected<Checkpoint> openFolder(llvm::StringRef folder, const CheckpointOptions &options) {
  const bool mayBeEither = !options.format;
  if (options.format == CheckpointFormat::HuggingFace || (mayBeEither && hasSafeTensors(folder)))
    return openHuggingFaceFolder(folder);
  llvm::Expected<std::string> gguf = findGguf(folder);
  if (!gguf)
    return gguf.takeError();
  if (!gguf->empty())
    return openGgufCheckpoint(*gguf, options);
  return mayBeEither ? openHuggingFaceFolder(folder)
                     : makeError("'" + folder + "' holds no .gguf file");
}

} // namespace

bool isPickleName(llvm::StringRef name) {
  return llvm::is_contained({".bin", ".pt", ".pth", ".ckpt", ".pkl"}, path::extension(name));
}

const QuantizedBlocks *Checkpoint::quantizedBlocks(llvm::StringRef name) const {
  auto found = quantized.find(name);
  return found == quantized.end() ? nullptr : &found->second;
}

llvm::Error Checkpoint::add(ir::TensorRef tensor) {
  if (!byName.try_emplace(tensor->name(), tensor).second)
    return makeError("tensor " + inQuotes(tensor->name()) + " is there twice");
  inOrder.push_back(std::move(tensor));
  return llvm::Error::success();
}

void Checkpoint::addQuantizedBlocks(llvm::StringRef name, QuantizedBlocks blocks) {
  quantized[name] = std::move(blocks);
}

llvm::Expected<Checkpoint> openCheckpoint(llvm::StringRef path, const CheckpointOptions &options) {
  if (!fs::exists(path))
    return makeError("'" + path + "' does not exist");
  if (fs::is_directory(path))
    return openFolder(path, options);
  if (isPickleName(path))
    return makeError("'" + path + "' is " + llvm::StringRef(PickleAdvice).drop_front(2));
  if (path::extension(path) == ".safetensors" || path::extension(path) == ".json")
    return makeError("'" + path + "' is a part of a checkpoint; name its folder");
  if (options.format == CheckpointFormat::HuggingFace)
    return makeError("'" + path + "' is a file; a Hugging Face checkpoint is a folder");
  return openGgufCheckpoint(path, options);
}

} // namespace optrun::checkpoint
