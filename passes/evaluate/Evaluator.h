// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One evaluation: a model on token ids, beside a reference or alone.

#ifndef OPTRUN_PASSES_EVALUATE_EVALUATOR_H
#define OPTRUN_PASSES_EVALUATE_EVALUATOR_H

#include "Options.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Results/Evaluation.h"
#include "optrun/Results/ModelFiles.h"

namespace optrun::evaluate {

/// Runs both models on one window after the other and keeps nothing of it but sums. What can be
/// wrong with data and models is found out before either is loaded, as far as files tell.
llvm::Expected<EvaluationFigures> evaluateModel(const EvaluateOptions &options,
                                                const ModelFiles &model,
                                                const std::optional<ModelFiles> &reference,
                                                PassContext &context);

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_EVALUATOR_H
