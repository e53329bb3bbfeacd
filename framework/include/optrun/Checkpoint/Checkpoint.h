// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// One view of the checkpoints that language models come as: Hugging Face folders and GGUF files.

#ifndef OPTRUN_CHECKPOINT_CHECKPOINT_H
#define OPTRUN_CHECKPOINT_CHECKPOINT_H

#include "optrun/Checkpoint/Gguf.h"

namespace optrun::checkpoint {

/// The quantized blocks that a tensor of a GGUF file was made from, for those who can use them
/// without rounding again. Rows are in the order of the tensor's rows: queries and keys of
/// architecture llama are put back into Hugging Face's order.
struct QuantizedBlocks {
  GgmlType type = GgmlType::Q80;
  ir::TensorSourceRef blocks;
  /// Rows are the tensor's columns: GPT-2's weights are [in, out] at Hugging Face, and rows of
  /// blocks run along the inputs.
  bool isTransposed = false;
};

enum class CheckpointFormat { HuggingFace, Gguf };

struct CheckpointOptions {
  /// What quantized tensors are read as: Float16 or Float32.
  ir::DataType dequantizedType = ir::DataType::Float16;
  /// What it must be. Without it, safetensors come before a .gguf file in the same folder.
  std::optional<CheckpointFormat> format = std::nullopt;
};

class Checkpoint {
public:
  using Format = CheckpointFormat;

  Format format = Format::HuggingFace;
  /// config.json; for GGUF, what config.json would say, from the metadata.
  std::string configJson;
  /// generation_config.json; empty when there is none.
  std::string generationConfigJson;
  /// All files that were read, resolved.
  std::vector<std::string> files;
  /// Files of the tokenizer that lie in the folder (tokenizer.json …), in the order of their names.
  /// A GGUF file has its tokenizer in its metadata.
  std::vector<std::string> tokenizerFiles;
  /// What is odd about the checkpoint, but does not stand in the way.
  std::vector<std::string> warnings;
  /// The GGUF file itself, null for other formats.
  std::shared_ptr<const GgufFile> gguf;

  /// With Hugging Face's names, in the order of the checkpoint: files by name, and in each the
  /// order of the bytes. Nothing is loaded: sources are ranges of files, or views of these.
  llvm::ArrayRef<ir::TensorRef> tensors() const { return inOrder; }
  /// Null when there is none of that name.
  ir::TensorRef find(llvm::StringRef name) const { return byName.lookup(name); }
  /// Null when the tensor is not stored in blocks.
  const QuantizedBlocks *quantizedBlocks(llvm::StringRef name) const;

  /// For readers of formats. An error when there is a tensor of that name.
  llvm::Error add(ir::TensorRef tensor);
  void addQuantizedBlocks(llvm::StringRef name, QuantizedBlocks blocks);

private:
  std::vector<ir::TensorRef> inOrder;
  llvm::StringMap<ir::TensorRef> byName;
  llvm::StringMap<QuantizedBlocks> quantized;
};

/// Files that tokenizers are saved as, by name: Checkpoint::tokenizerFiles has these where they
/// are.
llvm::ArrayRef<llvm::StringLiteral> tokenizerFileNames();

/// Opens what \p path names: a folder with config.json and model.safetensors or
/// model.safetensors.index.json, a .gguf file, or a folder with a single one. Checkpoints as Python
/// pickles are refused. Errors name the file and say what to do.
llvm::Expected<Checkpoint> openCheckpoint(llvm::StringRef path,
                                          const CheckpointOptions &options = {});

} // namespace optrun::checkpoint

#endif // OPTRUN_CHECKPOINT_CHECKPOINT_H
