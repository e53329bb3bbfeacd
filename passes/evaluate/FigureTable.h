// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The table that people see.

#ifndef OPTRUN_PASSES_EVALUATE_FIGURETABLE_H
#define OPTRUN_PASSES_EVALUATE_FIGURETABLE_H

#include "optrun/Results/Evaluation.h"
#include "optrun/Support/Table.h"

namespace optrun::evaluate {

/// A row for each figure; a column for the model, and one for the reference when there is one.
Table makeTable(const EvaluationFigures &figures);

} // namespace optrun::evaluate

#endif // OPTRUN_PASSES_EVALUATE_FIGURETABLE_H
