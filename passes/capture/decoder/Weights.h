// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The tensors of a checkpoint by name, checked as they are asked for.

#ifndef OPTRUN_PASSES_CAPTURE_DECODER_WEIGHTS_H
#define OPTRUN_PASSES_CAPTURE_DECODER_WEIGHTS_H

#include "decoder/DecoderDescription.h"
#include "decoder/DecoderOptions.h"

#include "optrun/IR/Tensor.h"

#include "llvm/ADT/StringMap.h"

namespace optrun::decoder {

/// Problems are collected, so that all that is wrong with a checkpoint shows at once: see
/// takeProblems().
class Weights {
public:
  /// \p tensors have the names of the checkpoint. The first of two with one name counts.
  Weights(llvm::ArrayRef<ir::TensorRef> tensors, const DecoderDescription &description,
          const DecoderOptions &options);

  const DecoderOptions &options() const { return decoderOptions; }

  /// What the checkpoint calls the weight with that path ("model.norm.weight"): the part before the
  /// root's own modules may be another.
  std::string nameOf(llvm::StringRef path) const;
  bool has(llvm::StringRef path) const { return byName.contains(nameOf(path)); }

  /// The tensor with that path, in the type to store it in: the checkpoint's own, without a copy,
  /// or converted when it is read. Null, and a problem, when it is missing or misshapen.
  ir::TensorRef take(llvm::StringRef path, llvm::ArrayRef<int64_t> dims);
  /// The type that the checkpoint stores it in; Undefined when it is missing.
  ir::DataType typeInCheckpoint(llvm::StringRef path) const;
  /// Marks a tensor as known, though it is not used.
  void ignore(llvm::StringRef path);

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
  std::string prefix; // what names have in place of "<root>."
  llvm::StringMap<Entry> byName;
  std::vector<std::string> problems;
};

} // namespace optrun::decoder

#endif // OPTRUN_PASSES_CAPTURE_DECODER_WEIGHTS_H
