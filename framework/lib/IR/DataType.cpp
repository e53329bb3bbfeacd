// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The table of element types.

#include "optrun/IR/DataType.h"

#include <array>

namespace optrun::ir {
namespace {

struct Entry {
  llvm::StringLiteral name;
  unsigned bits;
};

// Indexed by ONNX code.
constexpr std::array<Entry, 27> Table = {{
    {"undefined", 0},      {"float", 32},       {"uint8", 8},          {"int8", 8},
    {"uint16", 16},        {"int16", 16},       {"int32", 32},         {"int64", 64},
    {"string", 0},         {"bool", 8},         {"float16", 16},       {"double", 64},
    {"uint32", 32},        {"uint64", 64},      {"complex64", 64},     {"complex128", 128},
    {"bfloat16", 16},      {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},        {"int4", 4},           {"float4e2m1", 4},
    {"float8e8m0", 8},     {"uint2", 2},        {"int2", 2},
}};

const Entry &entry(DataType type) {
  auto code = static_cast<size_t>(type);
  return Table[code < Table.size() ? code : 0];
}

} // namespace

unsigned bitWidth(DataType type) { return entry(type).bits; }

bool isFloatingPoint(DataType type) {
  return type == DataType::Float16 || type == DataType::BFloat16 || type == DataType::Float32 ||
         type == DataType::Float64;
}

std::optional<uint64_t> packedByteSize(DataType type, uint64_t elements) {
  unsigned bits = bitWidth(type);
  if (bits == 0)
    return std::nullopt;
  if (bits < 8) {
    uint64_t perByte = 8 / bits;
    return elements / perByte + (elements % perByte != 0);
  }
  uint64_t bytes;
  if (__builtin_mul_overflow(elements, uint64_t(bits / 8), &bytes))
    return std::nullopt;
  return bytes;
}

llvm::StringRef dataTypeName(DataType type) { return entry(type).name; }

std::optional<DataType> dataTypeFromCode(int32_t code) {
  if (code < 0 || static_cast<size_t>(code) >= Table.size())
    return std::nullopt;
  return static_cast<DataType>(code);
}

} // namespace optrun::ir
