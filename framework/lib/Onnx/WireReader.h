// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A bounded walk over the fields of one protobuf message, without copying or allocating.

#ifndef OPTRUN_LIB_ONNX_WIREREADER_H
#define OPTRUN_LIB_ONNX_WIREREADER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>

namespace optrun::onnx {

/// A piece of the file image. Its address tells its position in the file.
using Bytes = llvm::ArrayRef<uint8_t>;

inline llvm::StringRef asText(Bytes bytes) {
  return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

enum class WireType : uint8_t { Varint = 0, Fixed64 = 1, Delimited = 2, Fixed32 = 5 };

struct WireField {
  uint32_t number = 0;
  WireType type = WireType::Varint;
  /// Varint: the decoded value.
  uint64_t value = 0;
  /// Delimited: the content without its length; otherwise the encoded value.
  Bytes content;
  /// Tag, length and content.
  Bytes whole;
};

/// Usage: `while (reader.next(field)) …; if (reader.problem()) …`.
/// Every length is compared with what is left of the message, so nothing outside of it is read.
/// Groups, unknown wire types, field number 0 and varints of more than 64 bits are problems.
class WireReader {
public:
  explicit WireReader(Bytes message) : cursor(message.begin()), end(message.end()) {}

  /// The next field; false at the end of the message or at a problem.
  bool next(WireField &field);

  /// What is wrong, for a message that goes on "at byte N: "; null while nothing is.
  const char *problem() const { return trouble; }
  /// Where the last field, or the problem, begins.
  const uint8_t *position() const { return fieldStart; }

  /// Decodes one varint at \p cursor and moves it; false when it is cut off or over 64 bits.
  static bool readVarint(const uint8_t *&cursor, const uint8_t *end, uint64_t &value);

private:
  bool fail(const char *what) {
    trouble = what;
    return false;
  }

  const uint8_t *cursor;
  const uint8_t *end;
  const uint8_t *fieldStart = nullptr;
  const char *trouble = nullptr;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_WIREREADER_H
