// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The text form of tensors.

#include "TensorPrinter.h"

#include "FloatConversion.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Path.h"

#include <charconv>
#include <cstring>

namespace optrun::ir {
namespace {

constexpr uint64_t PrintedElements = 16;

template <typename T> T elementAt(llvm::ArrayRef<uint8_t> bytes, uint64_t index) {
  T element;
  std::memcpy(&element, bytes.data() + index * sizeof(T), sizeof(T));
  return element;
}

template <typename T> void printShortest(T value, llvm::raw_ostream &os) {
  char text[64];
  std::to_chars_result end = std::to_chars(text, text + sizeof(text), value);
  os << llvm::StringRef(text, static_cast<size_t>(end.ptr - text));
}

/// Sub-byte elements lie in a byte low bits first.
unsigned packedElement(llvm::ArrayRef<uint8_t> bytes, uint64_t index, unsigned bits) {
  unsigned perByte = 8 / bits;
  return (bytes[index / perByte] >> (index % perByte * bits)) & ((1u << bits) - 1);
}

int signExtend(unsigned value, unsigned bits) {
  return value >> (bits - 1) ? static_cast<int>(value) - (1 << bits) : static_cast<int>(value);
}

void printElement(DataType type, llvm::ArrayRef<uint8_t> bytes, uint64_t index,
                  llvm::raw_ostream &os) {
  switch (type) {
  case DataType::Float32:
    return printShortest(elementAt<float>(bytes, index), os);
  case DataType::Float64:
    return printShortest(elementAt<double>(bytes, index), os);
  case DataType::Float16:
  case DataType::BFloat16: {
    float value;
    floatConversion(type, DataType::Float32)(bytes.data() + index * 2,
                                             reinterpret_cast<uint8_t *>(&value), 1);
    return printShortest(value, os);
  }
  case DataType::Int64:
    os << elementAt<int64_t>(bytes, index);
    return;
  case DataType::UInt64:
    os << elementAt<uint64_t>(bytes, index);
    return;
  case DataType::Int32:
    os << elementAt<int32_t>(bytes, index);
    return;
  case DataType::UInt32:
    os << elementAt<uint32_t>(bytes, index);
    return;
  case DataType::Int16:
    os << elementAt<int16_t>(bytes, index);
    return;
  case DataType::UInt16:
    os << elementAt<uint16_t>(bytes, index);
    return;
  case DataType::Int8:
    os << static_cast<int>(elementAt<int8_t>(bytes, index));
    return;
  case DataType::UInt8:
  case DataType::Bool:
    os << static_cast<unsigned>(bytes[index]);
    return;
  case DataType::Int4:
  case DataType::Int2:
    os << signExtend(packedElement(bytes, index, bitWidth(type)), bitWidth(type));
    return;
  case DataType::UInt4:
  case DataType::UInt2:
    os << packedElement(bytes, index, bitWidth(type));
    return;
  default: {
    // Rare types in hexadecimal, as they are stored.
    unsigned bits = bitWidth(type);
    if (bits < 8)
      os << llvm::format_hex(packedElement(bytes, index, bits), 3);
    else
      os << "0x" << llvm::toHex(bytes.slice(index * bits / 8, bits / 8), /*LowerCase=*/true);
  }
  }
}

} // namespace

void printNumber(float value, llvm::raw_ostream &os) { printShortest(value, os); }

void printTensorType(const Tensor &tensor, llvm::raw_ostream &os) {
  os << dataTypeName(tensor.dataType());
  if (tensor.dims().empty())
    return;
  os << '[';
  llvm::interleave(tensor.dims(), os, ",");
  os << ']';
}

void printTensorData(const Tensor &tensor, llvm::raw_ostream &os) {
  uint64_t count = tensor.elementCount();
  if (tensor.dataType() == DataType::String) {
    os << '{';
    llvm::interleaveComma(tensor.strings().take_front(PrintedElements), os,
                          [&](const std::string &element) {
                            os << '"';
                            llvm::printEscapedString(element, os);
                            os << '"';
                          });
    os << (count > PrintedElements ? ", ...}" : "}");
    return;
  }
  if (std::optional<FileRange> range = tensor.source()->fileRange()) {
    os << "file(\"" << llvm::sys::path::filename(range->file->path()) << "\", offset "
       << range->offset << ", length " << range->length << ')';
    return;
  }
  std::optional<llvm::ArrayRef<uint8_t>> bytes = tensor.source()->inlineBytes();
  if (!bytes) {
    os << "derived(" << tensor.byteSize() << " bytes)";
    return;
  }
  os << '{';
  for (uint64_t index = 0; index < std::min(count, PrintedElements); ++index) {
    if (index != 0)
      os << ", ";
    printElement(tensor.dataType(), *bytes, index, os);
  }
  os << (count > PrintedElements ? ", ...}" : "}");
}

} // namespace optrun::ir
