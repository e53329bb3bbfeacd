// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// Values for the inputs of a language model, the same for the same seed everywhere.

#ifndef OPTRUN_PASSES_VERIFY_INPUTGENERATOR_H
#define OPTRUN_PASSES_VERIFY_INPUTGENERATOR_H

#include "optrun/Analysis/InputShapes.h"

namespace optrun::verify {

/// One set of inputs: a tensor for each, by its name.
struct InputSet {
  std::string label; // "batch 2, sequence 5, past 3"
  std::vector<ir::TensorRef> tensors;
};

/// Set number \p index: indices spread over the tables' rows, masks with padding on the left that
/// differs between rows, positions that count the tokens that are no padding, numbers between -1
/// and 1 elsewhere (0 or 1 for integers of unknown meaning). An error for element types without
/// numbers.
llvm::Expected<InputSet> generateInputs(llvm::ArrayRef<InputDescription> inputs,
                                        const InputExtents &extents, uint64_t seed, size_t index);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_INPUTGENERATOR_H
