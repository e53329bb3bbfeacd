// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// TensorProto's typed data fields (int32_data, int64_data, …) to little-endian raw bytes.

#ifndef OPTRUN_LIB_ONNX_TYPEDDATA_H
#define OPTRUN_LIB_ONNX_TYPEDDATA_H

#include "WireReader.h"

#include "optrun/IR/DataType.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace optrun::onnx {

/// \p pieces hold varints. int32_data serves every type of at most 32 bits but float and uint32:
/// one entry an element, or one byte of packed elements for types below 8 bits.
llvm::Expected<std::vector<uint8_t>> decodeInt32Data(const std::vector<Bytes> &pieces,
                                                     ir::DataType type);
/// int64_data and uint64_data (for int64, uint64 and uint32).
llvm::Expected<std::vector<uint8_t>> decodeInt64Data(const std::vector<Bytes> &pieces,
                                                     ir::DataType type);
/// Fixed-width elements that were not packed into one piece.
std::vector<uint8_t> joinPieces(const std::vector<Bytes> &pieces);

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_TYPEDDATA_H
