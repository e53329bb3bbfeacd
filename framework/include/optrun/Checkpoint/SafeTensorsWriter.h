// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writing checkpoints as Hugging Face's hub has them: .safetensors files, and an index when there
/// are several.

#ifndef OPTRUN_CHECKPOINT_SAFETENSORSWRITER_H
#define OPTRUN_CHECKPOINT_SAFETENSORSWRITER_H

#include "optrun/IR/Tensor.h"
#include "optrun/Storage/OutputFile.h"

namespace optrun::checkpoint {

inline constexpr llvm::StringLiteral ShardIndexName = "model.safetensors.index.json";

struct SafeTensorsShard {
  std::string file; // "model.safetensors", or "model-00002-of-00005.safetensors"
  std::vector<ir::TensorRef> tensors;
  uint64_t payloadBytes = 0;
};

/// Divides \p tensors, in their order, by the hub's rule: one that is larger than \p maxBytes has a
/// file of its own, which comes before the current one; another that does not fit begins the next.
/// A tensor that is there again under another name (tied weights) is left out, as the hub does.
std::vector<SafeTensorsShard> divideIntoShards(llvm::ArrayRef<ir::TensorRef> tensors,
                                               uint64_t maxBytes);

/// The index of these files: model.safetensors.index.json.
std::string printShardIndex(llvm::ArrayRef<SafeTensorsShard> shards);

/// Writes one file. Payloads are copied by range where they lie in files, the widest types first,
/// so that every one is aligned. \p progress is called with the payload bytes done so far. An error
/// for types that the format does not have.
llvm::Error writeSafeTensors(OutputFile &out, llvm::ArrayRef<ir::TensorRef> tensors,
                             llvm::ArrayRef<std::pair<std::string, std::string>> metadata,
                             llvm::function_ref<llvm::Error(uint64_t)> progress);

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_SAFETENSORSWRITER_H
