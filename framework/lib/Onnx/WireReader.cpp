// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decoding of protobuf tags, varints and lengths.

#include "WireReader.h"

namespace optrun::onnx {

bool WireReader::readVarint(const uint8_t *&cursor, const uint8_t *end, uint64_t &value) {
  value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (cursor == end)
      return false;
    uint8_t byte = *cursor++;
    // The tenth byte holds the one bit that is left of 64.
    if (shift == 63 && byte > 1)
      return false;
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

bool WireReader::next(WireField &field) {
  fieldStart = cursor;
  if (cursor == end || trouble)
    return false;

  uint64_t tag;
  if (!readVarint(cursor, end, tag))
    return fail("the tag of a field is cut off or damaged");
  uint64_t number = tag >> 3;
  if (number == 0 || number >= (uint64_t(1) << 29))
    return fail("a field number is out of range");
  field.number = static_cast<uint32_t>(number);

  uint64_t length;
  const uint8_t *content = cursor;
  switch (tag & 7) {
  case 0:
    field.type = WireType::Varint;
    if (!readVarint(cursor, end, field.value))
      return fail("a number is cut off or longer than 64 bits");
    field.content = Bytes(content, cursor);
    break;
  case 1:
  case 5:
    field.type = (tag & 7) == 1 ? WireType::Fixed64 : WireType::Fixed32;
    length = field.type == WireType::Fixed64 ? 8 : 4;
    if (static_cast<uint64_t>(end - cursor) < length)
      return fail("a number is cut off");
    cursor += length;
    field.content = Bytes(content, cursor);
    break;
  case 2:
    field.type = WireType::Delimited;
    if (!readVarint(cursor, end, length))
      return fail("the length of a field is cut off or damaged");
    if (length > static_cast<uint64_t>(end - cursor))
      return fail("a field claims more bytes than the message that holds it has left");
    field.content = Bytes(cursor, static_cast<size_t>(length));
    cursor += length;
    break;
  case 3:
  case 4:
    return fail("a group, which ONNX never uses");
  default:
    return fail("an unknown wire type");
  }
  field.whole = Bytes(fieldStart, cursor);
  return true;
}

} // namespace optrun::onnx
