// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Protobuf's encoding by hand, for files that protobuf itself would not write.

#ifndef OPTRUN_UNITTESTS_ONNX_WIREBYTES_H
#define OPTRUN_UNITTESTS_ONNX_WIREBYTES_H

#include <cstdint>
#include <string>

namespace optrun::onnx::wire {

inline std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7)
    bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
  return bytes;
}

inline std::string tag(uint64_t field, unsigned wireType) { return varint(field << 3 | wireType); }

inline std::string integer(uint64_t field, uint64_t value) { return tag(field, 0) + varint(value); }

inline std::string bytes(uint64_t field, const std::string &content) {
  return tag(field, 2) + varint(content.size()) + content;
}

/// A field that claims \p length bytes and has \p content.
inline std::string claiming(uint64_t field, uint64_t length, const std::string &content) {
  return tag(field, 2) + varint(length) + content;
}

} // namespace optrun::onnx::wire

#endif // OPTRUN_UNITTESTS_ONNX_WIREBYTES_H
