// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where the tensors of a .safetensors file lie: u64 N, N bytes of JSON, data without gaps.

#include "optrun/Checkpoint/SafeTensors.h"

#include "Messages.h"
#include "SafeTensorsHeader.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"

namespace optrun::checkpoint {
namespace {

constexpr uint64_t LengthBytes = 8;
constexpr uint64_t MaxHeaderBytes = 100'000'000; // of the reference implementation

llvm::Expected<std::string> readHeaderText(const FileHandle &file) {
  uint8_t lengthBytes[LengthBytes];
  if (file.size() < LengthBytes)
    return makeError("the file has " + llvm::Twine(file.size()) +
                     " bytes, too few for a safetensors file");
  if (llvm::Error error = file.read(0, lengthBytes))
    return std::move(error);
  uint64_t length = llvm::support::endian::read64le(lengthBytes);
  if (llvm::StringRef(reinterpret_cast<char *>(lengthBytes), LengthBytes) == "version ")
    return makeError("this is a Git LFS pointer, not the file itself: run git lfs pull");
  if (length > MaxHeaderBytes)
    return makeError("its header claims " + llvm::Twine(length) + " bytes, the limit is " +
                     llvm::Twine(MaxHeaderBytes) + ": this is no safetensors file");
  if (length > file.size() - LengthBytes)
    return makeError("its header claims " + llvm::Twine(length) + " bytes, the file has " +
                     llvm::Twine(file.size()) + ": it is incomplete or no safetensors file");
  std::string text(length, '\0');
  if (llvm::Error error = file.read(
          LengthBytes, llvm::MutableArrayRef(reinterpret_cast<uint8_t *>(text.data()), length)))
    return std::move(error);
  return text;
}

/// Every byte of the data belongs to exactly one tensor. \p entries are sorted by their bytes.
llvm::Error checkLayout(llvm::ArrayRef<SafeTensorsEntry> entries, uint64_t dataBytes) {
  uint64_t end = 0;
  for (const SafeTensorsEntry &entry : entries) {
    if (entry.begin < end)
      return makeError("tensor " + inQuotes(entry.name) + " overlaps the one before it (at byte " +
                       llvm::Twine(entry.begin) + " of the data)");
    if (entry.begin > end)
      return makeError("the bytes " + llvm::Twine(end) + " to " + llvm::Twine(entry.begin) +
                       " of the data, before tensor " + inQuotes(entry.name) +
                       ", belong to no tensor");
    end = entry.end;
  }
  if (end > dataBytes)
    return makeError("its tensors need " + llvm::Twine(end) + " bytes, the file holds " +
                     llvm::Twine(dataBytes) + " behind the header: it is incomplete");
  if (end < dataBytes)
    return makeError("the last " + llvm::Twine(dataBytes - end) +
                     " bytes of the file belong to no tensor");
  return llvm::Error::success();
}

llvm::Expected<ir::TensorRef> makeTensor(const std::shared_ptr<const FileHandle> &file,
                                         uint64_t dataOffset, SafeTensorsEntry &entry) {
  llvm::Expected<ir::TensorSourceRef> source =
      ir::makeFileRangeSource({file, dataOffset + entry.begin, entry.end - entry.begin});
  if (!source)
    return source.takeError();
  return ir::Tensor::create(std::move(entry.name), entry.type, std::move(entry.dims),
                            std::move(*source));
}

} // namespace

llvm::Expected<SafeTensorsFile> SafeTensorsFile::open(llvm::StringRef path) {
  llvm::Expected<std::shared_ptr<const FileHandle>> file = FileHandle::open(path);
  if (!file)
    return file.takeError();
  return open(std::move(*file));
}

llvm::Expected<SafeTensorsFile> SafeTensorsFile::open(std::shared_ptr<const FileHandle> file) {
  auto inFile = [&](llvm::Error error) { return inPlace(file->path(), std::move(error)); };
  llvm::Expected<std::string> text = readHeaderText(*file);
  if (!text)
    return inFile(text.takeError());
  llvm::Expected<SafeTensorsHeader> header = parseSafeTensorsHeader(*text);
  if (!header)
    return inFile(header.takeError());
  llvm::stable_sort(header->entries, [](const auto &left, const auto &right) {
    return std::pair(left.begin, left.end) < std::pair(right.begin, right.end);
  });
  uint64_t dataOffset = LengthBytes + text->size();
  if (llvm::Error error = checkLayout(header->entries, file->size() - dataOffset))
    return inFile(std::move(error));

  SafeTensorsFile result;
  result.strings = std::move(header->metadata);
  for (SafeTensorsEntry &entry : header->entries) {
    llvm::Expected<ir::TensorRef> tensor = makeTensor(file, dataOffset, entry);
    if (!tensor)
      return inFile(tensor.takeError());
    result.byName[(*tensor)->name()] = *tensor;
    result.inOrder.push_back(std::move(*tensor));
  }
  result.handle = std::move(file);
  return result;
}

} // namespace optrun::checkpoint
