// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Encoding of protobuf tags, varints and lengths.

#include "MessageBuilder.h"

#include "llvm/Support/Endian.h"

namespace optrun::onnx {

void MessageBuilder::varint(uint64_t value) {
  while (value >= 0x80) {
    encoded.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  encoded.push_back(static_cast<char>(value));
}

void MessageBuilder::integer(int field, int64_t value) {
  tag(field, 0);
  varint(static_cast<uint64_t>(value));
}

void MessageBuilder::float32(int field, float value) {
  tag(field, 5);
  char buffer[4];
  llvm::support::endian::write32le(buffer, llvm::bit_cast<uint32_t>(value));
  encoded.append(buffer, sizeof(buffer));
}

void MessageBuilder::openField(int field, uint64_t length) {
  tag(field, 2);
  varint(length);
}

void MessageBuilder::bytes(int field, llvm::StringRef value) {
  openField(field, value.size());
  encoded.append(value.data(), value.size());
}

void MessageBuilder::message(int field, const MessageBuilder &inner) {
  openField(field, inner.size());
  append(inner);
}

void MessageBuilder::append(const MessageBuilder &other) {
  for (Payload payload : other.references)
    references.push_back({encoded.size() + payload.position, payload.tensor});
  payloadBytes += other.payloadBytes;
  encoded += other.encoded;
}

void MessageBuilder::payload(int field, const ir::Tensor &tensor) {
  openField(field, tensor.byteSize());
  references.push_back({encoded.size(), &tensor});
  payloadBytes += tensor.byteSize();
}

void MessageBuilder::clear() {
  encoded.clear();
  references.clear();
  payloadBytes = 0;
}

} // namespace optrun::onnx
