// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a model takes and gives, as far as its graphs tell: known before it is loaded.

#ifndef OPTRUN_PASSES_EVALUATE_MODELINTERFACE_H
#define OPTRUN_PASSES_EVALUATE_MODELINTERFACE_H

#include "optrun/Results/ModelFiles.h"
#include "optrun/Tokens/TokenModel.h"

namespace optrun::evaluate {

struct ModelInterface : TokenModel {
  std::string logits; // the output
};

/// Reads the graphs of \p files, without their weights. \p logits: the output's name, when the user
/// gave one; where it \p isOptional, an output of another name will do. Errors name the model.
llvm::Expected<ModelInterface>
describeModel(const ModelFiles &files, const std::optional<std::string> &logits, bool isOptional);

/// The same for graphs that are there already.
llvm::Expected<ModelInterface> describeModel(llvm::ArrayRef<std::unique_ptr<ir::Component>> chain,
                                             const std::optional<std::string> &logits,
                                             bool isOptional);

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_MODELINTERFACE_H
