// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The manifest's "evaluation".

#ifndef OPTRUN_LIB_RESULTS_EVALUATIONJSON_H
#define OPTRUN_LIB_RESULTS_EVALUATIONJSON_H

#include "JsonObjectReader.h"

#include "optrun/Results/Evaluation.h"

namespace optrun {

/// What was not measured is left out; JSON knows no infinity, so that one is null.
Json toJson(const EvaluationFigures &figures);

EvaluationFigures readEvaluation(JsonObjectReader reader);

} // namespace optrun

#endif // OPTRUN_LIB_RESULTS_EVALUATIONJSON_H
