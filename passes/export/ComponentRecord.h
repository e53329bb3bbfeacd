// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What is written down of a component.

#ifndef OPTRUN_PASSES_EXPORT_COMPONENTRECORD_H
#define OPTRUN_PASSES_EXPORT_COMPONENTRECORD_H

#include "optrun/IR/Package.h"
#include "optrun/Results/ExportedModel.h"
#include "optrun/Results/Manifest.h"
#include "optrun/Results/SplitPlan.h"

namespace optrun::exporting {

/// What a component takes and gives, in order. Initializers that are inputs, too, need no value.
std::vector<std::string> inputNames(const ir::Component &component);
std::vector<std::string> outputNames(const ir::Component &component);

/// What the split of \p package planned for \p component; null when nothing was split.
const SplitPlan::Part *plannedPart(const ir::Package &package, const ir::Component &component);

/// Its names and what was planned for it; files and their sizes are left empty.
ExportedModel::ComponentFile describeComponent(const ir::Component &component,
                                               const SplitPlan::Part *part);

/// The manifest's entry for a component in \p file; \p part is what the split planned for it, null
/// when nothing was split.
Manifest::Component manifestEntry(const ExportedModel::ComponentFile &file,
                                  const SplitPlan::Part *part);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_COMPONENTRECORD_H
