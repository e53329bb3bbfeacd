// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a model is given for one window of tokens.

#ifndef OPTRUN_PASSES_EVALUATE_TOKENINPUTS_H
#define OPTRUN_PASSES_EVALUATE_TOKENINPUTS_H

#include "ModelInterface.h"

namespace optrun::evaluate {

/// An error unless values for all inputs can be made, for windows of \p tokens tokens, one at a
/// time, without a past.
llvm::Error checkTakesWindows(const ModelInterface &model, size_t tokens);

/// A batch of the one row \p ids: a mask of ones, positions from 0 on, an empty KV cache, token
/// type 0. For models that pass checkTakesWindows().
llvm::Expected<runtime::NamedValues> makeInputs(const ModelInterface &model,
                                                llvm::ArrayRef<int64_t> ids);

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_TOKENINPUTS_H
