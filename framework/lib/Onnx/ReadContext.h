// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the readers of one .onnx file share: the file image, positions for messages, warnings.

#ifndef OPTRUN_LIB_ONNX_READCONTEXT_H
#define OPTRUN_LIB_ONNX_READCONTEXT_H

#include "ExternalData.h"
#include "ProtoSupport.h"
#include "WireReader.h"

#include "optrun/IR/Graph.h"
#include "optrun/Onnx/OnnxReader.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/Twine.h"

namespace optrun::onnx {

class ReadContext {
public:
  /// \p file: where \p image comes from; null when it is in memory only. Then everything is copied
  /// into the IR and \p external is null too.
  ReadContext(std::string displayName, Bytes image, std::shared_ptr<const FileHandle> file,
              ExternalData *external, const ReadOptions &options)
      : displayName(std::move(displayName)), image(image), file(std::move(file)),
        external(external), options(options) {}

  /// "model.onnx: at byte 123: message"
  llvm::Error errorAt(const uint8_t *position, const llvm::Twine &message) const;
  llvm::Error errorAt(Bytes where, const llvm::Twine &message) const {
    return errorAt(where.data(), message);
  }
  /// "model.onnx: message"
  llvm::Error error(const llvm::Twine &message) const;
  /// The problem at which \p reader stopped; success when it reached the end.
  llvm::Error problemOf(const WireReader &reader, llvm::StringRef message) const;
  /// Success when \p field is length-delimited.
  llvm::Error expectDelimited(const WireField &field, llvm::StringRef message) const;

  /// Hands \p bytes to protobuf. \p what names the message.
  llvm::Error parse(google::protobuf::MessageLite &proto, Bytes bytes, llvm::StringRef what) const;

  /// Something that reading drops. Each \p kind is reported once.
  void warn(const llvm::Twine &kind, const llvm::Twine &detail = "");
  /// Warns when protobuf met fields that this version of ONNX does not know.
  template <typename Proto> void warnUnknownFields(const Proto &proto) {
    if (!proto.unknown_fields().empty())
      warnUnknownField(proto.GetTypeName(), proto.unknown_fields().field(0).number());
  }
  void warnUnknownField(llvm::StringRef message, int number);

  /// Lets the pages up to \p position leave the process; the walk comes back only for little.
  void release(const uint8_t *position);

  uint64_t offsetOf(const uint8_t *position) const {
    return static_cast<uint64_t>(position - image.data());
  }

  const std::string displayName;
  const Bytes image;
  const std::shared_ptr<const FileHandle> file;
  ExternalData *const external;
  const ReadOptions options;
  std::vector<std::string> warnings;

  /// Protobuf messages keep their memory when they are parsed into again; a graph has a million.
  /// Whoever parses into one is done with it before it reads anything nested.
  proto::NodeProto nodeHeader;
  proto::TensorProto tensorHeader;

private:
  llvm::StringSet<> reported;
  uint64_t released = 0;
};

/// The pieces of a message that protobuf may see: all fields but those that are read by hand.
class Splice {
public:
  /// Pieces must come in file order; neighbours join, so that mostly nothing is copied.
  void keep(Bytes piece);
  /// Valid until the next call of keep().
  Bytes bytes() const;

private:
  Bytes first;
  std::string copied;
};

/// Reads \p message into \p header, but for the fields for whose number \p listOf gives a list:
/// their contents are added to that, in file order. \p what names the message in messages: "a
/// graph".
template <typename Header, typename ListOf>
llvm::Error readHeader(ReadContext &context, Bytes message, Header &header, llvm::StringRef what,
                       ListOf listOf) {
  Splice rest;
  WireReader reader(message);
  WireField field;
  while (reader.next(field)) {
    auto *list = listOf(field.number);
    if (!list) {
      rest.keep(field.whole);
      continue;
    }
    if (auto error = context.expectDelimited(field, what))
      return error;
    list->push_back(field.content);
    context.release(field.whole.data());
  }
  if (auto error = context.problemOf(reader, what))
    return error;
  if (auto error = context.parse(header, rest.bytes(), what))
    return error;
  context.warnUnknownFields(header);
  return llvm::Error::success();
}

/// Protobuf keeps an enumerator that it does not know as an unknown field of that number.
template <typename Proto> bool hasUnknownField(const Proto &proto, int number) {
  for (int index = 0; index < proto.unknown_fields().field_count(); ++index)
    if (proto.unknown_fields().field(index).number() == number)
      return true;
  return false;
}

ir::Metadata
readMetadata(ReadContext &context,
             const google::protobuf::RepeatedPtrField<proto::StringStringEntryProto> &entries);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_READCONTEXT_H
