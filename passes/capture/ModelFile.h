// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds the file to read for what the user calls the model.

#ifndef OPTRUN_PASSES_CAPTURE_MODELFILE_H
#define OPTRUN_PASSES_CAPTURE_MODELFILE_H

#include "Options.h"

namespace optrun {

/// The .onnx file that \p options.model names or holds. An error when there is none, when a folder
/// has several without a model.onnx among them, when the model is of a kind that cannot be
/// captured, or the file is larger than \p options.maxFileSize. Nothing is read but the first
/// bytes.
llvm::Expected<std::string> findModelFile(const CaptureOptions &options);

/// The component's name: the file's name without ".onnx".
std::string componentName(llvm::StringRef modelFile);

} // namespace optrun

#endif // OPTRUN_PASSES_CAPTURE_MODELFILE_H
