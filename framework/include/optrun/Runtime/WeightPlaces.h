// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where ONNX Runtime finds the weights of a graph that is handed to it in memory.

#ifndef OPTRUN_RUNTIME_WEIGHTPLACES_H
#define OPTRUN_RUNTIME_WEIGHTPLACES_H

#include "optrun/Onnx/OnnxWriter.h"

namespace optrun::runtime {

/// Weights that have no place are part of the serialized graph.
using WeightPlaces = llvm::DenseMap<const ir::Tensor *, onnx::ExternalPlace>;

/// The files of a model's weights, all of them in one folder: ONNX Runtime looks in no other.
struct WeightFolder {
  std::string folder; // without symbolic links; empty when no weight needs a file
  WeightPlaces places;
};

/// The weights of \p model that are ranges of files in or below \p folder.
WeightPlaces findWeightPlaces(const ir::Component &model, llvm::StringRef folder);

/// Where the weights of \p model lie, if all of them are ranges of files in one folder; nullopt
/// when they lie apart or are computed from what the files hold.
std::optional<WeightFolder> findAllWeights(const ir::Component &model);

/// Writes the weights of \p model to a new file at \p path, each payload once and block by block.
/// \p advance is told how many more bytes are done; its error stops the writing.
llvm::Expected<WeightFolder> writeWeights(const ir::Component &model, llvm::StringRef path,
                                          llvm::function_ref<llvm::Error(uint64_t)> advance);

} // namespace optrun::runtime

#endif // OPTRUN_RUNTIME_WEIGHTPLACES_H
