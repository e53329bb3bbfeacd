// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0

/// \file
/// Checkpoint files from text and numbers, right and wrong ones.

#ifndef OPTRUN_UNITTESTS_CHECKPOINT_CHECKPOINTBYTES_H
#define OPTRUN_UNITTESTS_CHECKPOINT_CHECKPOINTBYTES_H

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

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

/// A string as GGUF has it, with another length where one is given.
inline std::string ggufString(const std::string &text) {
  return number<uint64_t>(text.size()) + text;
}
inline std::string ggufString(const std::string &text, uint64_t claimed) {
  return number(claimed) + text;
}

/// Builds GGUF files, piece by piece.
struct GgufBytes {
  std::string magic = "GGUF";
  uint32_t version = 3;
  uint64_t alignment = 32;
  uint64_t keyCount = 0, tensorCount = 0;
  std::string keys, infos, data;

  /// A key, the code of its type, and its value.
  GgufBytes &key(const std::string &name, uint32_t type, const std::string &value) {
    ++keyCount;
    keys += ggufString(name) + number(type) + value;
    return *this;
  }
  GgufBytes &key(const std::string &name, const char *text) {
    return key(name, 8, ggufString(text));
  }
  GgufBytes &key(const std::string &name, uint32_t value) { return key(name, 4, number(value)); }
  GgufBytes &key(const std::string &name, float value) { return key(name, 6, number(value)); }
  GgufBytes &key(const std::string &name, const std::vector<std::string> &strings) {
    std::string value = number<uint32_t>(8) + number<uint64_t>(strings.size());
    for (const std::string &text : strings)
      value += ggufString(text);
    return key(name, 9, value);
  }

  /// A tensor info; \p shape is in the order of the file, the fastest extent first.
  GgufBytes &info(const std::string &name, const std::vector<int64_t> &shape, uint32_t type,
                  uint64_t offset) {
    ++tensorCount;
    infos += ggufString(name) + number(static_cast<uint32_t>(shape.size()));
    for (int64_t extent : shape)
      infos += number(extent);
    infos += number(type) + number(offset);
    return *this;
  }
  /// A tensor with its data.
  GgufBytes &tensor(const std::string &name, const std::vector<int64_t> &shape, uint32_t type,
                    const std::string &bytes) {
    data.resize((data.size() + alignment - 1) / alignment * alignment);
    info(name, shape, type, data.size());
    data += bytes;
    return *this;
  }

  std::string build() const {
    std::string file =
        magic + number(version) + number(tensorCount) + number(keyCount) + keys + infos;
    if (!data.empty())
      file.resize((file.size() + alignment - 1) / alignment * alignment);
    return file + data;
  }
};

} // namespace optrun::test

#endif // OPTRUN_UNITTESTS_CHECKPOINT_CHECKPOINTBYTES_H
