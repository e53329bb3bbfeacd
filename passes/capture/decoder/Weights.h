// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tensors of a checkpoint by name, checked as they are asked for.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_WEIGHTS_H
#define OPTRUN_PASSES_CAPTURE_DECODER_WEIGHTS_H

#include "decoder/DecoderDescription.h"
#include "decoder/DecoderOptions.h"

#include "optrun/Checkpoint/Checkpoint.h"

#include "llvm/ADT/StringMap.h"

namespace optrun::decoder {

/// What weights are made from. The lookup gives the quantized blocks of a tensor by its name in the
/// checkpoint, or null; it may be empty.
struct CheckpointTensors {
  llvm::ArrayRef<ir::TensorRef> tensors;
  std::function<const checkpoint::QuantizedBlocks *(llvm::StringRef name)> quantizedBlocks;
};

/// A matrix [out, in] as MatMulNBits takes it: see checkpoint::PackedBlocks.
struct PackedWeight {
  int64_t bits = 0, zero = 0;
  ir::TensorRef quants;   ///< [out, blocks, bytes of a block]
  ir::TensorRef scales;   ///< [out, blocks]
  ir::TensorRef minimums; ///< [out, blocks], or null
};

/// Problems are collected, so that all that is wrong with a checkpoint shows at once: see
/// takeProblems().
class Weights {
public:
  /// The first of two tensors with one name counts.
  Weights(const CheckpointTensors &tensors, const DecoderDescription &description,
          const DecoderOptions &options);

  const DecoderOptions &options() const { return decoderOptions; }

  /// What the checkpoint calls the weight with that path ("model.norm.weight"): the part before the
  /// root's own modules may be another.
  std::string nameOf(llvm::StringRef path) const;
  bool has(llvm::StringRef path) const { return byName.contains(nameOf(path)); }

  /// The tensor with that path, in the type to store it in: the checkpoint's own, without a copy,
  /// or converted when it is read. Null, and a problem, when it is missing or misshapen.
  ir::TensorRef take(llvm::StringRef path, llvm::ArrayRef<int64_t> dims);
  /// The matrix with that path, quantized as it is in the checkpoint. nullopt when it is not
  /// quantized, when it cannot be packed exactly, or when another precision is asked for: take()
  /// gives its values then. \p inputsFirst: it is stored [in, out].
  std::optional<PackedWeight> takePacked(llvm::StringRef path, int64_t out, int64_t in,
                                         bool inputsFirst);
  /// \p copy is not used when it is there, but has to be what \p original is: a checkpoint with
  /// other numbers means something else. Both are read.
  void expectCopy(llvm::StringRef copy, llvm::StringRef original);

  /// What was wrong so far, and the tensors that nothing has taken: they say that the checkpoint is
  /// of another model than its config.json.
  llvm::Error takeProblems();

private:
  struct Entry {
    ir::TensorRef tensor;
    bool isKnown = false;
  };
  ir::DataType storedTypeFor(ir::DataType type) const;
  llvm::Expected<ir::TensorRef> converted(const ir::TensorRef &tensor) const;

  const DecoderDescription &description;
  DecoderOptions decoderOptions;
  CheckpointTensors source;
  std::string prefix; // what names have in place of "<root>."
  llvm::StringMap<Entry> byName;
  std::vector<std::string> problems;
};

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_WEIGHTS_H
