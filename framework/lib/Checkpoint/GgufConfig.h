// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// A config.json in Hugging Face's spelling from GGUF metadata.

#ifndef OPTRUN_LIB_CHECKPOINT_GGUFCONFIG_H
#define OPTRUN_LIB_CHECKPOINT_GGUFCONFIG_H

#include "GgufArchitecture.h"

#include "optrun/Checkpoint/Gguf.h"

namespace optrun::checkpoint {

/// How many heads the rows of q_proj and k_proj belong to.
struct HeadCounts {
  uint64_t queries = 0, keys = 0;
};

/// What the names and shapes of tensors depend on.
struct GgufLayers {
  uint64_t count = 0;
  HeadCounts heads;
};

llvm::Expected<GgufLayers> readGgufLayers(const GgufFile &file,
                                          const GgufArchitecture &architecture);

/// \p type: what the weights are read as, for "dtype".
llvm::Expected<std::string> ggufConfigJson(const GgufFile &file,
                                           const GgufArchitecture &architecture, ir::DataType type);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_GGUFCONFIG_H
