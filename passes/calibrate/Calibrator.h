// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One calibration: a model on token ids, and what its products are given.

#ifndef OPTRUN_PASSES_CALIBRATE_CALIBRATOR_H
#define OPTRUN_PASSES_CALIBRATE_CALIBRATOR_H

#include "optrun/Pass/PassContext.h"
#include "optrun/Results/Importance.h"
#include "optrun/Tokens/TokenData.h"
#include "optrun/Tokens/TokenModel.h"

namespace optrun::calibrate {

/// Runs \p model on the windows of \p data, and returns the mean square over all tokens of each
/// input of its products; for weights of several products, their sum. Windows run in parallel and
/// are added up in order, so that the number of threads makes no difference. Weights of which no
/// product was given anything else than zeros are left out, and so are those of a single input and,
/// with a warning, those that it cannot measure.
llvm::Expected<std::unique_ptr<Importance>> measureImportance(std::unique_ptr<ir::Component> model,
                                                              const TokenModel &tokens,
                                                              const TokenData &data,
                                                              PassContext &context);

} // namespace optrun::calibrate

#endif // OPTRUN_PASSES_CALIBRATE_CALIBRATOR_H
