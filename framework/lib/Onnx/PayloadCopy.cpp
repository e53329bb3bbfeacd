// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Payloads below a limit pass through the buffer, since a system call each would cost more.

#include "PayloadCopy.h"

#include "ProtoSupport.h"

#include "optrun/IR/TensorOutput.h"

namespace optrun::onnx {

namespace {

constexpr size_t BufferBytes = 1 << 20;
constexpr uint64_t SmallPayload = 64 << 10;

std::string messageOf(const ir::Tensor &tensor, llvm::Error error) {
  return ("tensor '" + tensor.name() + "': " + llvm::toString(std::move(error))).str();
}

/// Appends the whole payload to \p out.
llvm::Error readInto(std::string &out, const ir::Tensor &tensor) {
  size_t start = out.size();
  out.resize(start + tensor.byteSize());
  auto *target = reinterpret_cast<uint8_t *>(out.data() + start);
  if (auto error = tensor.source()->read(0, {target, static_cast<size_t>(tensor.byteSize())}))
    return makeError(messageOf(tensor, std::move(error)));
  return llvm::Error::success();
}

} // namespace

llvm::Error appendTo(std::string &out, const MessageBuilder &message) {
  size_t done = 0;
  for (auto [position, tensor] : message.payloads()) {
    out += message.encoding().slice(done, position);
    done = position;
    if (auto error = readInto(out, *tensor))
      return error;
  }
  out += message.encoding().substr(done);
  return llvm::Error::success();
}

llvm::Error MessageWriter::append(llvm::StringRef bytes) {
  buffer.append(bytes.data(), bytes.size());
  return buffer.size() < BufferBytes ? llvm::Error::success() : flush();
}

llvm::Error MessageWriter::flush() {
  auto error = file.append(llvm::StringRef(buffer));
  buffer.clear();
  return error;
}

llvm::Error MessageWriter::report(uint64_t inThisTensor) {
  return progress ? progress(payloadDone + inThisTensor) : llvm::Error::success();
}

llvm::Error MessageWriter::write(const MessageBuilder &message) {
  size_t done = 0;
  for (auto [position, tensor] : message.payloads()) {
    if (auto error = append(message.encoding().slice(done, position)))
      return error;
    done = position;
    if (auto error = copy(*tensor))
      return error;
    payloadDone += tensor->byteSize();
    if (auto error = report(0))
      return error;
  }
  return append(message.encoding().substr(done));
}

llvm::Error MessageWriter::copy(const ir::Tensor &tensor) {
  if (tensor.byteSize() <= SmallPayload) {
    if (auto error = readInto(buffer, tensor))
      return error;
    return append("");
  }
  if (auto error = flush())
    return error;
  return ir::appendPayload(file, tensor, [this](uint64_t bytes) { return report(bytes); });
}

} // namespace optrun::onnx
