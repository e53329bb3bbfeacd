// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Checkpoint files from text and numbers, right and wrong ones.

#ifndef OPTRUN_UNITTESTS_CHECKPOINT_CHECKPOINTBYTES_H
#define OPTRUN_UNITTESTS_CHECKPOINT_CHECKPOINTBYTES_H

#include <cstring>
#include <string>

namespace optrun::test {

/// The bytes of a number as they lie in a file.
template <typename T> std::string number(T value) {
  std::string bytes(sizeof(T), '\0');
  std::memcpy(bytes.data(), &value, sizeof(T));
  return bytes;
}

/// A .safetensors file.
inline std::string safeTensors(const std::string &header, const std::string &data) {
  return number<uint64_t>(header.size()) + header + data;
}

/// One with a single tensor 'a'; \p fields is what stands between its braces.
inline std::string safeTensor(const std::string &fields, const std::string &data) {
  return safeTensors(R"({"a":{)" + fields + "}}", data);
}

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_CHECKPOINT_CHECKPOINTBYTES_H
