// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Shapes for the inputs of a language model at a given batch size, sequence length and number of
/// cached tokens: consistent over inputs, honouring fixed dimensions.

#ifndef OPTRUN_ANALYSIS_INPUTSHAPES_H
#define OPTRUN_ANALYSIS_INPUTSHAPES_H

#include "optrun/Analysis/DimensionExpression.h"
#include "optrun/Analysis/InputDescription.h"

namespace optrun {

/// What one run of the model is given.
struct InputExtents {
  int64_t batch = 1;
  int64_t sequence = 1;
  int64_t past = 0; // tokens before the sequence, in the KV cache

  /// Saturates: a model may fix either to any extent.
  int64_t total() const;
  /// "batch 2, sequence 5, past 3"
  std::string print() const;
  bool operator==(const InputExtents &) const = default;
};

/// The nearest to \p wanted that the model takes: a fixed dimension holds, past is 0 without a KV
/// cache, and positions stay inside the tables that the inputs select from, and below
/// \p ownPositions (countOwnPositions()).
InputExtents fitExtents(llvm::ArrayRef<InputDescription> inputs, const InputExtents &wanted,
                        std::optional<int64_t> ownPositions = std::nullopt);

/// Inputs with all their dimensions known.
struct BoundInputs {
  std::vector<ir::Tensor::Dims> shapes; // of each input
  SymbolTable symbols;                  // the values of all symbols among the inputs' dimensions
  /// "axis 2 of 'pixel_values' (height)": dimensions whose meaning neither role nor name tells.
  std::vector<std::string> unexplained;
};

/// Symbols get their value from what inputs mean (axis 1 of token ids is the sequence), then from
/// their names, so that equal symbols agree and exporters that name the same dimension differently
/// for each input are served too. Sums of symbols are computed. What remains is \p otherwise.
BoundInputs bindInputs(llvm::ArrayRef<InputDescription> inputs, const InputExtents &extents,
                       int64_t otherwise);

/// The value of a dimension of any value of the model, as its type states it: computed from the
/// symbols of the inputs, else told by its name ("total_sequence_length"). nullopt for others.
std::optional<int64_t> evaluateDimension(llvm::StringRef text, const BoundInputs &inputs,
                                         const InputExtents &extents);

} // namespace optrun

#endif // OPTRUN_ANALYSIS_INPUTSHAPES_H
