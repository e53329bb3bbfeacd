// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Values by type. Arrays are walked, not kept.

#include "GgufMetadata.h"

#include "Messages.h"

namespace optrun::checkpoint {
namespace {

constexpr uint64_t MaxKeyBytes = 65535;
/// Zero-length strings are eight bytes each: without a limit, a file of zeros could be walked for
/// minutes.
constexpr uint64_t MaxArrayElements = uint64_t(1) << 22;

template <typename Wide, typename T> GgufValue value(GgufCursor &cursor) {
  return static_cast<Wide>(cursor.number<T>());
}

llvm::Expected<GgufValue> readBool(GgufCursor &cursor) {
  unsigned byte = cursor.number<uint8_t>();
  if (byte > 1)
    return makeError("its value must be 0 or 1, it is " + llvm::Twine(byte));
  return GgufValue(byte == 1);
}

llvm::Expected<GgufValue> readArray(GgufCursor &cursor) {
  GgufArray array;
  uint32_t code = cursor.number<uint32_t>();
  array.elementType = static_cast<GgufValueType>(code);
  array.count = cursor.number<uint64_t>();
  array.offset = cursor.position();
  if (cursor.failed())
    return cursor.takeError();
  unsigned elementBytes = minElementBytes(array.elementType);
  if (elementBytes == 0)
    return makeError("its elements are of type " + llvm::Twine(code) +
                     (array.elementType == GgufValueType::Array ? ", arrays: these are not read"
                                                                : ", which does not exist"));
  if (array.count > MaxArrayElements || array.count > cursor.remaining() / elementBytes)
    return makeError("its array claims " + llvm::Twine(array.count) +
                     " elements, more than the file holds or can be read");
  if (array.elementType == GgufValueType::String)
    for (uint64_t i = 0; i != array.count && !cursor.failed(); ++i)
      cursor.skipString(MaxGgufStringBytes, "a string in its array");
  else
    cursor.skip(array.count * elementBytes);
  array.bytes = cursor.position() - array.offset;
  return GgufValue(array);
}

llvm::Expected<GgufValue> readTyped(GgufCursor &cursor, uint32_t code) {
  switch (static_cast<GgufValueType>(code)) {
  case GgufValueType::UInt8:
    return value<uint64_t, uint8_t>(cursor);
  case GgufValueType::Int8:
    return value<int64_t, int8_t>(cursor);
  case GgufValueType::UInt16:
    return value<uint64_t, uint16_t>(cursor);
  case GgufValueType::Int16:
    return value<int64_t, int16_t>(cursor);
  case GgufValueType::UInt32:
    return value<uint64_t, uint32_t>(cursor);
  case GgufValueType::Int32:
    return value<int64_t, int32_t>(cursor);
  case GgufValueType::UInt64:
    return value<uint64_t, uint64_t>(cursor);
  case GgufValueType::Int64:
    return value<int64_t, int64_t>(cursor);
  case GgufValueType::Float32:
    return value<double, float>(cursor);
  case GgufValueType::Float64:
    return value<double, double>(cursor);
  case GgufValueType::Bool:
    return readBool(cursor);
  case GgufValueType::String:
    return GgufValue(cursor.string(MaxGgufStringBytes, "its string"));
  case GgufValueType::Array:
    return readArray(cursor);
  }
  return makeError("its type, " + llvm::Twine(code) + ", does not exist");
}

} // namespace

unsigned minElementBytes(GgufValueType type) {
  switch (type) {
  case GgufValueType::UInt8:
  case GgufValueType::Int8:
  case GgufValueType::Bool:
    return 1;
  case GgufValueType::UInt16:
  case GgufValueType::Int16:
    return 2;
  case GgufValueType::UInt32:
  case GgufValueType::Int32:
  case GgufValueType::Float32:
    return 4;
  case GgufValueType::UInt64:
  case GgufValueType::Int64:
  case GgufValueType::Float64:
  case GgufValueType::String: // its length
    return 8;
  case GgufValueType::Array:
    break;
  }
  return 0;
}

double readGgufNumber(GgufCursor &cursor, GgufValueType type) {
  llvm::Expected<GgufValue> number = readTyped(cursor, static_cast<uint32_t>(type));
  if (!number) { // a bool that is neither
    llvm::consumeError(number.takeError());
    return 1;
  }
  return std::visit(
      [](const auto &element) -> double {
        if constexpr (std::is_arithmetic_v<std::decay_t<decltype(element)>>)
          return static_cast<double>(element);
        else
          return 0;
      },
      *number);
}

llvm::Expected<std::string> readGgufKey(GgufCursor &cursor) {
  uint64_t at = cursor.position();
  std::string key = cursor.string(MaxKeyBytes, "a key");
  if (cursor.failed())
    return cursor.takeError();
  if (key.empty() || key.find('\0') != std::string::npos)
    return makeError("at byte " + llvm::Twine(at) + ": a key is empty or holds a zero byte");
  return key;
}

llvm::Expected<GgufValue> readGgufValue(GgufCursor &cursor, llvm::StringRef key) {
  uint32_t code = cursor.number<uint32_t>();
  llvm::Expected<GgufValue> value = readTyped(cursor, code);
  if (!value)
    return inPlace("key " + inQuotes(key), value.takeError());
  if (cursor.failed())
    return inPlace("key " + inQuotes(key), cursor.takeError());
  return value;
}

} // namespace optrun::checkpoint
