// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a language model takes, as far as its graphs tell: known before it is loaded.

#ifndef OPTRUN_TOKENS_TOKENMODEL_H
#define OPTRUN_TOKENS_TOKENMODEL_H

#include "optrun/Analysis/InputDescription.h"

namespace optrun {

struct TokenModel {
  /// Of the model or chain as a whole: what no component gives to another.
  std::vector<InputDescription> inputs;
  std::string tokens;                ///< the one of them that takes token ids
  std::optional<int64_t> vocabulary; ///< ids are below it
  std::optional<int64_t> positions;  ///< that its own tables have rows for (countOwnPositions())
};

/// Finds the inputs of \p chain, components that run in order. An error where one has no known type
/// or none takes token ids.
llvm::Expected<TokenModel> describeTokenModel(llvm::ArrayRef<std::unique_ptr<ir::Component>> chain);

} // namespace optrun

#endif // OPTRUN_TOKENS_TOKENMODEL_H
