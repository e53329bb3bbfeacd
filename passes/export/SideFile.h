// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Files of a result beside the ONNX files and their data: configurations, tokenizers, checkpoints.

#ifndef OPTRUN_PASSES_EXPORT_SIDEFILE_H
#define OPTRUN_PASSES_EXPORT_SIDEFILE_H

#include "Steps.h"

#include "llvm/ADT/StringRef.h"

#include <functional>
#include <string>

namespace optrun::exporting {

/// Known by name before anything is written.
struct SideFile {
  std::string name;
  uint64_t bytes = 0; // that it reports to `advance` when written
  std::function<llvm::Error(llvm::StringRef path, Advance advance)> write;
  bool isCheckpoint = false; // holds weights
};

/// Writes \p text to a new file at \p path.
llvm::Error writeText(llvm::StringRef path, llvm::StringRef text);

SideFile makeTextFile(llvm::StringRef name, std::string text);

/// A copy, under the same name, of the file at \p path, which is opened now: an error when it
/// cannot be.
llvm::Expected<SideFile> makeCopy(llvm::StringRef path);

} // namespace optrun::exporting

#endif // OPTRUN_PASSES_EXPORT_SIDEFILE_H
