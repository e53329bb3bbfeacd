// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Writes a component as an .onnx file, weights inline or as external data.

#ifndef OPTRUN_ONNX_ONNXWRITER_H
#define OPTRUN_ONNX_ONNXWRITER_H

#include "optrun/IR/Package.h"
#include "optrun/Storage/OutputFile.h"

#include "llvm/ADT/DenseMap.h"

namespace optrun::onnx {

/// Where the payload of a tensor was placed outside of the .onnx file.
struct ExternalPlace {
  std::string location; // relative to the .onnx file, '/' between components
  uint64_t offset = 0;
  uint64_t length = 0;
};

struct WriteOptions {
  /// Places decided by the caller (export); tensors not in here are written inline as raw_data.
  llvm::DenseMap<const ir::Tensor *, ExternalPlace> external;
  /// A larger file is an error: protobuf's readers stop at 2^31 - 1 bytes. Raise it only for
  /// readers that do not (ours).
  uint64_t maxFileSize = (uint64_t(1) << 31) - 2;
  /// Called with the payload bytes written so far; an error cancels.
  llvm::function_ref<llvm::Error(uint64_t)> progress = nullptr;
};

/// Bytes that writeModel would write. Used to decide inline or external (a protobuf message stays
/// under 2^31 - 1 bytes).
llvm::Expected<uint64_t> serializedSize(const ir::Component &component,
                                        const WriteOptions &options);

/// Streams the model: every node is serialized by itself and inline payloads are copied by range,
/// so memory does not grow with the weights. Deterministic.
llvm::Error writeModel(const ir::Component &component, OutputFile &file,
                       const WriteOptions &options = WriteOptions());

/// The serialized ModelProto in memory, with the weights that have no external place; for tests and
/// for handing a model to a runtime.
llvm::Expected<std::vector<uint8_t>>
writeModelToMemory(const ir::Component &component, const WriteOptions &options = WriteOptions());

} // namespace optrun::onnx

#endif // OPTRUN_ONNX_ONNXWRITER_H
