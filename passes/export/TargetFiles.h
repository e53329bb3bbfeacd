// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// What the targets genai and safetensors want in the folder beside ONNX files.

#ifndef OPTRUN_PASSES_EXPORT_TARGETFILES_H
#define OPTRUN_PASSES_EXPORT_TARGETFILES_H

#include "Options.h"
#include "SideFile.h"

#include "optrun/IR/Package.h"

namespace optrun::exporting {

inline constexpr llvm::StringLiteral ConfigName = "config.json";
inline constexpr llvm::StringLiteral GenerationConfigName = "generation_config.json";

struct TargetFiles {
  std::vector<SideFile> files;
  std::vector<ir::InputFile> read; // what they are copies of, and what stays where it is
  std::vector<std::string> warnings;
};

/// The files for \p options.targets; \p onnxNames are the components' files. An error when the
/// package is not what a target is for. A file of the tokenizer that lies in the output folder
/// already stays there: it is read, and not among the files.
llvm::Expected<TargetFiles> planTargets(const ExportOptions &options, const ir::Package &package,
                                        llvm::ArrayRef<std::string> onnxNames);

/// Why genai and safetensors cannot be had of a package without a LanguageModel.
inline constexpr llvm::StringLiteral NeedsLanguageModel =
    "genai and safetensors are for decoders captured from a checkpoint (a Hugging Face folder or a "
    "GGUF file): other models do not tell their configuration, tokenizer and tensor names";

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_TARGETFILES_H
