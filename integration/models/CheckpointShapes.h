// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Checkpoints of published models by their configuration and the names and shapes of their
/// tensors, for tests and benchmarks at real sizes.

#ifndef OPTRUN_INTEGRATION_MODELS_CHECKPOINTSHAPES_H
#define OPTRUN_INTEGRATION_MODELS_CHECKPOINTSHAPES_H

#include "optrun/IR/Tensor.h"

#include "llvm/Support/JSON.h"

#include <optional>

namespace optrun::test {

struct CheckpointShapes {
  struct Entry {
    std::string name;
    ir::Tensor::Dims dims;
    uint64_t elementCount() const;
  };
  llvm::json::Object config; // without torch_dtype
  std::vector<Entry> tensors;
};

/// "opt-1.3b", "phi-3.5-mini" or "mistral-7b".
std::optional<CheckpointShapes> checkpointShapes(llvm::StringRef model);

} // namespace optrun::test

#endif // OPTRUN_INTEGRATION_MODELS_CHECKPOINTSHAPES_H
