// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Range checks of external data.

#include "ExternalData.h"

#include "ProtoSupport.h"

#include "llvm/Support/Path.h"

namespace optrun::onnx {

ExternalData::ExternalData(llvm::StringRef modelPath)
    : folder(ModelFolder::ofFile(modelPath, "the location of its data",
                                 "external data must lie in the folder of the model")) {}

llvm::Expected<ExternalData::DataFile *> ExternalData::open(llvm::StringRef location) {
  if (auto known = byLocation.find(location); known != byLocation.end())
    return known->second;
  llvm::Expected<std::string> target = folder.locate(location);
  if (!target)
    return target.takeError();
  auto handle = FileHandle::open(*target);
  if (!handle)
    return handle.takeError();
  DataFile &file = byIdentity[{(*handle)->device(), (*handle)->inode()}];
  if (!file.handle) {
    file.handle = std::move(*handle);
    paths.push_back(*target);
  }
  byLocation[location] = &file;
  return &file;
}

llvm::Expected<ir::TensorSourceRef> ExternalData::resolve(llvm::StringRef tensorName,
                                                          const ExternalRange &range) {
  llvm::Expected<DataFile *> file = open(range.location);
  if (!file)
    return file.takeError();
  const FileHandle &handle = *(*file)->handle;
  if (range.offset > handle.size() || range.length > handle.size() - range.offset)
    return makeError("its data, " + llvm::Twine(range.length) + " bytes from byte " +
                     llvm::Twine(range.offset) + " of '" + range.location +
                     "', go beyond the end of that file (" + llvm::Twine(handle.size()) +
                     " bytes): the file is incomplete or belongs to another model");
  auto [place, isNew] = (*file)->ranges.try_emplace({range.offset, range.length});
  if (isNew) {
    auto source = ir::makeFileRangeSource({(*file)->handle, range.offset, range.length});
    if (!source)
      return source.takeError();
    place->second = {tensorName.str(), std::move(*source)};
  }
  return place->second.source;
}

llvm::Error ExternalData::checkOverlaps() const {
  for (const auto &[identity, file] : byIdentity) {
    uint64_t end = 0;
    const std::string *previous = nullptr;
    for (const auto &[range, user] : file.ranges) {
      auto [offset, length] = range;
      if (length == 0)
        continue;
      if (offset < end)
        return makeError("tensors '" + *previous + "' and '" + user.tensorName +
                         "' claim overlapping parts of '" +
                         llvm::sys::path::filename(file.handle->path()) + "' (around byte " +
                         llvm::Twine(offset) + "); tied tensors must use exactly the same bytes");
      end = offset + length;
      previous = &user.tensorName;
    }
  }
  return llvm::Error::success();
}

} // namespace optrun::onnx
