// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Whether each pass of a chain finds what it reads, before anything runs.

#ifndef OPTRUN_LIB_PASS_ATTACHMENTFLOW_H
#define OPTRUN_LIB_PASS_ATTACHMENTFLOW_H

#include "optrun/Pass/PassRegistry.h"

namespace optrun {

/// A place in the chain; \p entry is null where the recipe names a pass that is not known.
struct FlowStep {
  const PassEntry *entry = nullptr;
  llvm::SMLoc location;
};

/// Reports a pass that reads an attachment which no pass before it writes, a first pass that makes
/// no model and a later one that does.
void checkFlow(llvm::ArrayRef<FlowStep> steps, PassResolver &resolver, Diagnostics &diagnostics);

} // namespace optrun

#endif // OPTRUN_LIB_PASS_ATTACHMENTFLOW_H
