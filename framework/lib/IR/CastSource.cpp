// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Floating-point elements as elements of another type.

#include "ConvertedSource.h"

namespace optrun::ir {
namespace {

/// Elements that are read at once: at most 512 KiB.
constexpr uint64_t ElementsPerRead = 64 * 1024;

} // namespace

llvm::Expected<TensorSourceRef> makeCastSource(TensorSourceRef source, DataType from, DataType to) {
  if (!source)
    return llvm::createStringError(std::errc::invalid_argument, "a cast needs a source");
  ConvertFunction convert = floatConversion(from, to);
  if (!convert)
    return llvm::createStringError(std::errc::invalid_argument,
                                   "cannot cast tensor data from %s to %s: only float, float16, "
                                   "bfloat16 and double can be cast",
                                   dataTypeName(from).str().c_str(),
                                   dataTypeName(to).str().c_str());
  if (source->byteSize() % (bitWidth(from) / 8) != 0)
    return llvm::createStringError(
        std::errc::invalid_argument, "%llu bytes are no whole number of %s elements",
        static_cast<unsigned long long>(source->byteSize()), dataTypeName(from).str().c_str());
  uint64_t resultBytes;
  if (__builtin_mul_overflow(source->byteSize() / (bitWidth(from) / 8), uint64_t(bitWidth(to) / 8),
                             &resultBytes))
    return llvm::createStringError(std::errc::value_too_large,
                                   "the result of the cast has too many bytes");
  if (from == to)
    return source;
  return makeConvertedSource(std::move(source),
                             {bitWidth(from) / 8, bitWidth(to) / 8, ElementsPerRead, convert});
}

} // namespace optrun::ir
