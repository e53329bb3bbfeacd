// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Placement of weights in data files.

#include "PlacementPlan.h"

#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Path.h"

#include <algorithm>

using namespace llvm;

namespace optrun::exporting {
namespace {

constexpr StringLiteral SharedName = "model";
constexpr StringLiteral DataExtension = ".data";

/// The positions of sparse tensors stay in the .onnx file: ONNX's checker reads them and does not
/// look into other files for it.
void addSparseIndices(const ir::Graph &graph, DenseSet<const ir::Tensor *> &indices) {
  for (const ir::Value *value : graph.initializers())
    if (const ir::SparseTensor *sparse = value->sparseTensor())
      indices.insert(sparse->indices.get());
  for (const ir::Node &node : graph.nodes()) {
    for (const ir::Attribute &attribute : node.attributes())
      if (const auto *sparse = std::get_if<ir::SparseTensor>(&attribute.value))
        indices.insert(sparse->indices.get());
    node.forEachSubgraph([&](const ir::Graph &nested) { addSparseIndices(nested, indices); });
  }
}

void forEachExternal(const ir::Component &component,
                     function_ref<void(const ir::TensorRef &)> visit) {
  DenseSet<const ir::Tensor *> inFile;
  addSparseIndices(component.graph, inFile);
  for (const std::unique_ptr<ir::Function> &function : component.functions)
    addSparseIndices(function->body, inFile);
  ir::forEachTensor(component, [&](const ir::TensorRef &tensor) {
    if (tensor->source() && tensor->byteSize() >= LeastExternalBytes &&
        !inFile.contains(tensor.get()))
      visit(tensor);
  });
}

/// Lays payloads out in one file, each once.
class FileBuilder {
public:
  /// The offset of the tensor's payload.
  uint64_t add(const ir::TensorRef &tensor) {
    auto [index, isNew] = payloads.add(*tensor);
    if (isNew) {
      file.payloads.push_back({tensor, alignTo(file.size, PayloadAlignment)});
      file.size = file.payloads.back().offset + tensor->byteSize();
    }
    return file.payloads[index].offset;
  }

  bool isEmpty() const { return file.payloads.empty(); }
  DataFile take(std::string name) {
    file.name = std::move(name);
    return std::move(file);
  }

private:
  DataFile file;
  ir::PayloadIndex payloads;
};

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
    return {*builtIndex, builder.add(tensor)};
  }

  std::vector<DataFile> take() {
    if (builtIndex)
      files[*builtIndex] = builder.take("");
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
  FileBuilder builder;
  std::optional<size_t> builtIndex;
};

} // namespace

PlacementPlan placeInline(Components components) {
  PlacementPlan plan;
  plan.components.resize(components.size());
  return plan;
}

PlacementPlan placeSingle(Components components, ArrayRef<std::string> onnxNames) {
  PlacementPlan plan = placeInline(components);
  for (size_t i = 0; i != components.size(); ++i) {
    std::string name = onnxNames[i] + DataExtension.str();
    FileBuilder builder;
    forEachExternal(*components[i], [&](const ir::TensorRef &tensor) {
      plan.components[i].external[tensor.get()] = {name, builder.add(tensor), tensor->byteSize()};
    });
    if (builder.isEmpty())
      continue;
    plan.components[i].files = {plan.files.size()};
    plan.files.push_back(builder.take(name));
  }
  return plan;
}

PlacementPlan placeShared(Components components, const SharedPlacement &options) {
  SharedBuilder builder(options);
  for (const std::unique_ptr<ir::Component> &component : components)
    forEachExternal(*component, [&](const ir::TensorRef &tensor) { builder.survey(*tensor); });

  // Names are known once all tensors have a place.
  PlacementPlan plan = placeInline(components);
  std::vector<DenseMap<const ir::Tensor *, size_t>> fileOf(components.size());
  for (size_t i = 0; i != components.size(); ++i)
    forEachExternal(*components[i], [&](const ir::TensorRef &tensor) {
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
