// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The sets of inputs that both sides are run on.

#ifndef OPTRUN_PASSES_VERIFY_CHOSENINPUTS_H
#define OPTRUN_PASSES_VERIFY_CHOSENINPUTS_H

#include "InputGenerator.h"
#include "Options.h"

namespace optrun::verify {

/// Those that \p options give for \p model, or generated ones: of different extents, which the
/// model takes. An error for inputs of \p model that no values can be generated for.
llvm::Expected<std::vector<InputSet>> chooseInputs(const VerifyOptions &options,
                                                   const ir::Component &model);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_CHOSENINPUTS_H
