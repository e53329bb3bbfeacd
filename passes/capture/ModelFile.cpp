// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Resolves files and folders to the .onnx file in them.

#include "ModelFile.h"

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

llvm::Error failure(const llvm::Twine &message) {
  return llvm::createStringError(std::make_error_code(std::errc::invalid_argument), message);
}

constexpr llvm::StringLiteral OnlyOnnx =
    ", which this version cannot capture; export it to ONNX first";

/// What a file that is no ONNX model is, by its name or first bytes; empty when it may be one.
llvm::StringRef foreignKind(llvm::StringRef file) {
  const llvm::StringRef extension = path::extension(file);
  if (extension == ".safetensors")
    return "a safetensors checkpoint";
  if (extension == ".gguf")
    return "a GGUF model";
  if (extension == ".bin" || extension == ".pt" || extension == ".pth" || extension == ".ckpt")
    return "a PyTorch checkpoint";
  if (extension == ".tflite")
    return "a TensorFlow Lite model";
  llvm::Expected<std::shared_ptr<const FileHandle>> handle = FileHandle::open(file);
  if (!handle) {
    llvm::consumeError(handle.takeError()); // reading it says why
    return "";
  }
  std::array<uint8_t, 4> start{};
  if ((*handle)->size() < start.size())
    return "";
  if (llvm::Error error = (*handle)->read(0, start)) {
    llvm::consumeError(std::move(error));
    return "";
  }
  const llvm::StringRef text(reinterpret_cast<const char *>(start.data()), start.size());
  if (text == "GGUF")
    return "a GGUF model";
  if (text == llvm::StringRef("PK\3\4", 4))
    return "a zip archive or PyTorch checkpoint";
  return "";
}

llvm::Expected<std::string> findInFolder(llvm::StringRef folder) {
  std::vector<std::string> models;
  bool hasCheckpoint = false, hasGguf = false;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const llvm::StringRef name = path::filename(entry->path());
    if (name.ends_with(".onnx") && fs::is_regular_file(entry->path()))
      models.push_back(name.str());
    hasCheckpoint |= name.ends_with(".safetensors") || name == "config.json";
    hasGguf |= name.ends_with(".gguf");
  }
  if (error)
    return failure("cannot list '" + folder + "': " + error.message());
  llvm::sort(models);
  auto inFolder = [&](llvm::StringRef name) {
    llvm::SmallString<128> file(folder);
    path::append(file, name);
    return file.str().str();
  };
  if (models.size() == 1 || llvm::is_contained(models, "model.onnx"))
    return inFolder(models.size() == 1 ? models.front() : "model.onnx");
  if (models.size() > 1) {
    constexpr size_t MaxListed = 8;
    const size_t more = models.size() > MaxListed ? models.size() - MaxListed : 0;
    models.resize(models.size() - more);
    return failure("'" + folder + "' holds several models and none called model.onnx; name one: " +
                   llvm::join(models, ", ") +
                   (more > 0 ? ", and " + std::to_string(more) + " more" : std::string()));
  }
  if (hasCheckpoint)
    return failure("'" + folder + "' is a Hugging Face checkpoint" + OnlyOnnx);
  if (hasGguf)
    return failure("'" + folder + "' holds a GGUF model" + OnlyOnnx);
  return failure("there is no .onnx file in '" + folder + "'");
}

} // namespace

llvm::Expected<std::string> findModelFile(const CaptureOptions &options) {
  const llvm::StringRef model = options.model.path;
  fs::file_status status;
  if (std::error_code error = fs::status(model, status))
    return failure("cannot open '" + model + "': " + error.message());
  std::string file = model.str();
  if (fs::is_directory(status)) {
    llvm::Expected<std::string> found = findInFolder(model);
    if (!found)
      return found.takeError();
    file = std::move(*found);
  } else if (options.format == CaptureOptions::Format::Auto) {
    if (llvm::StringRef kind = foreignKind(file); !kind.empty())
      return failure("'" + model + "' is " + kind + OnlyOnnx);
  }
  // Missing rights and things that are no files show before the run starts.
  llvm::Expected<std::shared_ptr<const FileHandle>> handle = FileHandle::open(file);
  if (!handle)
    return handle.takeError();
  if (options.maxFileSize && (*handle)->size() > options.maxFileSize->bytes)
    return failure("'" + llvm::Twine(file) + "' has " + formatByteSize((*handle)->size()) +
                   ", more than max-file-size allows (" + printByteSize(*options.maxFileSize) +
                   ")");
  return file;
}

std::string componentName(llvm::StringRef modelFile) {
  llvm::StringRef name = path::filename(modelFile);
  name.consume_back(".onnx");
  return name.empty() ? "model" : name.str();
}

} // namespace optrun
