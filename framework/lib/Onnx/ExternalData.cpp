// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Containment and range checks of external data.

#include "ExternalData.h"

#include "ProtoSupport.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace optrun::onnx {

namespace {

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

std::string resolved(llvm::StringRef name) {
  llvm::SmallString<256> result;
  return fs::real_path(name, result) ? std::string() : std::string(result);
}

/// True when \p inner (resolved) is \p outer (resolved) or below it.
bool isInside(llvm::StringRef inner, llvm::StringRef outer) {
  if (!inner.consume_front(outer))
    return false;
  return inner.empty() || outer.ends_with("/") || inner.starts_with("/");
}

} // namespace

ExternalData::ExternalData(llvm::StringRef modelPath) {
  llvm::StringRef parent = path::parent_path(modelPath);
  folder = resolved(parent.empty() ? "." : parent);
  targetFolder = path::parent_path(resolved(modelPath)).str();
}

llvm::Expected<std::string> ExternalData::locate(llvm::StringRef location) const {
  const char *advice = "; external data must lie in the folder of the model: move it there";
  if (location.empty())
    return makeError("the location of its data is empty");
  if (location.contains('\0'))
    return makeError("the location of its data holds a zero byte");
  if (path::is_absolute(location))
    return makeError("the location of its data, '" + location + "', is an absolute path" + advice);
  for (auto part = path::begin(location), last = path::end(location); part != last; ++part)
    if (*part == "..")
      return makeError("the location of its data, '" + location + "', leaves the folder" + advice);

  // "./name" is a plain name too.
  llvm::SmallString<128> plain(location);
  path::remove_dots(plain);
  llvm::StringRef subfolder = path::parent_path(plain);
  for (const std::string *base : {&folder, &targetFolder}) {
    llvm::SmallString<256> candidate(*base);
    path::append(candidate, plain);
    std::string target = resolved(candidate);
    if (target.empty())
      continue;
    if (!subfolder.empty() && !isInside(target, *base))
      return makeError("the location of its data, '" + location +
                       "', leaves the folder through a symbolic link" + advice);
    return target;
  }
  return makeError("its data file '" + location + "' is not in the folder of the model, " + folder);
}

llvm::Expected<ExternalData::DataFile *> ExternalData::open(llvm::StringRef location) {
  if (auto known = byLocation.find(location); known != byLocation.end())
    return known->second;
  llvm::Expected<std::string> target = locate(location);
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
                         "' claim overlapping parts of '" + path::filename(file.handle->path()) +
                         "' (around byte " + llvm::Twine(offset) +
                         "); tied tensors must use exactly the same bytes");
      end = offset + length;
      previous = &user.tensorName;
    }
  }
  return llvm::Error::success();
}

} // namespace optrun::onnx
