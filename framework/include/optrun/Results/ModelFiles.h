// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Which files make up a model.

#ifndef OPTRUN_RESULTS_MODELFILES_H
#define OPTRUN_RESULTS_MODELFILES_H

#include "optrun/Results/ExportedModel.h"
#include "optrun/Runtime/ModelChain.h"

namespace optrun {

/// A model in one file, or a chain of components.
struct ModelFiles {
  std::string name; // of the file or folder, without the path
  std::vector<runtime::ChainLink> links;
};

/// The model at \p path: an ONNX file, or a folder with the manifest that export writes.
llvm::Expected<ModelFiles> findModelFiles(llvm::StringRef path);

/// What export has written in this run. An error when that is no model in ONNX.
llvm::Expected<ModelFiles> modelFilesOf(const ExportedModel &model);

} // namespace optrun

#endif // OPTRUN_RESULTS_MODELFILES_H
