// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Messages with positions, hand-over to protobuf, and the release of pages that were walked over.

#include "ReadContext.h"

#include <limits>
#include <sys/mman.h>

namespace optrun::onnx {

llvm::Error ReadContext::errorAt(const uint8_t *position, const llvm::Twine &message) const {
  return makeError(displayName + ": at byte " + llvm::Twine(offsetOf(position)) + ": " + message);
}

llvm::Error ReadContext::error(const llvm::Twine &message) const {
  return makeError(displayName + ": " + message);
}

llvm::Error ReadContext::problemOf(const WireReader &reader, llvm::StringRef message) const {
  if (!reader.problem())
    return llvm::Error::success();
  return errorAt(
      reader.position(),
      "in " + message + ": " + reader.problem() +
          "; the file is damaged, cut off or no ONNX model: download or export it again");
}

llvm::Error ReadContext::expectDelimited(const WireField &field, llvm::StringRef message) const {
  if (field.type == WireType::Delimited)
    return llvm::Error::success();
  return errorAt(field.whole, "field " + llvm::Twine(field.number) + " of " + message +
                                  " has the wrong wire type; the file is damaged or no ONNX model");
}

llvm::Error ReadContext::parse(google::protobuf::MessageLite &proto, Bytes bytes,
                               llvm::StringRef what) const {
  if (bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max()) &&
      proto.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return llvm::Error::success();
  // A splice lies outside of the image and has no position.
  if (bytes.data() >= image.begin() && bytes.data() <= image.end())
    return errorAt(bytes, what + " is damaged");
  return error(what + " is damaged");
}

void ReadContext::warn(const llvm::Twine &kind, const llvm::Twine &detail) {
  std::string text = kind.str();
  if (reported.insert(text).second)
    warnings.push_back((displayName + ": " + text + detail).str());
}

void ReadContext::warnUnknownField(llvm::StringRef message, int number) {
  warn("field " + llvm::Twine(number) + " of " + message +
       " is not known to this version of ONNX and is dropped");
}

void ReadContext::release(const uint8_t *position) {
  constexpr uint64_t Step = 16 << 20;
  // Whole pages only; the mapping starts on a page.
  uint64_t upTo = offsetOf(position) / 4096 * 4096;
  // The walk starts again from an earlier part of the file.
  if (upTo < released)
    released = upTo;
  if (!file || upTo < released + Step)
    return;
  madvise(const_cast<uint8_t *>(image.data()) + released, upTo - released, MADV_DONTNEED);
  released = upTo;
}

void Splice::keep(Bytes piece) {
  if (!copied.empty())
    copied += asText(piece);
  else if (first.empty())
    first = piece;
  else if (first.end() == piece.begin())
    first = Bytes(first.begin(), piece.end());
  else
    copied = (asText(first) + asText(piece)).str();
}

Bytes Splice::bytes() const {
  if (copied.empty())
    return first;
  return {reinterpret_cast<const uint8_t *>(copied.data()), copied.size()};
}

ir::Metadata
readMetadata(ReadContext &context,
             const google::protobuf::RepeatedPtrField<proto::StringStringEntryProto> &entries) {
  ir::Metadata metadata;
  metadata.reserve(static_cast<size_t>(entries.size()));
  for (const proto::StringStringEntryProto &entry : entries) {
    context.warnUnknownFields(entry);
    metadata.emplace_back(entry.key(), entry.value());
  }
  return metadata;
}

} // namespace optrun::onnx
