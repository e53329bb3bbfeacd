// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// make-checkpoint opt-1.3b|phi-3.5-mini|mistral-7b FOLDER [--bf16] [--sparse]
///
/// Writes a Hugging Face checkpoint of a published model's configuration and shapes, in half
/// precision or bfloat16, in files of at most 5 GB as the hub has them. Weights are random; with
/// --sparse they are zeros that take no room on the disk.

#include "CheckpointShapes.h"
#include "RandomWeights.h"

#include "optrun/Checkpoint/SafeTensorsWriter.h"
#include "optrun/Storage/OutputFile.h"
#include "optrun/Support/ByteSize.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/raw_ostream.h"

#include <filesystem>

using namespace llvm;
using namespace optrun;
using namespace optrun::test;

namespace {

constexpr uint64_t ShardBytes = 5'000'000'000;

struct Request {
  std::string model, folder;
  ir::DataType type = ir::DataType::Float16;
  bool sparse = false;
};

Error writeText(const std::string &path, StringRef text) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (Error error = file->append(arrayRefFromStringRef(text)))
    return error;
  return file->close();
}

/// The header of a file whose payloads follow each other, with the length in front.
std::string printHeader(ArrayRef<ir::TensorRef> tensors) {
  json::Object header;
  uint64_t end = 0;
  for (const ir::TensorRef &tensor : tensors) {
    const uint64_t start = end;
    end += tensor->byteSize();
    header[tensor->name()] =
        json::Object{{"dtype", tensor->dataType() == ir::DataType::Float16 ? "F16" : "BF16"},
                     {"shape", json::Array(tensor->dims())},
                     {"data_offsets", json::Array({start, end})}};
  }
  std::string text;
  raw_string_ostream(text) << json::Value(std::move(header));
  text.resize(alignTo(text.size(), 8), ' ');
  std::string length(8, '\0');
  support::endian::write64le(length.data(), text.size());
  return length + text;
}

Error writeHoles(const std::string &path, const checkpoint::SafeTensorsShard &shard) {
  const std::string header = printHeader(shard.tensors);
  if (Error error = writeText(path, header))
    return error;
  std::error_code error;
  std::filesystem::resize_file(path, header.size() + shard.payloadBytes, error);
  return errorCodeToError(error);
}

Error writeWeights(const std::string &path, const checkpoint::SafeTensorsShard &shard) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  if (Error error = checkpoint::writeSafeTensors(*file, shard.tensors, {},
                                                 [](uint64_t) { return Error::success(); }))
    return error;
  return file->close();
}

Error write(const Request &request, CheckpointShapes shapes) {
  std::vector<ir::TensorRef> tensors;
  uint64_t bytes = 0;
  for (const CheckpointShapes::Entry &entry : shapes.tensors) {
    const uint64_t size = 2 * entry.elementCount();
    Expected<ir::TensorRef> tensor =
        ir::Tensor::create(entry.name, request.type, entry.dims,
                           makeRandomWeights(request.type, size, tensors.size() + 1));
    if (!tensor)
      return tensor.takeError();
    tensors.push_back(std::move(*tensor));
    bytes += size;
  }

  std::filesystem::create_directories(request.folder);
  shapes.config["torch_dtype"] = request.type == ir::DataType::BFloat16 ? "bfloat16" : "float16";
  std::string config;
  raw_string_ostream(config) << formatv("{0:2}", json::Value(std::move(shapes.config)));
  if (Error error = writeText(request.folder + "/config.json", config))
    return error;

  const auto shards = checkpoint::divideIntoShards(tensors, ShardBytes);
  if (shards.size() > 1)
    if (Error error = writeText((request.folder + "/" + checkpoint::ShardIndexName).str(),
                                checkpoint::printShardIndex(shards)))
      return error;
  for (const checkpoint::SafeTensorsShard &shard : shards) {
    auto *place = request.sparse ? writeHoles : writeWeights;
    if (Error error = place(request.folder + "/" + shard.file, shard))
      return error;
  }
  outs() << request.folder << ": " << formatByteSize(bytes) << " of weights in " << shards.size()
         << (shards.size() == 1 ? " file\n" : " files\n");
  return Error::success();
}

std::optional<Request> parse(ArrayRef<const char *> arguments) {
  Request request;
  for (StringRef argument : arguments) {
    if (argument == "--bf16")
      request.type = ir::DataType::BFloat16;
    else if (argument == "--sparse")
      request.sparse = true;
    else if (argument.starts_with("-"))
      return std::nullopt;
    else if (request.model.empty())
      request.model = argument.str();
    else if (request.folder.empty())
      request.folder = argument.str();
    else
      return std::nullopt;
  }
  return request.folder.empty() ? std::nullopt : std::optional(request);
}

} // namespace

int main(int argc, char **argv) {
  std::optional<Request> request = parse(ArrayRef<const char *>(argv + 1, argv + argc));
  std::optional<CheckpointShapes> shapes;
  if (request)
    shapes = checkpointShapes(request->model);
  if (!shapes) {
    errs() << "usage: make-checkpoint opt-1.3b|phi-3.5-mini|mistral-7b FOLDER [--bf16] "
              "[--sparse]\n";
    return 2;
  }
  if (Error error = write(*request, std::move(*shapes))) {
    errs() << "make-checkpoint: " << toString(std::move(error)) << '\n';
    return 1;
  }
  return 0;
}
