// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Turns a message with payload references into bytes, in memory or in a file.

#ifndef OPTRUN_LIB_ONNX_PAYLOADCOPY_H
#define OPTRUN_LIB_ONNX_PAYLOADCOPY_H

#include "MessageBuilder.h"

#include "optrun/Storage/OutputFile.h"

namespace optrun::onnx {

/// Appends \p message with its payloads to \p out.
llvm::Error appendTo(std::string &out, const MessageBuilder &message);

/// Writes messages to a file. Small pieces are gathered, large payloads are copied by range.
class MessageWriter {
public:
  using Progress = llvm::function_ref<llvm::Error(uint64_t)>;

  /// \p progress: called with the payload bytes done; may be null.
  MessageWriter(OutputFile &file, Progress progress) : file(file), progress(progress) {}

  llvm::Error write(const MessageBuilder &message);
  /// Must be called at the end.
  llvm::Error flush();

private:
  llvm::Error append(llvm::StringRef bytes);
  llvm::Error copy(const ir::Tensor &tensor);
  llvm::Error report(uint64_t inThisTensor);

  OutputFile &file;
  Progress progress;
  std::string buffer;
  uint64_t payloadDone = 0;
};

} // namespace optrun::onnx

#endif // OPTRUN_LIB_ONNX_PAYLOADCOPY_H
