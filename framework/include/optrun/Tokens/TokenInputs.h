// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a model is given for one window of tokens.

#ifndef OPTRUN_TOKENS_TOKENINPUTS_H
#define OPTRUN_TOKENS_TOKENINPUTS_H

#include "optrun/Runtime/ModelChain.h"
#include "optrun/Tokens/TokenModel.h"

namespace optrun {

/// The length of windows nearest to \p tokens that \p model takes, at least 1. Tables of positions
/// that it has of its own, which are guessed, count here alone: a window that is asked for is
/// tried.
size_t nearestWindow(const TokenModel &model, size_t tokens);

/// An error unless values for all inputs can be made, for windows of \p tokens tokens, one at a
/// time, without a past.
llvm::Error checkTakesWindows(const TokenModel &model, size_t tokens);

/// A batch of the one row \p ids: a mask of ones, positions from 0 on, an empty KV cache, token
/// type 0. For models that pass checkTakesWindows().
llvm::Expected<runtime::NamedValues> makeInputs(const TokenModel &model,
                                                llvm::ArrayRef<int64_t> ids);

} // namespace optrun

#endif // OPTRUN_TOKENS_TOKENINPUTS_H
