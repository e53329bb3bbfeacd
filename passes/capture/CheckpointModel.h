// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// From a checkpoint on disk to a graph.

#ifndef OPTRUN_PASSES_CAPTURE_CHECKPOINTMODEL_H
#define OPTRUN_PASSES_CAPTURE_CHECKPOINTMODEL_H

#include "Options.h"
#include "decoder/DecoderDescription.h"
#include "decoder/ModelConfig.h"

#include "optrun/Checkpoint/Checkpoint.h"
#include "optrun/IR/Package.h"
#include "optrun/Results/LanguageModel.h"

namespace optrun {

/// A checkpoint whose files were opened and whose configuration is one that can be built.
struct CheckpointModel {
  checkpoint::Checkpoint checkpoint;
  decoder::ModelConfig config;
  decoder::DecoderDescription description;
  /// config.json or the .gguf file, under the name that the user gave.
  std::string mainFile;
};

/// Opens the folder or .gguf file at \p path. Reads headers, no weights.
llvm::Expected<CheckpointModel> openCheckpointModel(llvm::StringRef path,
                                                    const CaptureOptions &options);

/// The graph, as \p options ask for it.
llvm::Expected<std::unique_ptr<ir::Component>> buildGraph(const CheckpointModel &model,
                                                          const CaptureOptions &options);

/// What runtimes need to know of it besides \p component, its graph, and what else the checkpoint
/// holds.
llvm::Expected<LanguageModel> describeLanguageModel(CheckpointModel &model,
                                                    const ir::Component &component);

} // namespace optrun

#endif // OPTRUN_PASSES_CAPTURE_CHECKPOINTMODEL_H
