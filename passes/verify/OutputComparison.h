// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One output of the model against that of the components.

#ifndef OPTRUN_PASSES_VERIFY_OUTPUTCOMPARISON_H
#define OPTRUN_PASSES_VERIFY_OUTPUTCOMPARISON_H

#include "Compare.h"

#include "optrun/Results/VerificationReport.h"
#include "optrun/Runtime/RuntimeValue.h"

namespace optrun::verify {

TensorView viewOf(const runtime::RuntimeValue &value);

/// How far \p actual is from \p expected; strings are equal or infinitely far. What they were
/// computed from, and what is allowed, is left empty. An error for what is no tensor.
llvm::Expected<VerificationReport::Comparison> compareOutput(const std::string &output,
                                                             const runtime::RuntimeValue &expected,
                                                             const runtime::RuntimeValue &actual);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_OUTPUTCOMPARISON_H
