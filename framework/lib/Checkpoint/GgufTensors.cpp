// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes, types and places of GGUF tensors.

#include "GgufTensors.h"

#include "Messages.h"

namespace optrun::checkpoint {
namespace {

constexpr uint64_t MaxNameBytes = 63;
constexpr uint32_t MaxRank = 4;

/// Names of types that exist and are not read, so that people know what they have.
llvm::StringRef nameOfOther(uint32_t code) {
  switch (code) {
  case 6:
    return " (Q5_0)";
  case 7:
    return " (Q5_1)";
  case 10:
    return " (Q2_K)";
  case 11:
    return " (Q3_K)";
  case 13:
    return " (Q5_K)";
  default:
    return "";
  }
}

/// Bytes of \p info's payload.
llvm::Expected<uint64_t> payloadBytes(const GgufTensor &info) {
  GgmlLayout layout = ggmlLayout(info.type);
  uint64_t rowElements = static_cast<uint64_t>(info.dims.back());
  if (rowElements % layout.blockElements != 0)
    return makeError("its rows of " + llvm::Twine(rowElements) +
                     " elements are no whole blocks of " + layout.name + ", which have " +
                     llvm::Twine(layout.blockElements));
  // A zero does not excuse the other extents: no writer has such a shape.
  uint64_t bytes = layout.blockBytes;
  bool empty = rowElements == 0;
  if (!empty && __builtin_mul_overflow(bytes, rowElements / layout.blockElements, &bytes))
    return makeError("its shape has too many elements");
  for (int64_t extent : llvm::ArrayRef(info.dims).drop_back()) {
    empty |= extent == 0;
    if (extent != 0 && __builtin_mul_overflow(bytes, static_cast<uint64_t>(extent), &bytes))
      return makeError("its shape has too many elements");
  }
  // Elements are counted in 63 bits, whatever few bits they have.
  if (bytes / layout.blockBytes > static_cast<uint64_t>(INT64_MAX) / layout.blockElements)
    return makeError("its shape has too many elements");
  return empty ? 0 : bytes;
}

llvm::Error readShape(GgufCursor &cursor, GgufTensor &tensor) {
  uint32_t rank = cursor.number<uint32_t>();
  if (cursor.failed())
    return cursor.takeError();
  if (rank < 1 || rank > MaxRank)
    return makeError("it has " + llvm::Twine(rank) + " dimensions, there are 1 to " +
                     llvm::Twine(MaxRank));
  tensor.dims.resize(rank);
  for (int64_t &extent : llvm::reverse(tensor.dims)) {
    extent = cursor.number<int64_t>();
    if (extent < 0)
      return makeError("its dimension " + llvm::Twine(extent) + " is negative");
  }
  return cursor.takeError();
}

llvm::Error readRest(GgufCursor &cursor, GgufTensorInfo &info) {
  if (llvm::Error error = readShape(cursor, info.tensor))
    return error;
  uint32_t code = cursor.number<uint32_t>();
  info.offset = cursor.number<uint64_t>();
  if (llvm::Error error = cursor.takeError())
    return error;
  std::optional<GgmlType> type = ggmlTypeFromCode(code);
  if (!type)
    return makeError("its elements are of type " + llvm::Twine(code) + nameOfOther(code) +
                     "; F32, F16, BF16, Q4_0, Q4_1, Q8_0, Q4_K and Q6_K are read: quantize the "
                     "model to one of these");
  info.tensor.type = *type;
  llvm::Expected<uint64_t> bytes = payloadBytes(info.tensor);
  if (!bytes)
    return bytes.takeError();
  info.bytes = *bytes;
  return llvm::Error::success();
}

} // namespace

llvm::Expected<GgufTensorInfo> readGgufTensorInfo(GgufCursor &cursor) {
  GgufTensorInfo info;
  uint64_t at = cursor.position();
  info.tensor.name = cursor.string(MaxNameBytes, "the name of a tensor");
  if (cursor.failed())
    return cursor.takeError();
  if (info.tensor.name.empty() || info.tensor.name.find('\0') != std::string::npos)
    return makeError("at byte " + llvm::Twine(at) +
                     ": the name of a tensor is empty or holds a zero byte");
  if (llvm::Error error = readRest(cursor, info))
    return inPlace("tensor " + inQuotes(info.tensor.name), std::move(error));
  return info;
}

llvm::Error placeGgufTensors(std::vector<GgufTensorInfo> &infos,
                             const std::shared_ptr<const FileHandle> &file, uint64_t dataOffset,
                             uint64_t alignment) {
  uint64_t expected = 0; // never more than the file's size plus the alignment
  for (GgufTensorInfo &info : infos) {
    auto failure = [&](const llvm::Twine &message) {
      return makeError("tensor " + inQuotes(info.tensor.name) + ": " + message);
    };
    if (info.offset != expected)
      return failure("its data begins at " + llvm::Twine(info.offset) +
                     ", where the tensors before it and the alignment of " +
                     llvm::Twine(alignment) + " give " + llvm::Twine(expected));
    if (dataOffset > file->size() || info.offset > file->size() - dataOffset ||
        info.bytes > file->size() - dataOffset - info.offset)
      return failure("its " + llvm::Twine(info.bytes) +
                     " bytes reach past the end of the file: it is incomplete");
    llvm::Expected<ir::TensorSourceRef> payload =
        ir::makeFileRangeSource({file, dataOffset + info.offset, info.bytes});
    if (!payload)
      return payload.takeError();
    info.tensor.payload = std::move(*payload);
    expected = (info.offset + info.bytes + alignment - 1) / alignment * alignment;
  }
  return llvm::Error::success();
}

} // namespace optrun::checkpoint
