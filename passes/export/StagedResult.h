// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Where the files of a result are until the run has succeeded.

#ifndef OPTRUN_PASSES_EXPORT_STAGEDRESULT_H
#define OPTRUN_PASSES_EXPORT_STAGEDRESULT_H

#include "ResultPlan.h"

#include "optrun/Storage/StagedOutput.h"

namespace optrun::exporting {

/// Paths to write to, in the order of the plan.
struct StagedResult {
  StagedFolder *folder = nullptr;
  std::vector<std::string> onnxPaths;
  std::vector<std::string> dataPaths; // empty for a file that is used where it is
  std::vector<std::string> sidePaths; // of the files of targets
  std::string manifestPath;
};

/// Stages the output folder and all names of \p plan in it: one that is taken is known before
/// anything is written. An error, too, when what is replaced is read by this run.
llvm::Expected<StagedResult> stageResult(const ExportOptions &options, const ResultPlan &plan,
                                         PassContext &context);

/// Where component \p index can be run until the run ends: at its own path, if data files have
/// their names already. In a folder that has other files they get them at the end only; then a
/// second .onnx file is written, for as long as the run takes, that refers to the temporary ones.
llvm::Expected<std::string> makeReadable(const StagedResult &staged, const ResultPlan &plan,
                                         const ir::Component &component, size_t index);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_STAGEDRESULT_H
