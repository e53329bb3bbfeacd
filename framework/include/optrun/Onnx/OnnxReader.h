// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Reads .onnx files of any size into the IR without reading their weights.

#ifndef OPTRUN_ONNX_ONNXREADER_H
#define OPTRUN_ONNX_ONNXREADER_H

#include "optrun/IR/Package.h"

namespace optrun::onnx {

struct ReadOptions {
  /// raw_data of at least this many bytes stays in the file and is recorded by position.
  uint64_t inlineLimit = 1024;
  /// Larger .onnx files are refused; 0 = no limit. External data is not counted.
  uint64_t maxFileSize = 0;
};

struct ReadResult {
  std::unique_ptr<ir::Component> component;
  /// Absolute, symlink-resolved paths of the data files that tensors refer to, without repeats, in
  /// order of first use.
  std::vector<std::string> dataFiles;
  /// What reading drops, each kind once: fields that this version of ONNX does not know, value_info
  /// and quantization annotations for values that the graph does not have. And what it takes for
  /// something else: an IR version that does not allow what the model does.
  std::vector<std::string> warnings;
};

/// Reads the model at \p path. Its folder is resolved through symlinks first, as are data files
/// (a Hugging Face cache is a folder of symlinks into ../../blobs: a symlinked data file is
/// accepted when it lies beside the resolved model or is a symlink in the model's own folder);
/// locations that are absolute or leave the folder through ".." are refused. Ranges are checked
/// against file sizes with overflow-safe arithmetic. Every error names the file and, where it can,
/// the tensor.
llvm::Expected<ReadResult> readModel(llvm::StringRef path, const ReadOptions &options = {});

/// Reads a serialized ModelProto from memory (tests, tools). External data is refused.
llvm::Expected<std::unique_ptr<ir::Component>> readModelFromMemory(llvm::ArrayRef<uint8_t> bytes);

/// Parses ONNX's textual syntax. For tests and examples.
llvm::Expected<std::unique_ptr<ir::Component>> parseModelText(llvm::StringRef text);

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_ONNXREADER_H
