// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the constant tables that an input selects rows of.

#ifndef OPTRUN_LIB_ANALYSIS_INDEXTABLES_H
#define OPTRUN_LIB_ANALYSIS_INDEXTABLES_H

#include "optrun/IR/Package.h"

namespace optrun {

/// How many values 0, 1, 2 … of \p input are valid indices into every constant table that it
/// reaches through casts, reshapes, slices, masks and additions of constants; nullopt when it
/// reaches none. Looks into nested graphs and model-local functions.
std::optional<int64_t> countIndexableRows(const ir::Component &model, const ir::Value &input);

} // namespace optrun

#endif // OPTRUN_LIB_ANALYSIS_INDEXTABLES_H
