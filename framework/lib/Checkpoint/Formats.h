// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The readers behind openCheckpoint().

#ifndef OPTRUN_LIB_CHECKPOINT_FORMATS_H
#define OPTRUN_LIB_CHECKPOINT_FORMATS_H

#include "optrun/Checkpoint/Checkpoint.h"

namespace optrun::checkpoint {

/// Names of Python pickles: pytorch_model.bin, model.pt …
bool isPickleName(llvm::StringRef name);
/// The end of a message about one.
constexpr llvm::StringLiteral PickleAdvice =
    ", a Python pickle, which can run any program when it is read; convert it to safetensors "
    "(save_pretrained does)";

llvm::Expected<Checkpoint> openHuggingFaceFolder(llvm::StringRef folder);
llvm::Expected<Checkpoint> openGgufCheckpoint(llvm::StringRef path,
                                              const CheckpointOptions &options);

} // namespace optrun::checkpoint

#endif // OPTRUN_LIB_CHECKPOINT_FORMATS_H
