// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A protobuf message under construction whose tensor payloads are references, not copies.

#ifndef OPTRUN_LIB_ONNX_MESSAGEBUILDER_H
#define OPTRUN_LIB_ONNX_MESSAGEBUILDER_H

#include "optrun/IR/Tensor.h"

namespace optrun::onnx {

/// Appends fields in the order of the calls. Callers add them by ascending number, as protobuf's
/// own serialization does, so that the bytes are the ones protobuf would write.
class MessageBuilder {
public:
  /// Always written; the callers leave out what is at its default.
  void integer(int field, int64_t value);
  void float32(int field, float value);
  void bytes(int field, llvm::StringRef value);
  /// Nothing when \p value is empty.
  void text(int field, llvm::StringRef value) {
    if (!value.empty())
      bytes(field, value);
  }
  void message(int field, const MessageBuilder &inner);
  /// The fields of \p other after those that are here.
  void append(const MessageBuilder &other);
  /// The tensor's bytes as a field of that length.
  void payload(int field, const ir::Tensor &tensor);
  /// The tag and the length of a field whose content follows by other means.
  void openField(int field, uint64_t length);

  /// Bytes of the message, payloads included.
  uint64_t size() const { return encoded.size() + payloadBytes; }
  void clear();
  /// Makes room for that many bytes of encoding.
  void reserve(size_t bytes) { encoded.reserve(bytes); }

  /// A payload belongs before encoded()[position].
  struct Payload {
    size_t position;
    const ir::Tensor *tensor;
  };
  llvm::StringRef encoding() const { return encoded; }
  llvm::ArrayRef<Payload> payloads() const { return references; }

private:
  void varint(uint64_t value);
  void tag(int field, unsigned wireType) { varint(static_cast<uint64_t>(field) << 3 | wireType); }

  std::string encoded;
  std::vector<Payload> references;
  uint64_t payloadBytes = 0;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_MESSAGEBUILDER_H
