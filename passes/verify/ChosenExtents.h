// SPDX-FileCopyrightText: The OptRun authors
// SPDX-License-Identifier: Apache-2.0
/// \file
/// The batch sizes and lengths at which a model is verified.

#ifndef OPTRUN_PASSES_VERIFY_CHOSENEXTENTS_H
#define OPTRUN_PASSES_VERIFY_CHOSENEXTENTS_H

#include "optrun/Analysis/InputShapes.h"

namespace optrun::verify {

/// \p count sets of extents that differ as much as the model lets them; \p ownPositions is
/// countOwnPositions() of it.
std::vector<InputExtents> chooseExtents(llvm::ArrayRef<InputDescription> inputs,
                                        std::optional<int64_t> ownPositions, size_t count);

} // namespace optrun::verify

#endif // OPTRUN_PASSES_VERIFY_CHOSENEXTENTS_H
