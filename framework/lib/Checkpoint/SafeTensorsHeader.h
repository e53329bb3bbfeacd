// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The JSON header of a .safetensors file.

#ifndef OPTRUN_LIB_CHECKPOINT_SAFETENSORSHEADER_H
#define OPTRUN_LIB_CHECKPOINT_SAFETENSORSHEADER_H

#include "optrun/IR/Tensor.h"

namespace optrun::checkpoint {

/// What the header says of one tensor; bytes [begin, end) of the data behind the header.
struct SafeTensorsEntry {
  std::string name;
  ir::DataType type = ir::DataType::Undefined;
  ir::Tensor::Dims dims;
  uint64_t begin = 0, end = 0;
};

struct SafeTensorsHeader {
  /// In the order of the header.
  std::vector<SafeTensorsEntry> entries;
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// "F16"; empty for types that the format does not have.
llvm::StringRef safeTensorsTypeName(ir::DataType type);

/// Checks each entry by itself: known keys, known type, and shape and type need the bytes that the
/// offsets give. Where the entries lie relative to one another is not checked here.
llvm::Expected<SafeTensorsHeader> parseSafeTensorsHeader(llvm::StringRef text);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_SAFETENSORSHEADER_H
