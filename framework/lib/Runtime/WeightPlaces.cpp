// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Refers to weights in files, or writes them to one.

#include "optrun/Runtime/WeightPlaces.h"

#include "optrun/IR/Payloads.h"
#include "optrun/IR/TensorOutput.h"
#include "optrun/Onnx/ExternalTensors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace llvm;

namespace optrun::runtime {
namespace {

/// So that the file can be mapped and ranges of other files be shared with it.
constexpr uint64_t PayloadAlignment = 4096;

/// The place of \p tensor relative to \p folder, if that is where its file is.
std::optional<onnx::ExternalPlace> placeIn(StringRef folder, const ir::Tensor &tensor) {
  std::optional<ir::FileRange> range = tensor.source()->fileRange();
  SmallString<256> path;
  if (!range || sys::fs::real_path(range->file->path(), path))
    return std::nullopt;
  StringRef name = path;
  if (!name.consume_front(folder) || !name.consume_front("/"))
    return std::nullopt;
  return onnx::ExternalPlace{name.str(), range->offset, range->length};
}

/// The folder of the first weight that is a range of a file.
std::string firstFolder(const ir::Component &model) {
  SmallString<256> path;
  onnx::forEachExternalTensor(model, [&](const ir::TensorRef &tensor) {
    if (!path.empty())
      return;
    if (std::optional<ir::FileRange> range = tensor->source()->fileRange())
      if (sys::fs::real_path(range->file->path(), path))
        path.clear();
  });
  return sys::path::parent_path(path).str();
}

} // namespace

WeightPlaces findWeightPlaces(const ir::Component &model, StringRef folder) {
  WeightPlaces places;
  onnx::forEachExternalTensor(model, [&](const ir::TensorRef &tensor) {
    if (std::optional<onnx::ExternalPlace> place = placeIn(folder, *tensor))
      places[tensor.get()] = std::move(*place);
  });
  return places;
}

std::optional<WeightFolder> findAllWeights(const ir::Component &model) {
  WeightFolder found;
  found.folder = firstFolder(model);
  found.places = findWeightPlaces(model, found.folder);
  bool isComplete = true;
  onnx::forEachExternalTensor(model, [&](const ir::TensorRef &tensor) {
    isComplete &= found.places.contains(tensor.get());
  });
  return isComplete ? std::optional(std::move(found)) : std::nullopt;
}

Expected<WeightFolder> writeWeights(const ir::Component &model, StringRef path,
                                    function_ref<Error(uint64_t)> advance) {
  Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  const std::string name = sys::path::filename(path).str();
  std::vector<ir::TensorRef> weights;
  onnx::forEachExternalTensor(model,
                              [&](const ir::TensorRef &tensor) { weights.push_back(tensor); });

  WeightFolder written;
  ir::PayloadIndex payloads;
  std::vector<uint64_t> offsets; // of each payload
  for (const ir::TensorRef &tensor : weights) {
    auto [index, isNew] = payloads.add(*tensor);
    if (isNew) {
      if (Error error = file->alignTo(PayloadAlignment))
        return error;
      offsets.push_back(file->position());
      uint64_t done = 0;
      if (Error error = ir::appendPayload(*file, *tensor, [&](uint64_t bytes) {
            return advance(bytes - std::exchange(done, bytes));
          }))
        return error;
    }
    written.places[tensor.get()] = {name, offsets[index], tensor->byteSize()};
  }
  if (Error error = file->close())
    return error;
  SmallString<256> real;
  if (std::error_code code = sys::fs::real_path(path, real))
    return createFileError(path, code);
  written.folder = sys::path::parent_path(real).str();
  return written;
}

} // namespace optrun::runtime
