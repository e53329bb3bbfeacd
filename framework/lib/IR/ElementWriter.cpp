// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writes numbers as elements of tensors.

#include "optrun/IR/ElementWriter.h"

#include "FloatConversion.h"

#include "llvm/Support/Endian.h"

#include <cassert>

namespace optrun::ir {
namespace {

bool isWholeNumber(DataType type) {
  switch (type) {
  case DataType::Bool:
  case DataType::UInt8:
  case DataType::Int8:
  case DataType::UInt16:
  case DataType::Int16:
  case DataType::UInt32:
  case DataType::Int32:
  case DataType::UInt64:
  case DataType::Int64:
    return true;
  default:
    return false;
  }
}

} // namespace

bool ElementWriter::canWrite(DataType type) { return isWholeNumber(type) || isFloatingPoint(type); }

ElementWriter::ElementWriter(DataType type, size_t count) : type(type) {
  assert(canWrite(type));
  bytes.reserve(count * bitWidth(type) / 8);
}

void ElementWriter::append(double value) {
  const size_t width = bitWidth(type) / 8;
  uint8_t element[sizeof(uint64_t)];
  if (isFloatingPoint(type)) {
    uint8_t wide[sizeof(double)];
    llvm::support::endian::write(wide, value, llvm::endianness::little);
    floatConversion(DataType::Float64, type)(wide, element, 1);
  } else {
    // Two's complement: the lower bytes are the number in every narrower type.
    llvm::support::endian::write64le(element, static_cast<uint64_t>(static_cast<int64_t>(value)));
  }
  bytes.insert(bytes.end(), element, element + width);
}

} // namespace optrun::ir
