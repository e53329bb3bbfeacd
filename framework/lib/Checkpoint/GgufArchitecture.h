// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What GGUF's conversion did to a model of a family, as data: names, and what must be undone.

#ifndef OPTRUN_LIB_CHECKPOINT_GGUFARCHITECTURE_H
#define OPTRUN_LIB_CHECKPOINT_GGUFARCHITECTURE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

#include <optional>
#include <string>

namespace optrun::checkpoint {

/// A module's name in GGUF and at Hugging Face.
struct ModuleName {
  llvm::StringRef gguf, huggingFace;
};

struct GgufArchitecture {
  llvm::StringRef name;      ///< general.architecture
  llvm::StringRef modelType; ///< config.json's model_type
  llvm::StringRef className; ///< config.json's architectures
  llvm::StringRef layers;    ///< what the names of layers begin with: "model.layers."
  llvm::ArrayRef<ModuleName> modules, layerModules;
  /// Rows of q_proj and k_proj were put in the order of another kind of rotary positions.
  bool permutesQueriesAndKeys = false;
  /// Norm weights have 1 added to them.
  bool addsOneToNorms = false;
  /// Linear weights of layers are [out, in], not [in, out].
  bool transposesLinears = false;
};

/// Null when the architecture is not known.
const GgufArchitecture *findGgufArchitecture(llvm::StringRef name);

/// "llama, qwen2, …"
std::string knownGgufArchitectures();

/// Hugging Face's name of the tensor "blk.3.attn_q.weight"; nullopt when the architecture has no
/// such tensor among \p layerCount layers.
std::optional<std::string> huggingFaceName(const GgufArchitecture &architecture,
                                           llvm::StringRef name, uint64_t layerCount);

/// Tensors that config.json expresses: factors of rotary positions.
bool isRotaryFactors(llvm::StringRef name);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_GGUFARCHITECTURE_H
