// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where the elements of a .npy file lie: magic number, version, length, header, elements (NEP 1).

#include "optrun/Checkpoint/Npy.h"

#include "Messages.h"
#include "NpyHeader.h"

#include "llvm/Support/Endian.h"
#include "llvm/Support/Path.h"

namespace optrun::checkpoint {
namespace {

constexpr llvm::StringLiteral Magic = "\x93NUMPY";
constexpr uint64_t VersionBytes = 2;       // major, minor
constexpr uint64_t MaxHeaderBytes = 65535; // what version 1 allows; nobody needs more

struct HeaderText {
  std::string text;
  uint64_t end = 0; // where the elements begin
};

llvm::Expected<HeaderText> readHeaderText(const FileHandle &file) {
  constexpr uint64_t MaxLengthBytes = 4;
  uint8_t start[Magic.size() + VersionBytes + MaxLengthBytes] = {};
  if (file.size() < sizeof(start))
    return makeError("the file has " + llvm::Twine(file.size()) +
                     " bytes, too few for an .npy file");
  if (llvm::Error error = file.read(0, start))
    return std::move(error);
  if (llvm::StringRef(reinterpret_cast<char *>(start), Magic.size()) != Magic)
    return makeError("this is no .npy file: it does not begin with NumPy's magic number");
  const unsigned version = start[Magic.size()];
  const uint8_t *lengthField = start + Magic.size() + VersionBytes;
  if (version < 1 || version > 3)
    return makeError("its format has version " + llvm::Twine(version) + ", known are 1 to 3");
  const uint64_t lengthBytes = version == 1 ? 2 : 4;
  const uint64_t length = version == 1 ? llvm::support::endian::read16le(lengthField)
                                       : llvm::support::endian::read32le(lengthField);
  const uint64_t begin = Magic.size() + VersionBytes + lengthBytes;
  if (length > MaxHeaderBytes || length > file.size() - begin)
    return makeError("its header claims " + llvm::Twine(length) + " bytes, the file has " +
                     llvm::Twine(file.size()) + " and the limit is " + llvm::Twine(MaxHeaderBytes));
  HeaderText header{std::string(length, '\0'), begin + length};
  if (llvm::Error error =
          file.read(begin, {reinterpret_cast<uint8_t *>(header.text.data()), header.text.size()}))
    return std::move(error);
  return header;
}

/// An error unless the array fills \p bytes.
llvm::Error checkSize(const NpyHeader &header, uint64_t bytes) {
  uint64_t elements = 1;
  bool overflow = false;
  for (int64_t extent : header.dims)
    overflow |= __builtin_mul_overflow(elements, static_cast<uint64_t>(extent), &elements);
  std::optional<uint64_t> needed = ir::packedByteSize(header.type, elements);
  if (overflow || !needed)
    return makeError("its shape has more elements than can be counted");
  if (*needed != bytes)
    return makeError("its array has " + llvm::Twine(*needed) + " bytes, but " + llvm::Twine(bytes) +
                     " follow the header" + (*needed > bytes ? ": it is incomplete" : ""));
  return llvm::Error::success();
}

llvm::Expected<ir::TensorRef> readArray(const std::shared_ptr<const FileHandle> &file) {
  llvm::Expected<HeaderText> text = readHeaderText(*file);
  if (!text)
    return text.takeError();
  llvm::Expected<NpyHeader> header = parseNpyHeader(text->text);
  if (!header)
    return header.takeError();
  const uint64_t bytes = file->size() - text->end;
  if (llvm::Error error = checkSize(*header, bytes))
    return std::move(error);
  llvm::Expected<ir::TensorSourceRef> source = ir::makeFileRangeSource({file, text->end, bytes});
  if (!source)
    return source.takeError();
  return ir::Tensor::create(llvm::sys::path::stem(file->path()).str(), header->type, header->dims,
                            std::move(*source));
}

} // namespace

llvm::Expected<ir::TensorRef> readNpy(llvm::StringRef path) {
  llvm::Expected<std::shared_ptr<const FileHandle>> file = FileHandle::open(path);
  if (!file)
    return file.takeError();
  llvm::Expected<ir::TensorRef> array = readArray(*file);
  if (!array)
    return inPlace(path, array.takeError());
  return array;
}

} // namespace optrun::checkpoint
