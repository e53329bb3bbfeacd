// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whether a verification has passed.

#ifndef OPTRUN_PASSES_VERIFY_JUDGEMENT_H
#define OPTRUN_PASSES_VERIFY_JUDGEMENT_H

#include "optrun/Results/VerificationReport.h"

#include "llvm/Support/Error.h"

namespace optrun::verify {

/// The error for a report in which something differs more than allowed: names the worst output and
/// its differences. Success otherwise.
llvm::Error judge(const VerificationReport &report);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_JUDGEMENT_H
