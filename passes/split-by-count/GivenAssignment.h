// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The assignment of modules to parts that a model brings along.

#ifndef OPTRUN_PASSES_SPLITBYCOUNT_GIVENASSIGNMENT_H
#define OPTRUN_PASSES_SPLITBYCOUNT_GIVENASSIGNMENT_H

#include "Options.h"

#include "optrun/IR/Package.h"

namespace optrun {

struct GivenAssignment {
  /// By top-level node, Unassigned where the property says nothing. Empty when there is no property
  /// or it is not to be used.
  std::vector<uint32_t> seeds;
  /// Whether it is used, or why not; empty when the model has none.
  std::string remark;
};

/// Reads the model property "split_assignments" (module=part;…). Part numbers may have gaps;
/// modules are found by the longest path that holds a node, as Olive does.
GivenAssignment readGivenAssignment(const ir::Component &component,
                                    const SplitByCountOptions &options);

} // namespace optrun

#endif // OPTRUN_PASSES_SPLITBYCOUNT_GIVENASSIGNMENT_H
