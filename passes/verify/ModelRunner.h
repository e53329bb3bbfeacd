// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Runs a model, and a chain of models, on sets of inputs.

#ifndef OPTRUN_PASSES_VERIFY_MODELRUNNER_H
#define OPTRUN_PASSES_VERIFY_MODELRUNNER_H

#include "InputGenerator.h"

#include "optrun/Runtime/Session.h"

#include <map>

namespace optrun::verify {

/// The values of one set of inputs by name; components add theirs.
using NamedValues = std::map<std::string, runtime::RuntimeValue, std::less<>>;

llvm::Expected<NamedValues> loadInputs(const InputSet &set);

/// The outputs of one model on one set of inputs.
struct ModelOutputs {
  std::vector<std::string> names;
  std::vector<runtime::RuntimeValue> values;
};

/// Runs \p session on \p inputs.
llvm::Expected<ModelOutputs> runModel(runtime::Session &session, const NamedValues &inputs);

/// One model of a chain.
struct Link {
  std::string name; // of the component
  std::string path;
};

/// Runs the models in order on every set, passing values by name, with one of them in memory at a
/// time. Returns for each set the values of \p outputs. \p beforeRun is called before each run on a
/// set, its error stops the chain; \p afterModel when a model is done. Errors name the component.
llvm::Expected<std::vector<std::vector<runtime::RuntimeValue>>>
runChain(llvm::ArrayRef<Link> links, std::vector<NamedValues> sets,
         llvm::ArrayRef<std::string> outputs, const runtime::SessionOptions &options,
         llvm::function_ref<llvm::Error()> beforeRun, llvm::function_ref<void()> afterModel);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_MODELRUNNER_H
