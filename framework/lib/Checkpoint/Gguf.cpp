// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// "GGUF", version, counts, key/value pairs, tensor infos, padding, data.

#include "optrun/Checkpoint/Gguf.h"

#include "GgufMetadata.h"
#include "GgufTensors.h"
#include "Messages.h"

#include "llvm/ADT/bit.h"

namespace optrun::checkpoint {
namespace {

constexpr uint64_t MaxKeys = 65536, MaxTensors = uint64_t(1) << 20;
/// Of key/value pairs and tensor infos together. The largest vocabularies take some 20 MB.
constexpr uint64_t MaxHeaderBytes = uint64_t(256) << 20;
/// The shortest key, its type, and a value of one byte.
constexpr uint64_t MinKeyBytes = 8 + 1 + 4 + 1;
constexpr uint64_t DefaultAlignment = 32, MaxAlignment = uint64_t(1) << 20;

llvm::Error checkMagic(GgufCursor &cursor) {
  char magic[4];
  for (char &c : magic)
    c = cursor.number<char>();
  llvm::StringRef text(magic, sizeof(magic));
  if (text == "vers")
    return makeError("this is a Git LFS pointer, not the file itself: run git lfs pull");
  if (cursor.failed() || text != "GGUF")
    return makeError("this is no GGUF file");
  return llvm::Error::success();
}

llvm::Expected<uint32_t> readVersion(GgufCursor &cursor) {
  uint32_t version = cursor.number<uint32_t>();
  if (cursor.failed())
    return cursor.takeError();
  if (version == 0x02000000 || version == 0x03000000)
    return makeError("this is a big-endian GGUF file; only little-endian ones are read");
  if (version != 2 && version != 3)
    return makeError("it is of GGUF version " + llvm::Twine(version) +
                     "; versions 2 and 3 are read: convert the model again");
  return version;
}

/// A count of things that need \p minBytes each.
llvm::Expected<uint64_t> readCount(GgufCursor &cursor, uint64_t limit, uint64_t minBytes,
                                   llvm::StringRef things) {
  uint64_t count = cursor.number<uint64_t>();
  if (cursor.failed())
    return cursor.takeError();
  if (count > limit || count > cursor.remaining() / minBytes)
    return makeError("it claims " + llvm::Twine(count) + " " + things + ", more than its " +
                     llvm::Twine(cursor.remaining()) + " bytes can hold or can be read");
  return count;
}

llvm::Expected<uint64_t> alignmentOf(const GgufValue *value) {
  if (!value)
    return DefaultAlignment;
  const uint64_t *alignment = std::get_if<uint64_t>(value);
  if (!alignment || !llvm::has_single_bit(*alignment) || *alignment > MaxAlignment)
    return makeError("key 'general.alignment': the alignment must be a power of two up to " +
                     llvm::Twine(MaxAlignment));
  return *alignment;
}

} // namespace

const GgufValue *GgufFile::find(llvm::StringRef key) const {
  auto found = valueIndex.find(key);
  return found == valueIndex.end() ? nullptr : &values[found->second].second;
}

const GgufTensor *GgufFile::findTensor(llvm::StringRef name) const {
  auto found = tensorIndex.find(name);
  return found == tensorIndex.end() ? nullptr : &infos[found->second];
}

llvm::Expected<std::vector<std::string>> GgufFile::strings(const GgufArray &array) const {
  if (array.elementType != GgufValueType::String)
    return makeError(handle->path() + ": an array that should hold strings does not");
  GgufCursor cursor(*handle, array.offset, array.offset + array.bytes);
  std::vector<std::string> result(array.count);
  for (std::string &text : result)
    text = cursor.string(MaxGgufStringBytes, "a string in an array");
  if (llvm::Error error = cursor.takeError())
    return inPlace(handle->path(), std::move(error));
  return result;
}

llvm::Expected<std::vector<double>> GgufFile::numbers(const GgufArray &array) const {
  if (array.elementType == GgufValueType::String)
    return makeError(handle->path() + ": an array that should hold numbers holds strings");
  GgufCursor cursor(*handle, array.offset, array.offset + array.bytes);
  std::vector<double> result(array.count);
  for (double &number : result)
    number = readGgufNumber(cursor, array.elementType);
  if (llvm::Error error = cursor.takeError())
    return inPlace(handle->path(), std::move(error));
  return result;
}

llvm::Expected<GgufFile> GgufFile::open(llvm::StringRef path) {
  llvm::Expected<std::shared_ptr<const FileHandle>> file = FileHandle::open(path);
  if (!file)
    return file.takeError();
  return open(std::move(*file));
}

llvm::Expected<GgufFile> GgufFile::open(std::shared_ptr<const FileHandle> file) {
  GgufFile result;
  result.handle = file;
  if (llvm::Error error = result.readHeader())
    return inPlace(file->path(), std::move(error));
  return result;
}

llvm::Error GgufFile::readHeader() {
  GgufCursor cursor(*handle, 0, std::min(handle->size(), MaxHeaderBytes));
  if (llvm::Error error = checkMagic(cursor))
    return error;
  llvm::Expected<uint32_t> version = readVersion(cursor);
  if (!version)
    return version.takeError();
  formatVersion = *version;
  llvm::Expected<uint64_t> tensors =
      readCount(cursor, MaxTensors, MinGgufTensorInfoBytes, "tensors");
  if (!tensors)
    return tensors.takeError();
  llvm::Expected<uint64_t> keys = readCount(cursor, MaxKeys, MinKeyBytes, "keys");
  if (!keys)
    return keys.takeError();
  if (llvm::Error error = readMetadata(cursor, *keys))
    return error;
  return readTensors(cursor, *tensors);
}

llvm::Error GgufFile::readMetadata(GgufCursor &cursor, uint64_t count) {
  for (uint64_t i = 0; i != count; ++i) {
    llvm::Expected<std::string> key = readGgufKey(cursor);
    if (!key)
      return key.takeError();
    if (!valueIndex.try_emplace(*key, values.size()).second)
      return makeError("the key " + inQuotes(*key) + " is there twice");
    llvm::Expected<GgufValue> value = readGgufValue(cursor, *key);
    if (!value)
      return value.takeError();
    values.emplace_back(std::move(*key), std::move(*value));
  }
  return llvm::Error::success();
}

llvm::Error GgufFile::readTensors(GgufCursor &cursor, uint64_t count) {
  std::vector<GgufTensorInfo> read;
  for (uint64_t i = 0; i != count; ++i) {
    llvm::Expected<GgufTensorInfo> info = readGgufTensorInfo(cursor);
    if (!info)
      return info.takeError();
    if (!tensorIndex.try_emplace(info->tensor.name, i).second)
      return makeError("tensor " + inQuotes(info->tensor.name) + " is there twice");
    read.push_back(std::move(*info));
  }
  llvm::Expected<uint64_t> alignment = alignmentOf(find("general.alignment"));
  if (!alignment)
    return alignment.takeError();
  uint64_t dataOffset = (cursor.position() + *alignment - 1) / *alignment * *alignment;
  if (llvm::Error error = placeGgufTensors(read, handle, dataOffset, *alignment))
    return error;
  for (GgufTensorInfo &info : read)
    infos.push_back(std::move(info.tensor));
  return llvm::Error::success();
}

} // namespace optrun::checkpoint
