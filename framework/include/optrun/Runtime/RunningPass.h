// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What passes that run models have in common.

#ifndef OPTRUN_RUNTIME_RUNNINGPASS_H
#define OPTRUN_RUNTIME_RUNNINGPASS_H

#include "optrun/Pass/PassContext.h"
#include "optrun/Runtime/WeightPlaces.h"

#include "llvm/Support/FileUtilities.h"

namespace optrun::runtime {

/// Reports that ONNX Runtime cannot be used, if so: in Pass::check(), before anything runs. \p
/// pass: what may be taken out of the recipe instead.
void checkUsable(CheckContext &context, llvm::StringRef pass);

/// Where the weights of a model lie.
struct PlacedWeights {
  WeightFolder files;
  std::unique_ptr<llvm::FileRemover> scratchFile; // null where they are used where they lay
};

/// Finds the weights of \p model where they lie, by findAllWeights(). If ONNX Runtime cannot use
/// them there, they are written to the file that \p scratchPath names, with progress under \p
/// label; the file is gone with the result.
llvm::Expected<PlacedWeights>
placeWeights(const ir::Component &model, llvm::StringRef label,
             llvm::function_ref<llvm::Expected<std::string>()> scratchPath, PassContext &context);

} // namespace optrun::runtime

#endif // OPTRUN_RUNTIME_RUNNINGPASS_H
