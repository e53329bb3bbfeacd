// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Constant tensors.

#include "optrun/IR/Tensor.h"

#include "llvm/Support/FormatVariadic.h"

namespace optrun::ir {
namespace {

std::string quoted(llvm::StringRef name) {
  return name.empty() ? "unnamed tensor" : ("tensor '" + name + "'").str();
}

llvm::Expected<uint64_t> countElements(llvm::StringRef name, llvm::ArrayRef<int64_t> dims) {
  // A zero anywhere makes the product zero, whatever the other extents are.
  uint64_t elements = 1;
  bool overflow = false, empty = false;
  for (int64_t extent : dims) {
    if (extent < 0)
      return llvm::createStringError(std::errc::invalid_argument,
                                     "%s has the negative dimension %lld", quoted(name).c_str(),
                                     static_cast<long long>(extent));
    empty |= extent == 0;
    overflow |= __builtin_mul_overflow(elements, static_cast<uint64_t>(extent), &elements);
  }
  if (empty)
    return 0;
  if (overflow || elements > static_cast<uint64_t>(INT64_MAX))
    return llvm::createStringError(std::errc::value_too_large,
                                   "%s has more elements than can be counted in 63 bits",
                                   quoted(name).c_str());
  return elements;
}

} // namespace

llvm::Expected<TensorRef> Tensor::create(std::string name, DataType type, Dims dims,
                                         TensorSourceRef source) {
  if (bitWidth(type) == 0)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "%s: elements of type %s have no fixed size",
                                   quoted(name).c_str(), dataTypeName(type).str().c_str());
  if (!source)
    return llvm::createStringError(std::errc::invalid_argument, "%s has no data",
                                   quoted(name).c_str());
  llvm::Expected<uint64_t> elements = countElements(name, dims);
  if (!elements)
    return elements.takeError();
  std::optional<uint64_t> bytes = packedByteSize(type, *elements);
  if (!bytes)
    return llvm::createStringError(std::errc::value_too_large,
                                   "%s has more bytes than can be counted in 64 bits",
                                   quoted(name).c_str());
  if (*bytes != source->byteSize())
    return llvm::createStringError(
        std::errc::invalid_argument,
        "%s has %llu bytes of data, but its shape and type (%s) need %llu", quoted(name).c_str(),
        static_cast<unsigned long long>(source->byteSize()), dataTypeName(type).str().c_str(),
        static_cast<unsigned long long>(*bytes));

  auto tensor = std::make_shared<Tensor>();
  tensor->tensorName = std::move(name);
  tensor->type = type;
  tensor->extents = std::move(dims);
  tensor->elements = *elements;
  tensor->payload = std::move(source);
  return tensor;
}

llvm::Expected<TensorRef> Tensor::createStrings(std::string name, Dims dims,
                                                std::vector<std::string> strings) {
  llvm::Expected<uint64_t> elements = countElements(name, dims);
  if (!elements)
    return elements.takeError();
  if (*elements != strings.size())
    return llvm::createStringError(
        std::errc::invalid_argument, "%s has %zu strings, but its shape needs %llu",
        quoted(name).c_str(), strings.size(), static_cast<unsigned long long>(*elements));
  auto tensor = std::make_shared<Tensor>();
  tensor->tensorName = std::move(name);
  tensor->type = DataType::String;
  tensor->extents = std::move(dims);
  tensor->elements = *elements;
  tensor->stringElements = std::move(strings);
  return tensor;
}

uint64_t Tensor::byteSize() const {
  if (payload)
    return payload->byteSize();
  uint64_t total = 0;
  for (const std::string &element : stringElements)
    total += element.size();
  return total;
}

llvm::Expected<std::vector<uint8_t>> Tensor::readAll() const {
  if (!payload)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "%s holds strings; read them with strings()",
                                   quoted(tensorName).c_str());
  std::vector<uint8_t> bytes(payload->byteSize());
  if (llvm::Error error = payload->read(0, bytes))
    return error;
  return bytes;
}

llvm::Error
Tensor::forEachBlock(uint64_t blockBytes,
                     llvm::function_ref<llvm::Error(llvm::ArrayRef<uint8_t>)> visit) const {
  if (!payload)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "%s holds strings; read them with strings()",
                                   quoted(tensorName).c_str());
  if (blockBytes == 0)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "%s cannot be read in blocks of 0 bytes",
                                   quoted(tensorName).c_str());
  uint64_t total = payload->byteSize();
  if (std::optional<llvm::ArrayRef<uint8_t>> bytes = payload->inlineBytes()) {
    for (uint64_t offset = 0; offset < total; offset += blockBytes)
      if (llvm::Error error = visit(bytes->slice(offset, std::min(blockBytes, total - offset))))
        return error;
    return llvm::Error::success();
  }
  std::vector<uint8_t> block(std::min(blockBytes, total));
  for (uint64_t offset = 0; offset < total; offset += block.size()) {
    llvm::MutableArrayRef<uint8_t> piece(block.data(),
                                         std::min<uint64_t>(block.size(), total - offset));
    if (llvm::Error error = payload->read(offset, piece))
      return error;
    if (llvm::Error error = visit(piece))
      return error;
  }
  return llvm::Error::success();
}

TensorRef Tensor::renamed(std::string newName) const {
  auto copy = std::make_shared<Tensor>(*this);
  copy->tensorName = std::move(newName);
  return copy;
}

TensorRef Tensor::annotated(std::string newDocString,
                            std::vector<std::pair<std::string, std::string>> newMetadata) const {
  auto copy = std::make_shared<Tensor>(*this);
  copy->docString = std::move(newDocString);
  copy->metadata = std::move(newMetadata);
  return copy;
}

} // namespace optrun::ir
