// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// FLOPs by the published rules, module by module.
///
/// Olive's rules (olive/cli/generate_cost_model.py), for one token: Linear 2 · params, bias
/// included; Embedding 1; LayerNorm and RMSNorm 4 · hidden; SiLU 6 · hidden; anything else 0.
/// hidden is the width of what the last Linear or Embedding before, in order of registration,
/// returns; for decoders that is the width of the embeddings. What a module is, its operators tell.

#ifndef OPTRUN_PASSES_COSTESTIMATE_PUBLISHEDFLOPS_H
#define OPTRUN_PASSES_COSTESTIMATE_PUBLISHEDFLOPS_H

#include "optrun/Analysis/Dataflow.h"

namespace optrun {

enum class ModuleKind { Other, Silu, Norm, Embedding, Linear };

struct ModuleKinds {
  std::vector<ModuleKind> ofRow;
  /// The width of the widest embedding; without one, of each norm itself: nullopt.
  std::optional<uint64_t> hidden;
  std::vector<uint64_t> normWidth; // for each row; 0 where it is no norm
};

/// \p rowOf: the row of each node, below \p rows, or NoRow.
ModuleKinds findModuleKinds(const Dataflow &flow, llvm::ArrayRef<uint32_t> rowOf, uint32_t rows);

/// For one token, of a row with \p params parameters. Saturates.
uint64_t publishedFlops(const ModuleKinds &kinds, uint32_t row, uint64_t params);

} // namespace optrun

#endif // OPTRUN_PASSES_COSTESTIMATE_PUBLISHEDFLOPS_H
