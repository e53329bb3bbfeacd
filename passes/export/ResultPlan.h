// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What a result consists of, known before a byte of it is written.

#ifndef OPTRUN_PASSES_EXPORT_RESULTPLAN_H
#define OPTRUN_PASSES_EXPORT_RESULTPLAN_H

#include "Options.h"
#include "PlacementPlan.h"
#include "TargetFiles.h"

#include "optrun/Pass/PassContext.h"

namespace optrun::exporting {

struct ResultPlan {
  /// "model.onnx" of one component, else "split_0.onnx" …; none where no ONNX files are wanted.
  std::vector<std::string> onnxNames;
  PlacementPlan placement; // of the weights of these
  TargetFiles targets;
  /// The files of the model, its main one first, and what targets read.
  std::vector<ir::InputFile> filesRead;
};

/// Every component that is to be an ONNX file passes the ONNX checker. An error when the package is
/// not what a target is for, or when its weights cannot be where they should.
llvm::Expected<ResultPlan> planResult(const ExportOptions &options, const ir::Package &package,
                                      PassContext &context);

/// What the writing of all files will report as done.
uint64_t bytesToWrite(const ResultPlan &plan, const ir::Package &package);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_RESULTPLAN_H
