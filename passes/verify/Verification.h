// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One verification: the original against the chain of components.

#ifndef OPTRUN_PASSES_VERIFY_VERIFICATION_H
#define OPTRUN_PASSES_VERIFY_VERIFICATION_H

#include "ModelRunner.h"
#include "Options.h"
#include "Original.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Results/VerificationReport.h"

namespace optrun::verify {

/// What is compared: the original, and the chain of components, in files and as graphs.
struct Subject {
  std::unique_ptr<Original> original;
  std::vector<runtime::ChainLink> links;
  Chain components;
};

/// Runs both on the same inputs, first without and then with graph optimizations, and compares
/// their outputs. Differences are in the report, not errors. Sets of generated inputs that the
/// reference refuses are left out with a warning; at least one has to remain.
llvm::Expected<std::unique_ptr<VerificationReport>>
verifyChain(const VerifyOptions &options, const Subject &subject, PassContext &context);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_VERIFICATION_H
