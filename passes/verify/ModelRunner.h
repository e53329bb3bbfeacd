// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a chain of models on sets of inputs.

#ifndef OPTRUN_PASSES_VERIFY_MODELRUNNER_H
#define OPTRUN_PASSES_VERIFY_MODELRUNNER_H

#include "InputGenerator.h"

#include "optrun/Runtime/ModelChain.h"

namespace optrun::verify {

/// The values of one set of inputs by name.
llvm::Expected<runtime::NamedValues> loadInputs(const InputSet &set);

/// Runs the models in order on every set, passing values by name, with one of them in memory at a
/// time. Returns for each set the values of \p outputs. \p beforeRun is called before each run on a
/// set, its error stops the chain; \p afterModel when a model is done. Errors name the component.
llvm::Expected<std::vector<std::vector<runtime::RuntimeValue>>>
runChain(llvm::ArrayRef<runtime::ChainLink> links, std::vector<runtime::NamedValues> sets,
         llvm::ArrayRef<std::string> outputs, const runtime::SessionOptions &options,
         llvm::function_ref<llvm::Error()> beforeRun, llvm::function_ref<void()> afterModel);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_MODELRUNNER_H
