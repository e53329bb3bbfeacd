// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Placement of weights in data files.

#include "PlacementPlan.h"

#include "optrun/Onnx/ExternalTensors.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <limits>

using namespace llvm;

namespace optrun::exporting {
namespace {

constexpr StringLiteral SharedName = "model";
constexpr StringLiteral DataExtension = ".data";
/// How many of 16 parts of a scratch file have to be weights, if it is to become a data file.
constexpr uint64_t LeastUsedSixteenths = 15;

/// Lays payloads out in files of at most a given size, each once, by the rule that Hugging Face's
/// hub shards by: a payload that is larger has a file of its own, and the current one stays open;
/// another one that does not fit starts the next.
class ShardBuilder {
public:
  explicit ShardBuilder(uint64_t maxSize = std::numeric_limits<uint64_t>::max())
      : maxSize(maxSize) {}

  /// The number of the file and the offset in it.
  std::pair<size_t, uint64_t> add(const ir::TensorRef &tensor) {
    if (const auto range = tensor->source()->fileRange(); range && begin && range->file == begin)
      return {0, range->offset};
    if (auto [index, isNew] = payloads.add(*tensor); !isNew)
      return places[index];
    if (tensor->byteSize() > maxSize) {
      shards.emplace_back();
      places.emplace_back(shards.size() - 1, append(shards.back(), tensor));
      return places.back();
    }
    if (!open || endOf(shards[*open], *tensor) > maxSize) {
      open = shards.size();
      shards.emplace_back();
    }
    places.emplace_back(*open, append(shards[*open], tensor));
    return places.back();
  }

  /// The first file is to begin with this scratch file.
  void beginWith(std::shared_ptr<const FileHandle> scratch) {
    assert(shards.empty());
    begin = std::move(scratch);
    open = 0;
    shards.emplace_back();
    shards.front().kind = DataFile::Kind::Scratch;
    shards.front().source = begin;
    shards.front().size = begin->size();
  }

  std::vector<DataFile> take() { return std::move(shards); }

private:
  static uint64_t endOf(const DataFile &file, const ir::Tensor &tensor) {
    return alignTo(file.size, PayloadAlignment) + tensor.byteSize();
  }

  static uint64_t append(DataFile &file, const ir::TensorRef &tensor) {
    file.payloads.push_back({tensor, alignTo(file.size, PayloadAlignment)});
    file.size = endOf(file, *tensor);
    return file.payloads.back().offset;
  }

  uint64_t maxSize;
  std::shared_ptr<const FileHandle> begin; // null: none
  std::vector<DataFile> shards;
  std::optional<size_t> open; // the file that takes what fits
  ir::PayloadIndex payloads;
  std::vector<std::pair<size_t, uint64_t>> places; // of payloads
};

/// The scratch file that holds nothing but weights of \p component, or little else; null if there
/// is none.
std::shared_ptr<const FileHandle> filledScratchFile(const ir::Component &component) {
  std::shared_ptr<const FileHandle> scratch;
  uint64_t used = 0;
  ir::PayloadIndex payloads;
  onnx::forEachExternalTensor(component, [&](const ir::TensorRef &tensor) {
    const std::optional<ir::FileRange> range = tensor->source()->fileRange();
    if (!range || !range->file->isScratch() || !payloads.add(*tensor).second)
      return;
    if (scratch != range->file)
      used = 0; // of the last one that there is
    scratch = range->file;
    used += range->length;
  });
  return scratch && used / LeastUsedSixteenths >= scratch->size() / 16 ? scratch : nullptr;
}

/// "model.onnx.data", or "model.onnx-00002-of-00005.data".
std::string shardName(StringRef onnxName, size_t shard, size_t shards) {
  if (shards == 1)
    return (onnxName + DataExtension).str();
  return formatv("{0}-{1,0+5}-of-{2,0+5}{3}", onnxName, shard + 1, shards, DataExtension).str();
}

/// \p path relative to \p folder, '/' between components; nullopt when it is not inside or does not
/// lead to \p file any more (the scratch file of a run has no name; a file may have been replaced).
std::optional<std::string> relativeInside(const FileHandle &file, StringRef folder) {
  SmallString<256> path;
  if (folder.empty() || sys::fs::real_path(file.path(), path))
    return std::nullopt;
  sys::fs::file_status status;
  if (sys::fs::status(path, status) || status.getUniqueID().getFile() != file.inode() ||
      status.getUniqueID().getDevice() != file.device())
    return std::nullopt;
  StringRef rest = path;
  if (!rest.consume_front(folder) || (!folder.ends_with("/") && !rest.consume_front("/")))
    return std::nullopt;
  return rest.str();
}

/// The data files of a shared placement, each opened file looked at once.
class SharedBuilder {
public:
  explicit SharedBuilder(const SharedPlacement &options) : options(options) {
    if (sys::fs::getUniqueID(options.modelFile, modelFile))
      modelFile = {};
  }

  /// First over all tensors: finds out whether the payloads that are not in place lie in one file.
  void survey(const ir::Tensor &tensor) {
    std::optional<ir::FileRange> range = tensor.source()->fileRange();
    if (range && indexInPlace(range->file))
      return;
    bool isData =
        range && sys::fs::UniqueID(range->file->device(), range->file->inode()) != modelFile;
    if (!isData || (onlySource && !isSame(*onlySource, *range->file)))
      copyWhole = false;
    else if (!onlySource)
      onlySource = range->file;
  }

  /// Then over all again: the place of a tensor.
  std::pair<size_t, uint64_t> place(const ir::TensorRef &tensor) {
    std::optional<ir::FileRange> range = tensor->source()->fileRange();
    if (range) {
      if (std::optional<size_t> index = indexInPlace(range->file))
        return {*index, range->offset};
      if (options.hardLinks && isNamed(*range->file))
        return {indexOf(range->file, DataFile::Kind::Linked), range->offset};
      if (copyWhole && onlySource)
        return {indexOf(range->file, DataFile::Kind::Copied), range->offset};
    }
    if (!builtIndex) {
      builtIndex = files.size();
      files.emplace_back();
    }
    return {*builtIndex, builder.add(tensor).second};
  }

  std::vector<DataFile> take() {
    if (builtIndex)
      files[*builtIndex] = std::move(builder.take().front());
    size_t named = 0;
    for (DataFile &file : files)
      if (file.kind != DataFile::Kind::Own) {
        file.name = (SharedName + (named ? "_" + Twine(named) : Twine()) + DataExtension).str();
        ++named;
      }
    return std::move(files);
  }

private:
  static bool isSame(const FileHandle &left, const FileHandle &right) {
    return left.device() == right.device() && left.inode() == right.inode();
  }

  /// True when the file still has the name that it was opened by.
  static bool isNamed(const FileHandle &file) { return relativeInside(file, "/").has_value(); }

  std::optional<size_t> indexInPlace(const std::shared_ptr<const FileHandle> &file) {
    auto [entry, isNew] = inPlace.try_emplace(file.get());
    if (isNew)
      if (std::optional<std::string> name = relativeInside(*file, options.folder)) {
        entry->second = indexOf(file, DataFile::Kind::Own);
        files[*entry->second].name = *name;
      }
    return inPlace[file.get()];
  }

  size_t indexOf(const std::shared_ptr<const FileHandle> &file, DataFile::Kind kind) {
    for (size_t i = 0; i != files.size(); ++i)
      if (files[i].source && isSame(*files[i].source, *file))
        return i;
    DataFile result;
    result.kind = kind;
    result.source = file;
    result.size = file->size();
    files.push_back(std::move(result));
    return files.size() - 1;
  }

  const SharedPlacement &options;
  sys::fs::UniqueID modelFile;
  std::vector<DataFile> files;
  DenseMap<const FileHandle *, std::optional<size_t>> inPlace;
  std::shared_ptr<const FileHandle> onlySource;
  bool copyWhole = true;
  ShardBuilder builder; // of one file
  std::optional<size_t> builtIndex;
};

} // namespace

PlacementPlan placeInline(Components components) {
  PlacementPlan plan;
  plan.components.resize(components.size());
  return plan;
}

PlacementPlan placeSingle(Components components, ArrayRef<std::string> onnxNames,
                          uint64_t maxFileSize) {
  PlacementPlan plan = placeInline(components);
  for (size_t i = 0; i != components.size(); ++i) {
    ComponentPlacement &placement = plan.components[i];
    ShardBuilder builder(maxFileSize);
    if (components.size() == 1 && maxFileSize == std::numeric_limits<uint64_t>::max())
      if (std::shared_ptr<const FileHandle> scratch = filledScratchFile(*components[i]))
        builder.beginWith(std::move(scratch));
    DenseMap<const ir::Tensor *, size_t> shardOf;
    onnx::forEachExternalTensor(*components[i], [&](const ir::TensorRef &tensor) {
      const auto [shard, offset] = builder.add(tensor);
      shardOf[tensor.get()] = shard;
      placement.external[tensor.get()] = {"", offset, tensor->byteSize()};
    });
    std::vector<DataFile> shards = builder.take();
    for (auto &[tensor, place] : placement.external)
      place.location = shardName(onnxNames[i], shardOf[tensor], shards.size());
    for (size_t shard = 0; shard != shards.size(); ++shard) {
      shards[shard].name = shardName(onnxNames[i], shard, shards.size());
      placement.files.push_back(plan.files.size());
      plan.files.push_back(std::move(shards[shard]));
    }
  }
  return plan;
}

PlacementPlan placeShared(Components components, const SharedPlacement &options) {
  SharedBuilder builder(options);
  for (const std::unique_ptr<ir::Component> &component : components)
    onnx::forEachExternalTensor(*component,
                                [&](const ir::TensorRef &tensor) { builder.survey(*tensor); });

  // Names are known once all tensors have a place.
  PlacementPlan plan = placeInline(components);
  std::vector<DenseMap<const ir::Tensor *, size_t>> fileOf(components.size());
  for (size_t i = 0; i != components.size(); ++i)
    onnx::forEachExternalTensor(*components[i], [&](const ir::TensorRef &tensor) {
      auto [file, offset] = builder.place(tensor);
      fileOf[i][tensor.get()] = file;
      plan.components[i].external[tensor.get()] = {"", offset, tensor->byteSize()};
    });
  plan.files = builder.take();
  for (size_t i = 0; i != components.size(); ++i) {
    ComponentPlacement &placement = plan.components[i];
    for (auto &[tensor, place] : placement.external) {
      size_t file = fileOf[i][tensor];
      place.location = plan.files[file].name;
      if (!is_contained(placement.files, file))
        placement.files.push_back(file);
    }
    sort(placement.files);
  }
  return plan;
}

bool hasTiedPayloads(const ir::Component &component) {
  ir::PayloadIndex payloads;
  bool tied = false;
  ir::forEachTensor(component, [&](const ir::TensorRef &tensor) {
    tied |= !payloads.add(*tensor).second && tensor->byteSize() > 0;
  });
  return tied;
}

} // namespace optrun::exporting
