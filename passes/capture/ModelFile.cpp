// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Resolves files and folders to the model that they are or hold.

#include "ModelFile.h"

#include "optrun/Results/Manifest.h"
#include "optrun/Storage/FileHandle.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <array>

namespace optrun {
namespace {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;
using Format = CaptureOptions::Format;
using Kind = ModelLocation::Kind;

llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

constexpr llvm::StringLiteral ConfigName = "config.json";

/// The first bytes of a file; fewer when it cannot be read: reading it says why.
std::string firstBytes(llvm::StringRef file) {
  constexpr size_t Count = 4;
  llvm::Expected<std::shared_ptr<const FileHandle>> handle = FileHandle::open(file);
  if (!handle) {
    llvm::consumeError(handle.takeError());
    return "";
  }
  std::array<uint8_t, Count> start{};
  if ((*handle)->size() < start.size())
    return "";
  if (llvm::Error error = (*handle)->read(0, start)) {
    llvm::consumeError(std::move(error));
    return "";
  }
  return {start.begin(), start.end()};
}

/// What is no ONNX file and no checkpoint that can be read, by its name or first bytes; else empty.
llvm::StringRef foreignKind(llvm::StringRef file, llvm::StringRef start) {
  const llvm::StringRef extension = path::extension(file);
  if (extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".ckpt")
    return "a PyTorch checkpoint; convert it to safetensors, or export it to ONNX, first";
  if (extension == ".tflite")
    return "a TensorFlow Lite model; convert it to ONNX first";
  if (start == llvm::StringRef("PK\3\4", 4))
    return "a zip archive or PyTorch checkpoint; convert it to safetensors, or export it to ONNX, "
           "first";
  return "";
}

bool isCheckpointFile(llvm::StringRef file) {
  return path::extension(file) == ".safetensors" || path::filename(file) == ConfigName;
}

ModelLocation checkpointAt(llvm::StringRef file) {
  if (!isCheckpointFile(file))
    return {Kind::Checkpoint, file.str()};
  const llvm::StringRef folder = path::parent_path(file); // one file of several
  return {Kind::Checkpoint, folder.empty() ? "." : folder.str()};
}

llvm::Expected<ModelLocation> findFile(llvm::StringRef file, Format format) {
  if (format == Format::Onnx)
    return ModelLocation{Kind::Onnx, file.str()};
  if (format != Format::Auto)
    return checkpointAt(file);
  const std::string start = firstBytes(file);
  if (llvm::StringRef kind = foreignKind(file, start); !kind.empty())
    return failure("'" + file + "' is " + kind);
  if (isCheckpointFile(file) || path::extension(file) == ".gguf" || start == "GGUF")
    return checkpointAt(file);
  return ModelLocation{Kind::Onnx, file.str()};
}

/// What a folder holds.
struct Content {
  std::vector<std::string> onnxFiles;   // names, sorted
  std::vector<std::string> weightFiles; // names: .safetensors and .gguf
  bool hasCheckpoint = false;           // or a part of one
};

llvm::Expected<Content> listFolder(llvm::StringRef folder) {
  Content content;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const llvm::StringRef name = path::filename(entry->path());
    if (name.ends_with(".onnx") && fs::is_regular_file(entry->path()))
      content.onnxFiles.push_back(name.str());
    if (name.ends_with(".safetensors") || name.ends_with(".gguf"))
      content.weightFiles.push_back(name.str());
    content.hasCheckpoint |= isCheckpointFile(name) || name.ends_with(".gguf");
  }
  if (error)
    return failure("cannot list '" + folder + "': " + error.message());
  llvm::sort(content.onnxFiles);
  return content;
}

/// Where a checkpoint lies in the folder, takes out the .onnx files that an earlier run has
/// exported beside it. A checkpoint that was exported together with them is a result, too.
void leaveOutExports(llvm::StringRef folder, Content &content) {
  llvm::Expected<std::optional<Manifest>> manifest = readManifest(folder);
  if (!manifest) // somebody else's, which says nothing about ours
    return llvm::consumeError(manifest.takeError());
  if (!*manifest)
    return;
  auto isExported = [&](llvm::StringRef name) {
    return llvm::any_of((*manifest)->files, [&](const auto &file) { return file.file == name; });
  };
  if (!llvm::all_of(content.weightFiles, isExported))
    llvm::erase_if(content.onnxFiles, isExported);
}

llvm::Error severalModels(llvm::StringRef folder, std::vector<std::string> names) {
  constexpr size_t MaxListed = 8;
  const size_t more = names.size() > MaxListed ? names.size() - MaxListed : 0;
  names.resize(names.size() - more);
  return failure("'" + folder + "' holds several models and none called model.onnx; name one: " +
                 llvm::join(names, ", ") +
                 (more > 0 ? ", and " + std::to_string(more) + " more" : std::string()));
}

llvm::Expected<ModelLocation> findInFolder(llvm::StringRef folder, Format format) {
  if (format == Format::HuggingFace || format == Format::Gguf)
    return ModelLocation{Kind::Checkpoint, folder.str()};
  llvm::Expected<Content> content = listFolder(folder);
  if (!content)
    return content.takeError();
  if (format == Format::Auto)
    leaveOutExports(folder, *content);
  const std::vector<std::string> &models = content->onnxFiles;
  if (models.size() == 1 || llvm::is_contained(models, "model.onnx")) {
    llvm::SmallString<128> file(folder);
    path::append(file, models.size() == 1 ? models.front() : "model.onnx");
    return ModelLocation{Kind::Onnx, file.str().str()};
  }
  if (models.size() > 1)
    return severalModels(folder, models);
  if (content->hasCheckpoint && format == Format::Auto)
    return ModelLocation{Kind::Checkpoint, folder.str()};
  return failure("there is no .onnx file in '" + folder + "'" +
                 (format == Format::Auto ? ", and no checkpoint" : ""));
}

llvm::Error checkSize(llvm::StringRef file, const CaptureOptions &options) {
  // Missing rights and things that are no files show before the run starts.
  llvm::Expected<std::shared_ptr<const FileHandle>> handle = FileHandle::open(file);
  if (!handle)
    return handle.takeError();
  if (options.maxFileSize && (*handle)->size() > options.maxFileSize->bytes)
    return failure("'" + file + "' has " + formatByteSize((*handle)->size()) +
                   ", more than max-file-size allows (" + printByteSize(*options.maxFileSize) +
                   ")");
  return llvm::Error::success();
}

} // namespace

llvm::Expected<ModelLocation> findModel(const CaptureOptions &options) {
  const llvm::StringRef model = options.model.path;
  fs::file_status status;
  if (std::error_code error = fs::status(model, status))
    return failure("cannot open '" + model + "': " + error.message());
  llvm::Expected<ModelLocation> found = fs::is_directory(status)
                                            ? findInFolder(model, options.format)
                                            : findFile(model, options.format);
  if (found && found->kind == Kind::Onnx)
    if (llvm::Error error = checkSize(found->path, options))
      return error;
  return found;
}

std::string componentName(llvm::StringRef modelFile) {
  llvm::StringRef name = path::filename(modelFile);
  name.consume_back(".onnx");
  return name.empty() ? "model" : name.str();
}

} // namespace optrun
