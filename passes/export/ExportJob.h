// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One export: from a package to staged files and the record of them.

#ifndef OPTRUN_PASSES_EXPORT_EXPORTJOB_H
#define OPTRUN_PASSES_EXPORT_EXPORTJOB_H

#include "Options.h"

#include "optrun/Pass/PassContext.h"
#include "optrun/Results/ExportedModel.h"
#include "optrun/Results/Manifest.h"

namespace optrun::exporting {

/// What remains to be done when the run has succeeded: the manifest's parts that are known already,
/// and where it goes.
struct FinishedExport {
  std::unique_ptr<ExportedModel> model;
  std::string manifestPath;
  Manifest manifest; // components, files and inputs
};

/// Writes \p package to the staged output folder. Components get the property split_assignments
/// when there is a SplitPlan; every component passes the ONNX checker before anything is written;
/// what was written is read back, and its weights must be as large as planned.
llvm::Expected<FinishedExport> exportPackage(const ExportOptions &options, ir::Package &package,
                                             PassContext &context);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_EXPORTJOB_H
