// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// model.safetensors.index.json: which file holds which tensor.

#ifndef OPTRUN_LIB_CHECKPOINT_SHARDINDEX_H
#define OPTRUN_LIB_CHECKPOINT_SHARDINDEX_H

#include "llvm/ADT/StringMap.h"
#include "llvm/Support/Error.h"

#include <optional>
#include <set>
#include <string>

namespace optrun::checkpoint {

struct ShardIndex {
  /// The name of the file, by tensor.
  llvm::StringMap<std::string> fileOf;
  /// All names of files.
  std::set<std::string> files;
  /// "total_size" of the metadata, in bytes.
  std::optional<uint64_t> totalBytes;
};

/// An error when a tensor is listed twice or there is no "weight_map".
llvm::Expected<ShardIndex> parseShardIndex(llvm::StringRef text);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_SHARDINDEX_H
