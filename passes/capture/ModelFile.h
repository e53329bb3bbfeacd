// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Finds what to read for what the user calls the model.

#ifndef OPTRUN_PASSES_CAPTURE_MODELFILE_H
#define OPTRUN_PASSES_CAPTURE_MODELFILE_H

#include "Options.h"

namespace optrun {

struct ModelLocation {
  enum class Kind { Onnx, Checkpoint };
  Kind kind = Kind::Onnx;
  /// The .onnx file; of a checkpoint its folder, or its .gguf file.
  std::string path;
};

/// What \p options.model names or holds. In a folder, a model in ONNX comes before the checkpoint
/// that it was made from, unless export has written it there: then the model is still the
/// checkpoint, and the same recipe can run again. An error when there is none, when a folder has
/// several .onnx files without a model.onnx among them, when the model is of a kind that cannot be
/// captured, or the .onnx file is larger than \p options.maxFileSize. Nothing is read but the first
/// bytes, and a manifest.
llvm::Expected<ModelLocation> findModel(const CaptureOptions &options);

/// The component's name: the file's name without ".onnx".
std::string componentName(llvm::StringRef modelFile);

} // namespace optrun

#endif // OPTRUN_PASSES_CAPTURE_MODELFILE_H
