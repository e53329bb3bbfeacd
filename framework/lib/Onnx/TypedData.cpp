// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Decoding of packed varints, narrowed to the element type. Values that do not fit are errors.

#include "TypedData.h"

#include "ProtoSupport.h"

namespace optrun::onnx {

namespace {

/// Varints to elements of \p bytes bytes. \p smallest and \p largest allow for producers that write
/// bit patterns as signed numbers and those that write them as unsigned ones.
llvm::Expected<std::vector<uint8_t>> decode(const std::vector<Bytes> &pieces, unsigned bytes,
                                            int64_t smallest, int64_t largest,
                                            bool isInt32Field = false) {
  size_t varints = 0;
  for (Bytes piece : pieces)
    for (uint8_t byte : piece)
      varints += byte < 0x80;
  std::vector<uint8_t> raw;
  raw.reserve(varints * bytes);
  for (Bytes piece : pieces) {
    const uint8_t *cursor = piece.begin();
    while (cursor != piece.end()) {
      uint64_t value;
      if (!WireReader::readVarint(cursor, piece.end(), value))
        return makeError("a number in its data is damaged");
      // As protobuf does: the upper half of an int32 field means nothing.
      auto number = isInt32Field ? static_cast<int32_t>(value) : static_cast<int64_t>(value);
      if (number < smallest || number > largest)
        return makeError("the number " + llvm::Twine(number) +
                         " in its data does not fit its type");
      for (unsigned shift = 0; shift < bytes * 8; shift += 8)
        raw.push_back(static_cast<uint8_t>(value >> shift));
    }
  }
  return raw;
}

} // namespace

llvm::Expected<std::vector<uint8_t>> decodeInt32Data(const std::vector<Bytes> &pieces,
                                                     ir::DataType type) {
  unsigned bits = ir::bitWidth(type);
  if (bits == 0 || bits > 32)
    return makeError("its element type, " + ir::dataTypeName(type) +
                     ", cannot be stored in int32_data");
  if (bits == 32)
    return decode(pieces, 4, INT32_MIN, INT32_MAX, true);
  if (bits == 16)
    return decode(pieces, 2, INT16_MIN, UINT16_MAX, true);
  return decode(pieces, 1, INT8_MIN, UINT8_MAX, true);
}

llvm::Expected<std::vector<uint8_t>> decodeInt64Data(const std::vector<Bytes> &pieces,
                                                     ir::DataType type) {
  if (type == ir::DataType::UInt32)
    return decode(pieces, 4, 0, UINT32_MAX);
  return decode(pieces, 8, INT64_MIN, INT64_MAX);
}

std::vector<uint8_t> joinPieces(const std::vector<Bytes> &pieces) {
  std::vector<uint8_t> raw;
  for (Bytes piece : pieces)
    raw.insert(raw.end(), piece.begin(), piece.end());
  return raw;
}

} // namespace optrun::onnx
