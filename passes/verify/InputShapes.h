// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes for the inputs of a run: consistent over inputs, honouring fixed dimensions.

#ifndef OPTRUN_PASSES_VERIFY_INPUTSHAPES_H
#define OPTRUN_PASSES_VERIFY_INPUTSHAPES_H

#include "InputDescription.h"

namespace optrun::verify {

/// The extents of one set of inputs.
struct SetExtents {
  int64_t batch = 1;
  int64_t sequence = 1;
  int64_t past = 0; // tokens before the sequence, in the KV cache

  int64_t total() const { return past + sequence; }
  /// "batch 2, sequence 5, past 3"
  std::string print() const;
  bool operator==(const SetExtents &) const = default;
};

/// \p count sets that differ as much as the model lets them: a fixed dimension holds for all, past
/// is 0 without a KV cache, and positions stay inside the tables that the inputs select from.
std::vector<SetExtents> chooseExtents(llvm::ArrayRef<InputDescription> inputs, size_t count);

/// The shape of each input. Symbols get their value from what inputs mean (axis 1 of token ids is
/// the sequence), then from their names, so that equal symbols agree and exporters that name the
/// same dimension differently for each input are served too. Sums of symbols are computed.
std::vector<ir::Tensor::Dims> resolveShapes(llvm::ArrayRef<InputDescription> inputs,
                                            const SetExtents &extents);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_INPUTSHAPES_H
