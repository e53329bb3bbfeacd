// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Tensor infos of GGUF files.

#ifndef OPTRUN_LIB_CHECKPOINT_GGUFTENSORS_H
#define OPTRUN_LIB_CHECKPOINT_GGUFTENSORS_H

#include "GgufCursor.h"

#include "optrun/Checkpoint/Gguf.h"

namespace optrun::checkpoint {

/// A tensor info as it stands in the file.
struct GgufTensorInfo {
  GgufTensor tensor; // without payload
  uint64_t offset = 0, bytes = 0;
};

/// What a tensor info needs at least in the file.
constexpr uint64_t MinGgufTensorInfoBytes = 8 + 4 + 8 + 4 + 8;

/// Reads one tensor info and checks it by itself: name, shape, type, size.
llvm::Expected<GgufTensorInfo> readGgufTensorInfo(GgufCursor &cursor);

/// Gives the tensors their payloads from \p dataOffset on. Each must begin where the one before it
/// ends, rounded up to \p alignment.
llvm::Error placeGgufTensors(std::vector<GgufTensorInfo> &infos,
                             const std::shared_ptr<const FileHandle> &file, uint64_t dataOffset,
                             uint64_t alignment);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_GGUFTENSORS_H
